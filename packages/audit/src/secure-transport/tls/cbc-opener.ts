import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { CipherShape, DirectionKeys, OpenedRecord, RecordOpener } from './record-opener.ts';
import { plainOctets, writeSequence } from './record-opener.ts';
import type { TlsRecord } from './record-splitter.ts';

export interface CbcTerms {
  /** The hash of the MAC as `node:crypto` names it. */
  readonly hash: string;
  readonly macLength: number;
  /** TLS 1.0: a record begins where the cipher text before it ended. Later ones bring their own (RFC 4346 §6.2.3.2). */
  readonly hasImplicitIv: boolean;
  /** RFC 7366. */
  readonly encryptThenMac: boolean;
}

/** Block ciphers with a MAC (RFC 5246 §6.2.3.2). */
export class CbcOpener implements RecordOpener {
  readonly #shape: CipherShape;
  readonly #keys: DirectionKeys;
  readonly #terms: CbcTerms;
  /** Of TLS 1.0, undefined where the record before was not seen. */
  #iv: Uint8Array | undefined;

  constructor(shape: CipherShape, keys: DirectionKeys, terms: CbcTerms) {
    this.#shape = shape;
    this.#keys = keys;
    this.#terms = terms;
    this.#iv = keys.iv;
  }

  get canVerify(): boolean {
    return this.#iv !== undefined;
  }

  lose(): void {
    if (this.#terms.hasImplicitIv) this.#iv = undefined;
  }

  open(record: TlsRecord, sequence: number, span: number): OpenedRecord | undefined {
    const { encryptThenMac, macLength, hasImplicitIv } = this.#terms;
    const block = this.#shape.recordIvLength;
    const tagAt = record.fragment.byteLength - (encryptThenMac ? macLength : 0);
    const sealed = record.fragment.subarray(hasImplicitIv ? 0 : block, Math.max(0, tagAt));
    const iv = hasImplicitIv ? this.#iv : record.fragment.subarray(0, block);
    if (sealed.byteLength === 0 || sealed.byteLength % block !== 0) return undefined;
    if (hasImplicitIv) this.#iv = sealed.slice(-block);
    const plain = iv === undefined ? undefined : this.#decrypt(sealed, iv);
    const padding = (plain?.at(-1) ?? 0) + 1;
    if (plain === undefined || padding > plain.byteLength || !isPadding(plain, padding)) return undefined;
    const end = plain.byteLength - padding - (encryptThenMac ? 0 : macLength);
    const tag = encryptThenMac ? record.fragment.subarray(tagAt) : plain.subarray(Math.max(0, end), end + macLength);
    const covered = encryptThenMac ? record.fragment.subarray(0, tagAt) : plain.subarray(0, Math.max(0, end));
    const found = end < 0 ? undefined : this.#numberThatVerifies(record, covered, tag, sequence, span);
    return found === undefined ? undefined : { type: record.type, octets: plain.subarray(0, end), sequence: found };
  }

  #decrypt(sealed: Uint8Array, iv: Uint8Array): Uint8Array | undefined {
    try {
      const decipher = createDecipheriv(this.#shape.openssl, this.#keys.key, iv).setAutoPadding(false);
      const octets = plainOctets(decipher.update(sealed));
      decipher.final();
      return octets;
    } catch {
      return undefined;
    }
  }

  #numberThatVerifies(
    { type, version }: TlsRecord,
    covered: Uint8Array,
    tag: Uint8Array,
    sequence: number,
    span: number,
  ): number | undefined {
    const head = new Uint8Array(13);
    const view = new DataView(head.buffer);
    view.setUint8(8, type);
    view.setUint16(9, version);
    view.setUint16(11, covered.byteLength);
    for (let tried = sequence; tried < sequence + span; tried++) {
      writeSequence(view, 0, tried);
      const mac = createHmac(this.#terms.hash, this.#keys.mac).update(head).update(covered).digest();
      if (timingSafeEqual(mac.subarray(0, tag.byteLength), tag)) return tried;
    }
    return undefined;
  }
}

/** Each octet of the padding is its length without the last. */
function isPadding(plain: Uint8Array, length: number): boolean {
  return plain.subarray(plain.byteLength - length).every((octet) => octet === length - 1);
}
