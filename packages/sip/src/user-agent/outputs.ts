import type { ClientTransactionId, ServerTransactionId, TransmitOutput } from '../endpoint/outputs.ts';
import type { SipFlow } from '../flow.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import type { SessionEvent } from '../session/events.ts';
import type { InviteSession } from '../session/invite-session.ts';

/** What {@link SipUserAgent.poll} hands out. */
export type SipUserAgentOutput =
  | TransmitOutput
  /** An INVITE has come in: ring, accept or reject it. */
  | { readonly kind: 'incoming'; readonly session: InviteSession; readonly request: SipRequest }
  | { readonly kind: 'session'; readonly session: InviteSession; readonly event: SessionEvent }
  /** A request outside any session, of a method the user answers; it needs a final `respond`. */
  | {
      readonly kind: 'request';
      readonly transaction: ServerTransactionId;
      readonly flow: SipFlow;
      readonly request: SipRequest;
    }
  /** A response to a request sent with `sendRequest`. */
  | {
      readonly kind: 'response';
      readonly transaction: ClientTransactionId;
      readonly flow: SipFlow;
      readonly response: SipResponse;
    }
  /** A request sent with `sendRequest` got no final response. */
  | {
      readonly kind: 'request-failed';
      readonly transaction: ClientTransactionId;
      readonly cause: 'timeout' | 'transport';
    };
