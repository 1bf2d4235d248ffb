import type { KeptCall } from '@trustline/callcontrol';
import type { CallRecord } from '@trustline/evidence';
import type { SipFlow } from '@trustline/sip';
import type { KeptSipLeg } from '../legs/sip/kept-leg.ts';

/** The version of the shape of what is kept; another one is not taken up. */
export const KEPT_STATE_SCHEMA = 1;

/** What is kept of one call, whole: it takes the place of what was kept of it before. */
export interface KeptState {
  readonly schema: typeof KEPT_STATE_SCHEMA;
  readonly id: string;
  /** Epoch milliseconds. */
  readonly keptAt: number;
  /** Absent for a call that is over. */
  readonly call?: KeptCall;
  /** The ends that talk; of a call that is over those that may not have heard of it. */
  readonly legs: readonly KeptSipLeg[];
  /** Of a call that is over, until its record is stored and its ends know. */
  readonly record?: CallRecord;
  /** Of a phone that rings, or calls and is not answered: what it is to be told; nothing else is kept then. */
  readonly ringing?: KeptRinging;
}

/** What is to be said to one phone of a call that rings. */
export interface KeptRinging {
  readonly device: string;
  readonly flow: Omit<SipFlow, 'id'>;
  /** The message, as text. */
  readonly message: string;
}

/** What the keeper of calls wants done. */
export type KeeperOutput =
  /** Before anything else is sent: whoever starts after this process goes on from there. */
  | { readonly kind: 'keep-call'; readonly state: KeptState }
  /** Every end of a call that is over knows it, or is not to be told. */
  | { readonly kind: 'call-settled'; readonly call: string };
