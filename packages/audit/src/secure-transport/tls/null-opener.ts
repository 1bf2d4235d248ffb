import type { OpenedRecord, RecordOpener } from './record-opener.ts';
import type { TlsRecord } from './record-splitter.ts';

/** Suites that encrypt nothing: behind the octets of a record stands their MAC, and no key is needed to read before it. */
export class NullOpener implements RecordOpener {
  readonly #macLength: number;
  readonly canVerify = false;

  constructor(macLength: number) {
    this.#macLength = macLength;
  }

  lose(): void {}

  open({ type, fragment }: TlsRecord, sequence: number): OpenedRecord | undefined {
    const length = fragment.byteLength - this.#macLength;
    return length < 0 ? undefined : { type, octets: fragment.subarray(0, length), sequence };
  }
}
