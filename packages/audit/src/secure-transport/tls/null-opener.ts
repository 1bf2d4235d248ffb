import { innerOf } from './aead-opener.ts';
import type { OpenedRecord, RecordOpener } from './record-opener.ts';
import type { TlsRecord } from './record-splitter.ts';

/** Suites that encrypt nothing: behind the octets of a record stands their MAC, and no key is needed to read before it. */
export class NullOpener implements RecordOpener {
  readonly #macLength: number;
  readonly #isTls13: boolean;
  readonly canVerify = false;

  /** `isTls13`: the suites of RFC 9150, whose records are laid out as all of TLS 1.3. */
  constructor(macLength: number, isTls13: boolean) {
    this.#macLength = macLength;
    this.#isTls13 = isTls13;
  }

  lose(): void {}

  open({ type, fragment }: TlsRecord, sequence: number): OpenedRecord | undefined {
    const length = fragment.byteLength - this.#macLength;
    if (length < 0) return undefined;
    const octets = fragment.subarray(0, length);
    return this.#isTls13 ? innerOf(octets, sequence) : { type, octets, sequence };
  }
}
