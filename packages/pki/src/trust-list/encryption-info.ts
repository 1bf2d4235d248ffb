import { breakRule, digestCodes, digestOf, fieldsWithin, numberOf, required, type Tlv, TlvWriter } from './tlv.ts';
import type { EncryptionInfo, ListDigest } from './types.ts';

const ENCRYPTION_INFO = 16;
const IV_INFO = 17;
const IV_FORMAT = 18;
const INITIALIZATION_VECTOR = 19;
const PADDING_LENGTH = 20;
const KEY_INFO = 21;
const KEY_FORMAT = 22;
const KEY_SIZE = 23;
const KEY_ALGORITHM = 24;
const WRAPPED_KEY = 25;
const HASH_ALGORITHM = 26;
const HASH = 27;

/** Fields 18 and 22 were only ever seen to be 0, and what they mean is not known. */
const FORMAT = 0;
/** Field 24 was only ever seen to be 1: AES, it is believed. */
const AES = 1;

const BLOCK = 16;
const hashLengths: Readonly<Record<ListDigest, number>> = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 };

/** The encryption of a file, from the three fields that say it; all are there, or none. */
export function encryptionOf(
  octets: Uint8Array,
  header: ReadonlyMap<number, Tlv>,
  headerLength: number,
): EncryptionInfo | undefined {
  if (![ENCRYPTION_INFO, HASH_ALGORITHM, HASH].some((tag) => header.has(tag))) return undefined;
  const info = required(header, ENCRYPTION_INFO, 'ENCRYPTION_INFO', headerLength);
  const [ivInfo, keyInfo] = exactly(octets, info, [IV_INFO, KEY_INFO]);
  const [ivFormat, iv, padding] = exactly(octets, ivInfo, [IV_FORMAT, INITIALIZATION_VECTOR, PADDING_LENGTH]);
  const [keyFormat, size, algorithm, key] = exactly(octets, keyInfo, [
    KEY_FORMAT,
    KEY_SIZE,
    KEY_ALGORITHM,
    WRAPPED_KEY,
  ]);
  expectNumber(ivFormat, FORMAT);
  expectNumber(keyFormat, FORMAT);
  expectNumber(algorithm, AES);
  if (iv.value.byteLength !== BLOCK) breakRule('encryption', iv.offset, `the IV has ${iv.value.byteLength} octets`);
  const paddingLength = numberOf(padding, 2);
  if (paddingLength < 1 || paddingLength > BLOCK) {
    breakRule('encryption', padding.offset, `${paddingLength} octets of padding are announced`);
  }
  if (numberOf(size, 2) !== key.value.byteLength * 8) {
    breakRule('encryption', size.offset, 'the wrapped key is not as long as KEY_SIZE says');
  }
  const hash = digestOf(required(header, HASH_ALGORITHM, 'HASH_ALGORITHM', headerLength));
  const plainHash = required(header, HASH, 'HASH', headerLength);
  if (plainHash.value.byteLength !== hashLengths[hash]) {
    breakRule('encryption', plainHash.offset, `a hash of ${plainHash.value.byteLength} octets is not ${hash}`);
  }
  return {
    initializationVector: iv.value,
    paddingLength,
    wrappedKey: key.value,
    hash,
    plainHash: plainHash.value,
  };
}

/** The fields of a container, which holds these tags in this order and nothing else. */
function exactly<const Tags extends readonly number[]>(
  octets: Uint8Array,
  container: Tlv,
  tags: Tags,
): { [Index in keyof Tags]: Tlv } {
  const start = container.offset + 3;
  const fields = fieldsWithin(octets, start, start + container.value.byteLength);
  if (fields.length !== tags.length || fields.some(({ tag }, at) => tag !== tags[at])) {
    breakRule('encryption', container.offset, `field ${container.tag} does not hold fields ${tags.join(', ')}`);
  }
  return fields as unknown as { [Index in keyof Tags]: Tlv };
}

function expectNumber(field: Tlv, expected: number): void {
  const found = numberOf(field, 1);
  if (found !== expected) breakRule('encryption', field.offset, `field ${field.tag} is ${found}, not ${expected}`);
}

/** Writes one of the three fields. */
export function writeEncryption(writer: TlvWriter, encryption: EncryptionInfo, tag: number): void {
  if (tag === HASH_ALGORITHM) writer.number(tag, digestCodes[encryption.hash], 1);
  else if (tag === HASH) writer.field(tag, encryption.plainHash);
  else writer.field(tag, encryptionInfo(encryption));
}

function encryptionInfo({ initializationVector, paddingLength, wrappedKey }: EncryptionInfo): Uint8Array {
  const ivInfo = new TlvWriter()
    .number(IV_FORMAT, FORMAT, 1)
    .field(INITIALIZATION_VECTOR, initializationVector)
    .number(PADDING_LENGTH, paddingLength, 2);
  const keyInfo = new TlvWriter()
    .number(KEY_FORMAT, FORMAT, 1)
    .number(KEY_SIZE, wrappedKey.byteLength * 8, 2)
    .number(KEY_ALGORITHM, AES, 1)
    .field(WRAPPED_KEY, wrappedKey);
  return new TlvWriter().field(IV_INFO, ivInfo.finish()).field(KEY_INFO, keyInfo.finish()).finish();
}
