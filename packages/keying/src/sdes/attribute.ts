import type { Redacted } from '@trustline/base';
import type { SdesSuite } from './suites.ts';

/** One key parameter of the `inline` method (RFC 4568 §6.1). */
export interface SdesKey {
  /** Master key and master salt, concatenated as on the wire. */
  readonly material: Redacted<Uint8Array>;
  /** Packets the key may protect, undefined for the default of the suite. */
  readonly lifetime: number | undefined;
  /** Master key identifier in its full length, most significant octet first; undefined for none. */
  readonly mki: Uint8Array | undefined;
}

/** How a parameter's name was written, where not as RFC 4568 §6.3 does: another case, a dash before it. */
interface Spelled {
  readonly written?: string;
}

/** RFC 4568 §6.3. */
export type SdesSessionParameter =
  /** The rate is 2^`exponent`, 0 to 24. */
  | ({ readonly kind: 'key-derivation-rate'; readonly exponent: number } & Spelled)
  | ({ readonly kind: 'unencrypted-srtp' } & Spelled)
  | ({ readonly kind: 'unencrypted-srtcp' } & Spelled)
  | ({ readonly kind: 'unauthenticated-srtp' } & Spelled)
  | ({ readonly kind: 'fec-order'; readonly order: 'FEC_SRTP' | 'SRTP_FEC' } & Spelled)
  | ({ readonly kind: 'fec-key'; readonly keys: readonly SdesKey[] } & Spelled)
  | ({ readonly kind: 'window-size-hint'; readonly packets: number } & Spelled)
  /**
   * One this library does not know; only with `optional` (written with a leading `-`) it may be ignored. A name of
   * the kind `UNENCRYPTED…` or `UNAUTHENTICATED…` never may.
   */
  | { readonly kind: 'unknown'; readonly optional: boolean; readonly text: string };

/** One `a=crypto` attribute (RFC 4568 §4). */
export interface CryptoAttribute {
  readonly kind: 'crypto';
  /** 0 to 999,999,999. */
  readonly tag: number;
  /** The suite as it was written, which an answer repeats. */
  readonly suiteName: string;
  /** What is known about the suite; undefined for one never heard of. */
  readonly suite: SdesSuite | undefined;
  readonly keys: readonly [SdesKey, ...SdesKey[]];
  readonly sessionParameters: readonly SdesSessionParameter[];
}
