import type { SipError } from '../error.ts';
import type { SipFlow } from '../flow.ts';
import type { SipMessage } from '../message/types.ts';
import type { FlowCloseReason } from './events.ts';

/** What a flow tells the hub that owns it. */
export interface FlowOwner {
  message(flow: SipFlow, message: SipMessage): void;
  badMessage(flow: SipFlow, error: SipError): void;
  closed(flow: SipFlow, reason: FlowCloseReason): void;
}

/** One open flow, whatever carries it. */
export interface OpenFlow {
  readonly flow: SipFlow;
  /** False when the octets could not be taken and the flow is closing. */
  send(bytes: Uint8Array): boolean;
  close(reason: FlowCloseReason): void;
  /** Looks after its timeouts; called about once a second with monotonic milliseconds. */
  inspect(now: number): void;
}
