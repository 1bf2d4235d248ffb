import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MultimediaSystemControlMessage } from '../src/generated/h245.types.ts';
import {
  decodeCallSignalling,
  decodeH245,
  decodeSrtpKey,
  encodeCallSignalling,
  fastStartCodec,
  type H323Error,
  h245Codec,
  type PerCodec,
  rasCodec,
  schema,
  supplementaryServiceCodec,
} from '../src/index.ts';

const codecs: readonly PerCodec<unknown>[] = [
  schema.codec('H323-MESSAGES', 'H323-UserInformation'),
  rasCodec as PerCodec<unknown>,
  h245Codec as PerCodec<unknown>,
  fastStartCodec as PerCodec<unknown>,
  supplementaryServiceCodec as PerCodec<unknown>,
  schema.codec('H235-SRTP', 'SrtpKeys'),
  schema.codec('H235-SECURITY-MESSAGES', 'H235Key'),
];
const CALL_SIGNALLING = codecs.length;
const typesOfVectors: Readonly<Record<string, number>> = {
  'H323-UserInformation': 0,
  RasMessage: 1,
  MultimediaSystemControlMessage: 2,
  OpenLogicalChannel: 3,
  SrtpKeys: 5,
  H235Key: 6,
};

/** The vectors, each behind the number of its codec; those of call signalling as whole Q.931 messages too. */
export function corpus(): Uint8Array[] {
  const path = join(import.meta.dirname, '../vectors/messages.json');
  const vectors = JSON.parse(readFileSync(path, 'utf8')) as { type: string; hex: string }[];
  return vectors.flatMap(({ type, hex }) => {
    const octets = Buffer.from(hex, 'hex');
    const number = typesOfVectors[type];
    if (number === undefined) return [];
    if (number !== 0) return [Uint8Array.of(number, ...octets)];
    const length = octets.byteLength + 1;
    const q931 = [8, 2, 0, 1, 0x62, 0x28, 2, 0x41, 0, 0x7e, length >>> 8, length & 0xff, 5];
    return [Uint8Array.of(number, ...octets), Uint8Array.of(CALL_SIGNALLING, ...q931, ...octets)];
  });
}

/**
 * The first octet chooses what the rest is read as. It is refused with a place within it, or it is read, and what is read
 * can be written and read again as the same.
 */
export function fuzz(data: Uint8Array): void {
  const choice = (data[0] ?? 0) % (codecs.length + 1);
  const octets = data.slice(1);
  if (choice === CALL_SIGNALLING) {
    readCallSignalling(octets);
    return;
  }
  const codec = codecs[choice] as PerCodec<unknown>;
  const result = codec.decode(octets);
  if (!result.ok) {
    judge(result.error, octets.byteLength);
    return;
  }
  again(codec, result.value);
  if (codec === h245Codec) readKeys(result.value as MultimediaSystemControlMessage);
}

function readCallSignalling(octets: Uint8Array): void {
  const result = decodeCallSignalling(octets);
  if (!result.ok) {
    judge(result.error, octets.byteLength);
    return;
  }
  const { message } = result;
  const written = encodeCallSignalling(message);
  const second = decodeCallSignalling(written);
  if (!second.ok || Buffer.compare(encodeCallSignalling(second.message), written) !== 0) {
    throw new Error('a second round changed a message of call signalling');
  }
  for (const tunnelled of message.userInformation?.['h323-uu-pdu'].h245Control?.reveal() ?? []) {
    for (const one of decodeH245(tunnelled).messages) again(h245Codec, one);
  }
}

function readKeys(message: MultimediaSystemControlMessage): void {
  if (message.kind !== 'request' || message.value.kind !== 'openLogicalChannel') return;
  const { encryptionSync } = message.value.value;
  if (encryptionSync !== undefined) decodeSrtpKey(encryptionSync.h235Key);
}

function again<T>(codec: PerCodec<T>, value: T): void {
  const written = codec.encode(value);
  const second = codec.decode(written);
  if (!second.ok) throw new Error(`what was written is not read: ${second.error.message}`);
  if (Buffer.compare(codec.encode(second.value), written) !== 0) throw new Error('a second round changed it');
}

function judge({ code, offset }: H323Error, length: number): void {
  if (!code.startsWith('h323.') || offset === undefined || offset > length) throw new Error(`${code} at ${offset}`);
}
