import type { SoftphoneOutput } from '../core/softphone-output.ts';
import type { PhoneKey } from './phone-keys.ts';

/** What a phone that speaks Skinny wants done, and what it has to say. Its calls are lost with the connection. */
export type SkinnyOutput =
  | SoftphoneOutput
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  /** Close the connection, after what was to be transmitted. */
  | { readonly kind: 'close' }
  | { readonly kind: 'registered' }
  /** What its keys are for: all of them once it is registered, afterwards those that have changed. */
  | { readonly kind: 'keys'; readonly keys: readonly PhoneKey[] }
  | {
      readonly kind: 'registration-failed';
      readonly cause: 'rejected' | 'no-such-line' | 'closed' | 'no-answer' | 'protocol';
      readonly reason: string;
      readonly retryAt: number | undefined;
    };
