import type { CallControlInput, CallControlOutput, TransferTarget } from '@trustline/callcontrol';
import {
  type InviteSession,
  ReferNotifier,
  type Replaces,
  readReferTo,
  type ServerTransactionId,
  type SipHeader,
  type SipRequest,
} from '@trustline/sip';
import { reasonOfCause, statusOfCause } from './cause-table.ts';
import { userOf } from './identity.ts';
import { refusalHeaders, warningHeader } from './leg-headers.ts';
import type { SipLeg } from './sip-leg.ts';

/** A REFER that waits for call control's word. */
interface Asked {
  readonly transaction: ServerTransactionId;
  readonly request: SipRequest;
}

/** What a session has been told and is still to hear of its REFER. */
interface Told {
  readonly notifier: ReferNotifier;
  /** NOTIFY requests that are not answered yet. */
  unanswered: number;
  /** The call is over: the session is hung up once it has heard everything. */
  hangUp: { readonly reason: string; readonly headers: readonly SipHeader[] } | undefined;
}

export type TransferOutput = Extract<
  CallControlOutput,
  { kind: 'accept-transfer' | 'refuse-transfer' | 'transfer-rings' | 'transferred' | 'transfer-failed' }
>;

/**
 * REFER at SIP's door (RFC 3515): what a phone asks is told to call control in its words, and what becomes of it is told
 * to the phone by NOTIFY, in the subscription that the REFER made. Nothing of a REFER goes on to anybody else.
 */
export class LegTransfers {
  readonly #legOf: (replaces: Replaces) => SipLeg | undefined;
  readonly #asked = new Map<InviteSession, Asked>();
  readonly #told = new Map<InviteSession, Told>();
  /** Sessions in which a REFER has come before. */
  readonly #seen = new WeakSet<InviteSession>();

  /** @param legOf the leg of ours whose dialog a Replaces header names */
  constructor(legOf: (replaces: Replaces) => SipLeg | undefined) {
    this.#legOf = legOf;
  }

  /** A REFER within the dialog of a leg; what to ask of call control, if it can be understood. */
  asked(now: number, leg: SipLeg, transaction: ServerTransactionId, request: SipRequest): CallControlInput | undefined {
    const { session } = leg;
    const reading = readReferTo(request);
    if (reading.kind === 'bad') {
      session.answerRequest(now, transaction, request, reading.status, { reason: reading.reason });
      return undefined;
    }
    if (this.#asked.has(session)) {
      session.answerRequest(now, transaction, request, 491);
      return undefined;
    }
    const { uri, replaces } = reading.target;
    const to = replaces === undefined ? numberOf(uri) : this.#dialogOf(replaces);
    if (to === undefined) {
      // RFC 3891 §3: "If no match is found, the UAS rejects the INVITE and returns a 481".
      const [status, text] =
        replaces === undefined
          ? [404, 'The Refer-To names no number']
          : [481, 'The call to be taken over is not there'];
      session.answerRequest(now, transaction, request, status, { headers: [warningHeader(session.flow, text)] });
      return undefined;
    }
    this.#asked.set(session, { transaction, request });
    return { kind: 'transfer', leg: leg.id, to };
  }

  /** What call control says of a transfer that this leg asked for. */
  control(now: number, { session }: SipLeg, output: TransferOutput): void {
    switch (output.kind) {
      case 'refuse-transfer':
        this.#refuse(now, session, output);
        return;
      case 'accept-transfer':
        this.#accept(now, session);
        return;
      case 'transfer-rings':
        this.#notify(now, session, 180);
        return;
      case 'transferred':
        this.#notify(now, session, 200);
        return;
      case 'transfer-failed':
        this.#notify(now, session, statusOfCause(output.cause), output.warning);
        return;
    }
  }

  /** A NOTIFY has been answered, or nobody answered it. */
  notified(now: number, session: InviteSession): void {
    const told = this.#told.get(session);
    if (told === undefined) return;
    told.unanswered -= 1;
    if (told.unanswered > 0 || !told.notifier.isOver) return;
    this.#told.delete(session);
    if (told.hangUp !== undefined) session.bye(now, told.hangUp);
  }

  /** Whether a session has not heard everything of its transfer yet: then it is hung up when it has. */
  hangsUpLater(session: InviteSession, hangUp: NonNullable<Told['hangUp']>): boolean {
    const told = this.#told.get(session);
    if (told === undefined || told.unanswered === 0) return false;
    told.hangUp = hangUp;
    return true;
  }

  /** The session is over: nobody is there to be told. */
  ended(session: InviteSession): void {
    this.#asked.delete(session);
    this.#told.delete(session);
  }

  #dialogOf(replaces: Replaces): TransferTarget | undefined {
    const leg = this.#legOf(replaces);
    return leg === undefined ? undefined : { kind: 'leg', leg: leg.id };
  }

  #refuse(now: number, session: InviteSession, output: Extract<TransferOutput, { kind: 'refuse-transfer' }>): void {
    const asked = this.#asked.get(session);
    if (asked === undefined) return;
    this.#asked.delete(session);
    session.answerRequest(now, asked.transaction, asked.request, statusOfCause(output.cause), {
      headers: refusalHeaders(session.flow, output.cause, output.warning),
    });
  }

  #accept(now: number, session: InviteSession): void {
    const asked = this.#asked.get(session);
    if (asked === undefined) return;
    this.#asked.delete(session);
    session.answerRequest(now, asked.transaction, asked.request, 202);
    const notifier = new ReferNotifier(now, asked.request, !this.#seen.has(session));
    this.#seen.add(session);
    this.#told.set(session, { notifier, unanswered: 0, hangUp: undefined });
    // "A NOTIFY MUST be sent immediately" on acceptance (RFC 3515 §2.4.4, RFC 6665 §4.2.1.2).
    this.#notify(now, session, 100);
  }

  #notify(now: number, session: InviteSession, status: number, reason?: string): void {
    const told = this.#told.get(session);
    const content = told?.notifier.notify(now, status, reason);
    if (told === undefined || content === undefined) return;
    if (session.request(now, content)) told.unanswered += 1;
  }
}

function numberOf(uri: string): TransferTarget | undefined {
  const number = userOf(uri);
  return number === undefined || number === '' ? undefined : { kind: 'number', number };
}

/** How a session whose call is over is hung up. */
export function farewell(
  session: InviteSession,
  { cause, warning, isFound }: Pick<Extract<CallControlOutput, { kind: 'release' }>, 'cause' | 'warning' | 'isFound'>,
): { readonly reason: string; readonly headers: readonly SipHeader[] } {
  return { reason: reasonOfCause(cause, isFound ? warning : cause), headers: [warningHeader(session.flow, warning)] };
}
