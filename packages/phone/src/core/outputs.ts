import type { ServiceControlAction } from '@trustline/provisioning';
import type { SipUserAgentOutput } from '@trustline/sip';
import type { CallEvent } from '../call/phone-call.ts';

/** What the phone wants done, and what it has to say. */
export type PhoneOutput =
  | Extract<SipUserAgentOutput, { readonly kind: 'transmit' }>
  /** Open a connection to the manager; `connected` or `connectionFailed` answers. */
  | { readonly kind: 'connect' }
  /** The connection is lost. Calls go on as far as their media goes; a new connection is asked for. */
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'registered'; readonly expires: number }
  /** Tried again by itself at `retryAt`; undefined: the manager has said no, and only `start` tries again. */
  | {
      readonly kind: 'registration-failed';
      readonly status: number;
      readonly reason: string;
      /** What whoever has the phone can do; undefined where the manager has not answered. */
      readonly nextStep: string | undefined;
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
