import { type CipherCCMTypes, createDecipheriv } from 'node:crypto';
import { contentTypes } from './names.ts';
import type { CipherShape, DirectionKeys, OpenedRecord, RecordOpener } from './record-opener.ts';
import { plainOctets, writeSequence } from './record-opener.ts';
import type { TlsRecord } from './record-splitter.ts';

/** Ciphers that authenticate by themselves: of TLS 1.2 (RFC 5288, RFC 6655, RFC 7905) and all of TLS 1.3 (RFC 8446 §5.2). */
export class AeadOpener implements RecordOpener {
  readonly #shape: CipherShape;
  readonly #keys: DirectionKeys;
  readonly #isTls13: boolean;
  readonly canVerify = true;

  constructor(shape: CipherShape, keys: DirectionKeys, isTls13: boolean) {
    this.#shape = shape;
    this.#keys = keys;
    this.#isTls13 = isTls13;
  }

  lose(): void {}

  open(record: TlsRecord, sequence: number, span: number): OpenedRecord | undefined {
    const { recordIvLength, tagLength } = this.#shape;
    if (record.fragment.byteLength < recordIvLength + tagLength) return undefined;
    if (this.#isTls13 && record.type !== contentTypes.applicationData) return undefined;
    for (let tried = sequence; tried < sequence + span; tried++) {
      const octets = this.#openAs(record, tried);
      if (octets === undefined) continue;
      return this.#isTls13 ? innerOf(octets, tried) : { type: record.type, octets, sequence: tried };
    }
    return undefined;
  }

  #openAs({ type, version, fragment, header }: TlsRecord, sequence: number): Uint8Array | undefined {
    const { openssl, recordIvLength, tagLength } = this.#shape;
    const sealed = fragment.subarray(recordIvLength, fragment.byteLength - tagLength);
    const additional = this.#isTls13 ? header : additionalData(type, version, sealed.byteLength, sequence);
    const nonce = nonceOf(this.#keys.iv, fragment.subarray(0, recordIvLength), sequence);
    try {
      // The others take what CCM must be told, too.
      const decipher = createDecipheriv(openssl as CipherCCMTypes, this.#keys.key, nonce, { authTagLength: tagLength });
      decipher.setAuthTag(fragment.subarray(fragment.byteLength - tagLength));
      decipher.setAAD(additional, { plaintextLength: sealed.byteLength });
      const octets = plainOctets(decipher.update(sealed));
      decipher.final();
      return octets;
    } catch {
      return undefined; // it does not verify
    }
  }
}

/** RFC 5246 §6.2.3.3. */
function additionalData(type: number, version: number, length: number, sequence: number): Uint8Array {
  const octets = new Uint8Array(13);
  const view = new DataView(octets.buffer);
  writeSequence(view, 0, sequence);
  view.setUint8(8, type);
  view.setUint16(9, version);
  view.setUint16(11, length);
  return octets;
}

/** What is fixed and what the record brings; where it brings nothing, the fixed part with the number of the record. */
function nonceOf(fixed: Uint8Array, explicit: Uint8Array, sequence: number): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(fixed);
  if (explicit.byteLength > 0) {
    nonce.set(explicit, fixed.byteLength);
    return nonce;
  }
  const number = new Uint8Array(8);
  writeSequence(new DataView(number.buffer), 0, sequence);
  for (const [at, octet] of number.entries()) nonce[4 + at] = (nonce[4 + at] ?? 0) ^ octet;
  return nonce;
}

/** RFC 8446 §5.4: the content, its type, and zeros behind. */
export function innerOf(octets: Uint8Array, sequence: number): OpenedRecord | undefined {
  let end = octets.byteLength;
  while (end > 0 && octets[end - 1] === 0) end--;
  if (end === 0) return undefined;
  return { type: octets[end - 1] ?? 0, octets: octets.subarray(0, end - 1), sequence };
}
