import type { ServiceControlAction } from '@trustline/provisioning';
import type { CallEvent } from '../call/phone-call.ts';
import type { PhoneKey } from './phone-keys.ts';

/** What a phone that speaks Skinny wants done, and what it has to say. */
export type SkinnyOutput =
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  /** Open a connection to the manager; `connected` or `connectionFailed` answers. */
  | { readonly kind: 'connect' }
  /** Close the connection, after what was to be transmitted. */
  | { readonly kind: 'close' }
  /** The connection is lost, and its calls with it. A new connection is asked for. */
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'registered' }
  /** What its keys are for: all of them once it is registered, afterwards those that have changed. */
  | { readonly kind: 'keys'; readonly keys: readonly PhoneKey[] }
  | {
      readonly kind: 'registration-failed';
      readonly cause: 'rejected' | 'no-such-line' | 'closed' | 'no-answer' | 'protocol';
      readonly reason: string;
      readonly retryAt: number | undefined;
    }
  | { readonly kind: 'unregistered' }
  /** The manager wants the phone to fetch its files again. */
  | { readonly kind: 'service-control'; readonly action: ServiceControlAction }
  /** A call has come in and rings: answer or refuse it. */
  | {
      readonly kind: 'incoming';
      readonly call: string;
      readonly number: string;
      readonly displayName: string | undefined;
    }
  | { readonly kind: 'call'; readonly call: string; readonly event: CallEvent };
