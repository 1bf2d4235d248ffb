import type { SipFlow, SipHostPort } from '../flow.ts';
import type { TransactionTimers } from '../transaction/timers.ts';
import type { SipEndpointLimits } from './limits.ts';
import type { SipEndpointOutput } from './outputs.ts';

/** What both sides of an endpoint share. */
export interface EndpointContext {
  readonly random: (length: number) => Uint8Array;
  readonly sentBy: (flow: SipFlow) => SipHostPort;
  readonly timers: TransactionTimers;
  readonly limits: SipEndpointLimits;
  readonly emit: (output: SipEndpointOutput) => void;
}
