import type { DialogKey } from '../dialog/dialog-key.ts';
import type { SipEndpoint } from '../endpoint/endpoint.ts';
import type { ClientTransactionId, ServerTransactionId } from '../endpoint/outputs.ts';
import type { SipFlow } from '../flow.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import type { TransactionTimers } from '../transaction/timers.ts';
import type { SessionEvent } from './events.ts';
import type { InviteSession } from './invite-session.ts';
import type { SessionTimerOptions } from './session-timer.ts';

/** What a session needs of the user agent it lives in. */
export interface SessionHost {
  readonly endpoint: Pick<SipEndpoint, 'sendRequest' | 'respond' | 'cancel' | 'sendAck'>;
  readonly timers: TransactionTimers;
  readonly random: (length: number) => Uint8Array;
  /** The ACK of a 2xx with the answer waits for `InviteSession.acknowledge`. */
  readonly holdAcks: boolean;
  /** Whether provisional responses may ask for a PRACK (RFC 3262). */
  readonly reliableProvisionals: boolean;
  /** How sessions are watched (RFC 4028); undefined: not at all. */
  readonly sessionTimer: SessionTimerOptions | undefined;
  /** Content types that an INFO may have. */
  readonly infoTypes: ReadonlySet<string>;
  /** The Contact value for requests and responses that make or refresh a dialog. */
  contact(flow: SipFlow): string;
  /** Allow, Supported and the product's name. */
  capabilities(message: 'request' | 'response'): readonly SipHeader[];
  /** The credentials for a 401 or 407; undefined if there are none, or they were refused. */
  answerChallenge(request: SipRequest, response: SipResponse, session: InviteSession): SipHeader | undefined;
  emit(session: InviteSession, event: SessionEvent): void;
  /** Responses, timeouts and failures of this transaction are the session's. */
  own(transaction: ClientTransactionId | ServerTransactionId, session: InviteSession): void;
  disown(transaction: ClientTransactionId | ServerTransactionId): void;
  /** Requests within this dialog are the session's. */
  bind(key: DialogKey, session: InviteSession): void;
  unbind(key: DialogKey): void;
  /** The session has moved to another flow. */
  moved(session: InviteSession, from: SipFlow): void;
  /** The session's deadline may have changed, or it may be settled. */
  changed(now: number, session: InviteSession): void;
}
