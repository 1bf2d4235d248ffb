import type { ServiceControlAction } from '@trustline/provisioning';
import type { CallEvent } from '../call/phone-call.ts';

/** What a phone of any protocol wants done, and what it has to say. */
export type SoftphoneOutput =
  /** Open a connection to the manager; `connected` or `connectionFailed` answers. */
  | { readonly kind: 'connect' }
  /** The connection is lost; a new one is asked for. What becomes of calls is said of each. */
  | { readonly kind: 'disconnected' }
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
