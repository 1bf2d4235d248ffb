import { ByteReader, ByteWriter, TrustlineError } from '@trustline/base';

/** An option of a request or of its acknowledgement (RFC 2347). Names are compared without regard to case. */
export interface TftpOption {
  readonly name: string;
  readonly value: string;
}

/** RFC 1350 §5: a request to read or to write a file. Text is Latin-1, so that every octet but NUL survives. */
export interface TftpRequest {
  readonly kind: 'read-request' | 'write-request';
  readonly fileName: string;
  /** As it was sent: `octet`, `NetASCII`, … */
  readonly mode: string;
  readonly options: readonly TftpOption[];
}

export interface TftpData {
  readonly kind: 'data';
  /** 0 to 65,535; it wraps in long files. */
  readonly block: number;
  readonly data: Uint8Array;
}

export interface TftpAcknowledgement {
  readonly kind: 'acknowledgement';
  readonly block: number;
}

export interface TftpErrorPacket {
  readonly kind: 'error';
  readonly code: number;
  readonly message: string;
}

export interface TftpOptionAcknowledgement {
  readonly kind: 'option-acknowledgement';
  readonly options: readonly TftpOption[];
}

export type TftpPacket = TftpRequest | TftpData | TftpAcknowledgement | TftpErrorPacket | TftpOptionAcknowledgement;

/** Why octets are no TFTP packet, and where that shows. */
export interface TftpReject {
  readonly reason: 'too-short' | 'unknown-opcode' | 'missing-text' | 'empty-name' | 'repeated-option' | 'too-long';
  readonly offset: number;
}

export type TftpDecoded =
  | { readonly ok: true; readonly packet: TftpPacket }
  | { readonly ok: false; readonly reject: TftpReject };

/** RFC 1350 §5 and its appendix; 8 is that of RFC 2347. */
export const tftpErrorCode = {
  notDefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransferId: 5,
  fileExists: 6,
  noSuchUser: 7,
  optionsRefused: 8,
} as const;

const opcodes = { readRequest: 1, writeRequest: 2, data: 3, acknowledgement: 4, error: 5, optionAcknowledgement: 6 };

/** RFC 2347: a request is no longer than 512 octets; nor is an acknowledgement of its options. */
const longestText = 512;

/** RFC 2348: the largest block, and the four octets before it. */
const longestPacket = 65_464 + 4;

/** Reads one datagram. The data of a DATA packet is a view of it. */
export function decodeTftpPacket(bytes: Uint8Array): TftpDecoded {
  if (bytes.byteLength > longestPacket) return rejected('too-long', longestPacket);
  // The shortest packet of all is an ACK, or a DATA without data.
  if (bytes.byteLength < 4) return rejected('too-short', bytes.byteLength);
  const reader = new ByteReader(bytes);
  const opcode = reader.u16();
  switch (opcode) {
    case opcodes.readRequest:
    case opcodes.writeRequest:
      return decodeRequest(opcode === opcodes.readRequest ? 'read-request' : 'write-request', bytes);
    case opcodes.data:
      return accepted({ kind: 'data', block: reader.u16(), data: reader.take(reader.remaining) });
    case opcodes.acknowledgement:
      return accepted({ kind: 'acknowledgement', block: reader.u16() });
    case opcodes.error: {
      const code = reader.u16();
      // Some programs leave out the NUL behind the message: it is read to the end.
      return accepted({ kind: 'error', code, message: textBefore(bytes, 4)?.text ?? latin1(bytes.subarray(4)) });
    }
    case opcodes.optionAcknowledgement: {
      if (bytes.byteLength > longestText) return rejected('too-long', longestText);
      const options = decodeOptions(bytes, 2);
      return options.ok ? accepted({ kind: 'option-acknowledgement', options: options.options }) : options;
    }
    default:
      return rejected('unknown-opcode', 0);
  }
}

/**
 * Writes one packet.
 *
 * @throws {TrustlineError} `provisioning.unwritable-tftp-packet` when a text holds NUL or a character beyond Latin-1,
 *   a name is empty, an option comes twice, a number does not fit, or the packet would be too long.
 */
export function encodeTftpPacket(packet: TftpPacket): Uint8Array {
  const writer = new ByteWriter(packet.kind === 'data' ? packet.data.byteLength + 4 : 64);
  switch (packet.kind) {
    case 'read-request':
    case 'write-request':
      writer.u16(packet.kind === 'read-request' ? opcodes.readRequest : opcodes.writeRequest);
      if (packet.fileName === '' || packet.mode === '') throw unwritable('a request needs a file name and a mode');
      writeText(writer, packet.fileName);
      writeText(writer, packet.mode);
      writeOptions(writer, packet.options);
      break;
    case 'data':
      writer.u16(opcodes.data).u16(checkedNumber(packet.block)).bytes(packet.data);
      if (writer.length > longestPacket) throw unwritable('a block holds 65,464 octets at most');
      break;
    case 'acknowledgement':
      writer.u16(opcodes.acknowledgement).u16(checkedNumber(packet.block));
      break;
    case 'error':
      writer.u16(opcodes.error).u16(checkedNumber(packet.code));
      writeText(writer, packet.message);
      break;
    case 'option-acknowledgement':
      writer.u16(opcodes.optionAcknowledgement);
      // An acknowledgement of nothing is sent by nobody, and too short to be read.
      if (packet.options.length === 0) throw unwritable('an acknowledgement names at least one option');
      writeOptions(writer, packet.options);
      break;
  }
  if (packet.kind !== 'data' && writer.length > longestText) throw unwritable('the packet is longer than 512 octets');
  return writer.finish();
}

function decodeRequest(kind: TftpRequest['kind'], bytes: Uint8Array): TftpDecoded {
  if (bytes.byteLength > longestText) return rejected('too-long', longestText);
  const fileName = textBefore(bytes, 2);
  if (fileName === undefined) return rejected('missing-text', 2);
  if (fileName.text === '') return rejected('empty-name', 2);
  const mode = textBefore(bytes, fileName.end);
  if (mode === undefined) return rejected('missing-text', fileName.end);
  if (mode.text === '') return rejected('empty-name', fileName.end);
  const options = decodeOptions(bytes, mode.end);
  if (!options.ok) return options;
  return accepted({ kind, fileName: fileName.text, mode: mode.text, options: options.options });
}

type DecodedOptions =
  | { readonly ok: true; readonly options: readonly TftpOption[] }
  | { readonly ok: false; readonly reject: TftpReject };

function decodeOptions(bytes: Uint8Array, from: number): DecodedOptions {
  const options: TftpOption[] = [];
  const names = new Set<string>();
  let at = from;
  while (at < bytes.byteLength) {
    const name = textBefore(bytes, at);
    if (name === undefined) return rejected('missing-text', at);
    if (name.text === '') {
      // Loaders pad a request to a fixed length with zeros, which end its options.
      if (bytes.subarray(at).every((octet) => octet === 0)) break;
      return rejected('empty-name', at);
    }
    const value = textBefore(bytes, name.end);
    if (value === undefined) return rejected('missing-text', name.end);
    const folded = name.text.toLowerCase();
    if (names.has(folded)) return rejected('repeated-option', at); // RFC 2347: an option is given once
    names.add(folded);
    options.push({ name: name.text, value: value.text });
    at = value.end;
  }
  if (options.length === 0 && from === 2) return rejected('empty-name', from);
  return { ok: true, options };
}

/** The text up to the next NUL, and where what follows begins. */
function textBefore(bytes: Uint8Array, from: number): { readonly text: string; readonly end: number } | undefined {
  const end = bytes.indexOf(0, from);
  return end === -1 ? undefined : { text: latin1(bytes.subarray(from, end)), end: end + 1 };
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
}

function writeOptions(writer: ByteWriter, options: readonly TftpOption[]): void {
  const names = new Set(options.map(({ name }) => name.toLowerCase()));
  if (names.size !== options.length) throw unwritable('an option is given twice');
  for (const { name, value } of options) {
    if (name === '') throw unwritable('an option needs a name');
    writeText(writer, name);
    writeText(writer, value);
  }
}

function writeText(writer: ByteWriter, text: string): void {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0 || code > 255) throw unwritable('a text holds NUL or a character beyond Latin-1');
    writer.u8(code);
  }
  writer.u8(0);
}

function checkedNumber(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw unwritable(`${value} is not a 16-bit number`);
  return value;
}

function unwritable(what: string): TrustlineError {
  return new TrustlineError('provisioning.unwritable-tftp-packet', `This TFTP packet cannot be written: ${what}`);
}

function accepted(packet: TftpPacket): TftpDecoded {
  return { ok: true, packet };
}

function rejected(reason: TftpReject['reason'], offset: number): { readonly ok: false; readonly reject: TftpReject } {
  return { ok: false, reject: { reason, offset } };
}
