/** Head of one frame (RFC 6455 §5.2). */
export interface FrameHead {
  readonly isFinal: boolean;
  /** RSV1: of a first frame, that its message is compressed (RFC 7692 §6). */
  readonly isCompressed: boolean;
  readonly opcode: number;
  readonly mask: Uint8Array | undefined;
  /** Octets before the payload. */
  readonly headLength: number;
  readonly payloadLength: number;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const LONGEST_CONTROL_PAYLOAD = 125;

/** Reads the head of the frame that begins at `at`; `more` where it does not end before `end`, `none` where it is none. */
export function readFrameHead(octets: Uint8Array, at: number, end: number): FrameHead | 'more' | 'none' {
  if (end - at < 2) return 'more';
  const [first = 0, second = 0] = [octets[at], octets[at + 1]];
  const opcode = first & 0x0f;
  const isControl = opcode >= opcodes.close;
  if ((first & 0x30) !== 0 || (opcode > opcodes.binary && !isControl) || opcode > opcodes.pong) return 'none';
  const isFinal = (first & 0x80) !== 0;
  const short = second & 0x7f;
  if (isControl && (!isFinal || short > LONGEST_CONTROL_PAYLOAD)) return 'none';
  const lengthOctets = short === 126 ? 2 : short === 127 ? 8 : 0;
  const isMasked = (second & 0x80) !== 0;
  const headLength = 2 + lengthOctets + (isMasked ? 4 : 0);
  if (end - at < headLength) return 'more';
  const view = new DataView(octets.buffer, octets.byteOffset + at, headLength);
  let payloadLength = short;
  if (lengthOctets === 2) payloadLength = view.getUint16(2);
  if (lengthOctets === 8) payloadLength = view.getUint32(2) * 2 ** 32 + view.getUint32(6);
  if (!Number.isSafeInteger(payloadLength)) return 'none';
  return {
    isFinal,
    isCompressed: (first & 0x40) !== 0,
    opcode,
    mask: isMasked ? octets.slice(at + 2 + lengthOctets, at + headLength) : undefined,
    headLength,
    payloadLength,
  };
}

/** The payload in the clear, a copy; of a frame that is cut, what there is. */
export function unmasked(octets: Uint8Array, mask: Uint8Array | undefined): Uint8Array {
  const payload = octets.slice();
  if (mask !== undefined)
    for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
  return payload;
}
