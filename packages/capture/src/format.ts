import type { CapturedPacket, CaptureItem } from './item.ts';
import type { TakenPacket } from './packet-at-hand.ts';

/** The largest packet or block that is read; what claims to be larger is taken for garbage, as other tools do. */
export const MAXIMUM_BLOCK_LENGTH = 16 * 1024 * 1024;

/** What a parser makes of the octets at hand: octets taken, a wish for more, or a refusal. */
export type Parsed =
  /** `item` is undefined where octets were taken that say nothing to a reader. */
  | { readonly kind: 'taken'; readonly length: number; readonly item: Exclude<CaptureItem, CapturedPacket> | undefined }
  /** The octets of a packet were taken; the same object is given for the next. */
  | Readonly<TakenPacket>
  /** At least so many octets, from the same start, are needed to go on. */
  | { readonly kind: 'more'; readonly length: number }
  | { readonly kind: 'malformed'; readonly sentence: string };

/** One file format, read step by step. */
export interface FormatParser {
  /** Of the octets at hand those from `at` on were not yet taken; `view` is of the same ones. */
  parse(bytes: Uint8Array, view: DataView, at: number): Parsed;
}
