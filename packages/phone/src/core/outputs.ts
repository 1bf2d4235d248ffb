import type { SipUserAgentOutput } from '@trustline/sip';
import type { SoftphoneOutput } from './softphone-output.ts';

/** What a phone that speaks SIP wants done, and what it has to say. Calls go on as far as their media goes when the connection is lost. */
export type PhoneOutput =
  | SoftphoneOutput
  | Extract<SipUserAgentOutput, { readonly kind: 'transmit' }>
  | { readonly kind: 'registered'; readonly expires: number }
  /** Tried again by itself at `retryAt`; undefined: the manager has said no, and only `start` tries again. */
  | {
      readonly kind: 'registration-failed';
      readonly status: number;
      readonly reason: string;
      /** What whoever has the phone can do; undefined where the manager has not answered. */
      readonly nextStep: string | undefined;
      readonly retryAt: number | undefined;
    };
