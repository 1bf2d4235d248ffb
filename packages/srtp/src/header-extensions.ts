import type { PacketEncryption } from './counter-mode-hmac.ts';
import { readUint16 } from './octets.ts';

/** Profile of one-byte header extensions (RFC 8285 §4.2). */
export const ONE_BYTE_PROFILE = 0xbede;
/** Two-byte header extensions: 0x100 and four application bits (RFC 8285 §4.3). */
export const TWO_BYTE_PROFILE = 0x1000;

/** Where the header extension of an RTP packet is; undefined when it has none. The packet was found well-formed. */
export function headerExtensionAt(packet: Uint8Array): number | undefined {
  const first = packet[0] as number;
  return first & 0x10 ? 12 + 4 * (first & 0x0f) : undefined;
}

/**
 * Encrypts or decrypts, in place, the header extension elements with these identifiers: their data, not their identifiers
 * and lengths. The keystream runs over the whole body of the extension; what is not encrypted skips its part of it.
 *
 * @see RFC 6904 §3.1 and §4
 */
export function cryptHeaderExtensions(
  packet: Uint8Array,
  identifiers: ReadonlySet<number>,
  encryption: PacketEncryption,
  ssrc: number,
  index: number,
): void {
  const extension = headerExtensionAt(packet);
  if (extension === undefined) return;
  const from = extension + 4;
  const length = 4 * readUint16(packet, extension + 2);
  if (length === 0) return;
  const keystream = new Uint8Array(length);
  encryption.crypt(keystream, 0, length, keystream, ssrc, index);
  const profile = readUint16(packet, extension);
  const body = packet.subarray(from, from + length);
  if (profile === ONE_BYTE_PROFILE) cryptOneByte(body, identifiers, keystream);
  else if ((profile & 0xfff0) === TWO_BYTE_PROFILE) cryptTwoByte(body, identifiers, keystream);
  keystream.fill(0);
}

/** RFC 8285 §4.2: identifier and length − 1 in one octet; 0 is padding, 15 ends the list. */
function cryptOneByte(body: Uint8Array, identifiers: ReadonlySet<number>, keystream: Uint8Array): void {
  for (let at = 0; at < body.byteLength; ) {
    const head = body[at++] as number;
    const identifier = head >> 4;
    if (identifier === 0) continue;
    if (identifier === 15) return;
    const end = Math.min(at + (head & 0x0f) + 1, body.byteLength);
    if (identifiers.has(identifier)) xorBetween(body, at, end, keystream);
    at = end;
  }
}

/** RFC 8285 §4.3: identifier, length, data; 0 is padding of one octet. */
function cryptTwoByte(body: Uint8Array, identifiers: ReadonlySet<number>, keystream: Uint8Array): void {
  for (let at = 0; at + 1 < body.byteLength; ) {
    const identifier = body[at++] as number;
    if (identifier === 0) continue;
    const length = body[at++] as number;
    const end = Math.min(at + length, body.byteLength);
    if (identifiers.has(identifier)) xorBetween(body, at, end, keystream);
    at = end;
  }
}

function xorBetween(body: Uint8Array, from: number, to: number, keystream: Uint8Array): void {
  for (let at = from; at < to; at++) body[at] = (body[at] as number) ^ (keystream[at] as number);
}
