import { assertNever } from '@trustline/base';
import type { CallControlInput, CallControlOutput, LegId, MediaDescription } from '@trustline/callcontrol';
import type { SecurityLevel } from '@trustline/evidence';
import {
  type InviteSession,
  redirectTargets,
  type SessionEvent,
  type SipFlow,
  type SipHeader,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  type SipUserAgent,
} from '@trustline/sip';
import type { DialogIdentifiers } from '../../subscriptions/documents.ts';
import { callWaitingHeader, saysCallWaiting } from './alert-info.ts';
import { callInfoHeader } from './call-info.ts';
import { causeOfEnd, causeOfResponse, q850CauseOf, reasonOfCause, reasonTextOf, statusOfCause } from './cause-table.ts';
import { diversionHeaders, diversionsOf } from './diversion-headers.ts';
import { dtmfRelayType, readDtmfInfo, takesDtmfInfo, writeDtmfInfo } from './dtmf-info.ts';
import type { ProvenSender } from './gate.ts';
import { userOf } from './identity.ts';
import { IncomingInvites, type InvitePorts } from './incoming-invites.ts';
import { type KeptSipLeg, leavesAsKept } from './kept-leg.ts';
import { badDescription, readDescription, type Unreadable, writeDescription } from './leg-descriptions.ts';
import { breadth, hopsLeft, reasonOfCancel, refusalHeaders } from './leg-headers.ts';
import { LegPlacement, type PlacementPorts } from './leg-placement.ts';
import { LegTable } from './leg-table.ts';
import { farewell, LegTransfers } from './leg-transfers.ts';
import { OwedHangUps } from './owed-hang-ups.ts';
import { nothingYet } from './session-description.ts';
import type { SipLeg } from './sip-leg.ts';
import { StreamPlaces } from './stream-places.ts';

/** What the legs need of the manager around them. */
export interface SipLegsPorts extends InvitePorts, PlacementPorts {
  readonly userAgent: Pick<SipUserAgent, 'place' | 'placedSession' | 'sessionOf' | 'resume'>;
  readonly random: (length: number) => Uint8Array;
  /** The sender of an INVITE that the gate has let through. */
  senderOf(request: SipRequest): ProvenSender | undefined;
  /** Whether a device can be told something where it was last. */
  isThere(device: string, flow: SipFlow): boolean;
  /** Something was agreed with this leg. */
  agreed(leg: LegId): void;
  /** Whoever was asked about a call of before has answered, so that it goes on or ends; or its connection was lost. */
  answered(now: number, leg: LegId, outcome: 'told' | 'connection-lost'): void;
  /** Something a phone said could not be read; one sentence for the operator. */
  malformed(leg: SipLeg, sentence: string): void;
}

type LegOutput = Extract<CallControlOutput, { readonly leg: LegId }>;

/**
 * SIP's door: translates between the sessions of a SIP user agent and the vocabulary of call control. It decides
 * nothing; what policy, keys and levels mean is call control's. Pure: what it wants said to call control is polled.
 */
export class SipLegs {
  readonly #ports: SipLegsPorts;
  readonly #legs: LegTable;
  readonly #invites: IncomingInvites;
  readonly #placement: LegPlacement;
  /** Legs whose 2xx waits for its ACK: call control takes the answer first, so that the ACK can show the level. */
  readonly #unacknowledged = new Set<SipLeg>();
  readonly #inputs: CallControlInput[] = [];
  readonly #transfers: LegTransfers;
  readonly #owed = new OwedHangUps();

  constructor(ports: SipLegsPorts) {
    this.#ports = ports;
    this.#legs = new LegTable(ports.random);
    this.#invites = new IncomingInvites(ports, this.#legs);
    this.#placement = new LegPlacement(ports, this.#legs, {
      close: (leg) => this.#close(leg),
      refused: (leg, cause) => this.#inputs.push({ kind: 'refused', leg, cause }),
    });
    this.#transfers = new LegTransfers((replaces) => this.#legs.ofSession(ports.userAgent.sessionOf(replaces)));
  }

  get size(): number {
    return this.#legs.size;
  }

  /** The device at the other end of a session, also when its leg is over. */
  deviceOf(session: InviteSession): string | undefined {
    return this.#legs.deviceOf(session);
  }

  /** A leg, while call control knows it. */
  leg(id: LegId): SipLeg | undefined {
    return this.#legs.leg(id);
  }

  /** What is kept of a leg for the manager after this one; undefined unless it is established. */
  keep(now: number, id: LegId): KeptSipLeg | undefined {
    const leg = this.#legs.leg(id);
    const kept = leg?.session.keep(now);
    if (leg === undefined || kept === undefined) return undefined;
    leg.kept = { session: kept, at: now };
    const { device, role, session, sessionId, sessionVersion, places } = leg;
    const { transport, local, remote } = session.flow;
    const flow = { transport, local, remote };
    return { leg: id, device, role, flow, session: kept, sessionId, sessionVersion, places: places.keep() };
  }

  /** Goes on with a leg that another manager had; false where it is there already. */
  resume(now: number, kept: KeptSipLeg, flow: SipFlow): boolean {
    if (this.#legs.leg(kept.leg) !== undefined) return false;
    const session = this.#ports.userAgent.resume(now, flow, kept.session);
    const { leg: id, device, role, sessionId, places } = kept;
    const leg = this.#legs.open(id, session, device, role, sessionId, StreamPlaces.resume(places));
    leg.sessionVersion = kept.sessionVersion;
    return true;
  }

  /** Asks a leg that another manager had whether its phone still has the call; false where it cannot be asked. */
  ask(now: number, id: LegId): boolean {
    const leg = this.#legs.leg(id);
    if (leg === undefined || !leg.session.probe(now)) return false;
    leg.isAsked = true;
    return true;
  }

  /** Hangs up what another manager had not been able to, when the device is back. */
  resumeHangUp(
    now: number,
    { device, session: kept }: Pick<KeptSipLeg, 'device' | 'session'>,
    flow: SipFlow,
    ending: Parameters<typeof farewell>[1],
  ): InviteSession {
    const session = this.#ports.userAgent.resume(now, flow, kept);
    this.#legs.noteDevice(session, device);
    this.#owed.owe(device, session, farewell(session, ending));
    return session;
  }

  /** The leg whose dialog has this Call-ID: looked for one by one, for people who watch. */
  legOfCallId(callId: string): SipLeg | undefined {
    return [...this.#legs.all()].find(({ session }) => session.callId === callId);
  }

  /** The dialog of a leg as its phone has it (RFC 4235 §4.1.2); undefined before the phone has said anything. */
  identifiersOf(leg: LegId): DialogIdentifiers | undefined {
    const dialog = this.#legs.leg(leg)?.session.namedDialog;
    if (dialog === undefined) return undefined;
    return { callId: dialog.callId, localTag: dialog.remoteTag, remoteTag: dialog.localTag };
  }

  /** The INVITE that a leg began with. */
  inviteOf(leg: LegId): SipRequest | undefined {
    return this.#legs.leg(leg)?.session.invite;
  }

  /** The legs of a device. */
  legsOf(device: string): readonly SipLeg[] {
    return this.#legs.ofDevice(device);
  }

  /** A device is there on this connection: its calls go on there, and those that are over are hung up. */
  comeBack(now: number, device: string, flow: SipFlow): void {
    for (const leg of this.legsOf(device)) leg.session.moveTo(now, flow);
    this.#owed.pay(now, device, flow);
  }

  /** The same for sessions on one flow, that another takes the place of. */
  moveFlow(now: number, from: SipFlow, to: SipFlow): void {
    for (const { session } of this.#legs.all()) if (session.flow.id === from.id) session.moveTo(now, to);
    this.#owed.payOn(now, from, to);
  }

  /** Ends the legs of a device that call control is about to hear is lost; whoever still listens is told. */
  lose(now: number, device: string): void {
    for (const leg of this.legsOf(device)) {
      this.#close(leg);
      leg.session.bye(now, { reason: reasonOfCause('destination-out-of-order') });
    }
    this.#owed.giveUp(now, device);
  }

  /** Acknowledges the answers that call control has taken, showing the level they came to; false if there were none. */
  acknowledge(now: number): boolean {
    if (this.#unacknowledged.size === 0) return false;
    for (const leg of this.#unacknowledged) leg.session.acknowledge(now, this.#shown(leg, leg.level));
    this.#unacknowledged.clear();
    return true;
  }

  /** What to tell call control next. */
  poll(): CallControlInput | undefined {
    return this.#inputs.shift();
  }

  /** An INVITE has come in and the gate has let it through. */
  incoming(now: number, session: InviteSession, request: SipRequest): void {
    const sender = this.#ports.senderOf(request);
    if (sender === undefined) {
      session.reject(now, 403);
      return;
    }
    if (this.#invites.refuses(now, session, request, sender)) return;
    const leg = this.#legs.open(this.#legs.newLegId(), session, sender.device, 'calling');
    const replaced = this.#invites.replaced(now, session, request);
    if (replaced === 'refused') {
      this.#close(leg);
      return;
    }
    const offer = session.initialOffer === undefined ? undefined : this.#read(leg, session.initialOffer, 'offer');
    if (offer !== undefined && 'unreadable' in offer) {
      this.#close(leg);
      session.reject(now, 400, badDescription(leg, offer));
      return;
    }
    this.#inputs.push({
      kind: 'incoming',
      leg: leg.id,
      device: sender.device,
      line: sender.caller.number,
      ...this.#ports.destinationOf(request),
      protection: sender.protection,
      caller: sender.caller,
      takesDigits: takesDtmfInfo(session),
      ...(offer === undefined ? {} : { offer }),
      ...(sender.vouchesForOthers ? { diversions: diversionsOf(request) } : {}),
      ...hopsLeft(request),
      ...breadth(request),
      ...(replaced === undefined ? {} : { takes: { leg: replaced.leg.id, earlyOnly: replaced.earlyOnly } }),
    });
  }

  /** Something has happened in a session. */
  session(now: number, session: InviteSession, event: SessionEvent): void {
    if (event.kind === 'ended') {
      this.#transfers.ended(session);
      this.#owed.ended(session);
    }
    if (event.kind === 'request-answered' && event.method === 'NOTIFY') this.#transfers.notified(now, session);
    const leg = this.#legs.ofSession(session);
    if (leg === undefined) {
      // Call control is done with it; the session finishes by itself.
      if (event.kind === 'request') session.answerRequest(now, event.transaction, event.message, 481);
      return;
    }
    if (agreements.has(event.kind) && !leavesAsKept(now, leg, event)) this.#ports.agreed(leg.id);
    switch (event.kind) {
      case 'progress':
        this.#progress(leg, event);
        return;
      case 'accepted':
        this.#unacknowledged.add(leg);
        this.#described(now, leg, event.answer, 'answer', (media) => answeredBy(leg, media));
        return;
      case 'accepted-with-offer':
        this.#described(now, leg, event.offer, 'offer', (media) => ({ kind: 'answered', leg: leg.id, media }));
        return;
      case 'rejected':
        // 430: an edge proxy has lost this connection of the phone, which may have others (RFC 5626 §5.3, §6). 503: the
        // next server of a trunk may take it (RFC 3263 §4.3).
        if ((event.status === 430 || event.status === 503) && this.#placement.placeElsewhere(now, leg)) return;
        this.#close(leg);
        this.#refused(leg, event.response);
        return;
      case 'silent':
        this.#silent(now, leg);
        return;
      case 'acknowledged':
        if (event.answer === undefined) return;
        this.#described(now, leg, event.answer, 'answer', (answer) => ({ kind: 'answer', leg: leg.id, answer }));
        return;
      case 'offer':
        this.#offered(now, leg, event.offer);
        return;
      case 'offer-requested':
        leg.offerRequested = true;
        this.#inputs.push({ kind: 'offer-requested', leg: leg.id });
        return;
      case 'refresh-wanted': // what holds is offered again, in a request of ours
        this.#inputs.push({ kind: 'offer-requested', leg: leg.id });
        return;
      case 'offer-withdrawn':
        leg.offerRequested = false;
        return;
      case 'reoffer-answered':
        this.#unacknowledged.add(leg);
        this.#described(now, leg, event.answer, 'answer', (answer) => ({ kind: 'answer', leg: leg.id, answer }));
        return;
      case 'reoffer-rejected': {
        const cause = event.response === undefined ? 'timer-expired' : causeOfResponse(event.response);
        this.#inputs.push({ kind: 'offer-refused', leg: leg.id, cause });
        return;
      }
      case 'request':
        this.#requested(now, leg, event);
        return;
      case 'ended':
        if (leg.isAsked) this.#ports.answered(now, leg.id, 'told');
        if ((event.cause === 'transport' || event.cause === 'timeout') && this.#placement.placeElsewhere(now, leg)) {
          return;
        }
        this.#ended(leg, event);
        return;
      case 'info': {
        const digit = readDtmfInfo(event.message);
        if (digit !== undefined) this.#inputs.push({ kind: 'digit', leg: leg.id, ...digit });
        return;
      }
      case 'fork-accepted': // the session has hung up the further branch
      case 'update-answered':
      case 'request-answered':
        this.#answered(now, leg, event);
        return;
      case 'updated':
      case 'info-answered':
      case 'flow-lost': // the gate waits for the device to come back
        return;
      default:
        assertNever(event);
    }
  }

  /** Call control wants something done on a leg of ours; false for a leg of another door. */
  control(now: number, output: LegOutput): boolean {
    if (output.kind === 'place') {
      this.#placement.place(now, output);
      return true;
    }
    const leg = this.#legs.leg(output.leg);
    if (leg === undefined) return false;
    const { session } = leg;
    if (agreements.has(output.kind)) this.#ports.agreed(leg.id);
    switch (output.kind) {
      case 'ring':
        session.ring(now, 180, {
          headers: [...this.#shown(leg, output.level).headers, ...callWaitingHeader(output.callWaiting === true)],
          offer: () => writeDescription(leg, nothingYet(session.flow.local.host)),
        });
        return true;
      case 'forwarded': {
        const { headers } = this.#shown(leg, output.level);
        const way = diversionHeaders(output.diversions, output.to, session.flow);
        const history = way.filter(({ name }) => name === 'History-Info');
        session.ring(now, 181, { headers: [...headers, ...history] });
        return true;
      }
      case 'progress':
        session.ring(now, 183, {
          ...this.#shown(leg, output.level),
          earlyAnswer: writeDescription(leg, output.answer),
        });
        return true;
      case 'accept':
        if (output.isFocus === true) session.setContactParameters(focus);
        session.accept(now, writeDescription(leg, output.answer), this.#shown(leg, output.level));
        return true;
      case 'accept-with-offer':
        session.accept(now, writeDescription(leg, output.offer), this.#shown(leg, output.level));
        return true;
      case 'refuse':
        this.#close(leg);
        session.reject(now, statusOfCause(output.cause), {
          headers: refusalHeaders(session.flow, output.cause, output.warning, output.isFound),
        });
        return true;
      case 'cancel':
        this.#close(leg);
        session.cancel(now, { reason: reasonOfCancel(output.cause) });
        return true;
      case 'release': {
        this.#close(leg);
        const hangUp = farewell(session, output);
        if (!this.#ports.isThere(leg.device, session.flow)) this.#owed.owe(leg.device, session, hangUp);
        else if (!this.#transfers.hangsUpLater(session, hangUp)) session.bye(now, hangUp);
        return true;
      }
      case 'request-offer':
        session.setContactParameters(output.isFocus === true ? focus : '');
        if (!session.requestOffer(now, this.#shown(leg, output.level))) {
          this.#inputs.push({ kind: 'offer-refused', leg: leg.id, cause: 'temporary-failure' });
        }
        return true;
      case 'accept-transfer':
      case 'refuse-transfer':
      case 'transfer-rings':
      case 'transferred':
      case 'transfer-failed':
        this.#transfers.control(now, leg, output);
        return true;
      case 'offer':
        this.#offer(now, leg, output.offer, output.level);
        return true;
      case 'answer':
        session.answerOffer(now, writeDescription(leg, output.answer), this.#shown(leg, output.level));
        return true;
      case 'refuse-offer':
        leg.offerRequested = false;
        session.rejectOffer(now, statusOfCause(output.cause), {
          headers: refusalHeaders(session.flow, output.cause, output.warning),
        });
        return true;
      case 'digit':
        session.info(now, { contentType: dtmfRelayType, body: writeDtmfInfo(output) });
        return true;
      case 'show': {
        const { protection } = output;
        leg.notice = protection?.isThere === false ? protection.words : undefined;
        const shown = this.#shown(leg, output.level, protection?.words);
        // Not every phone knows UPDATE: where its answer has brought the change, the ACK shows it too.
        if (this.#unacknowledged.delete(leg)) session.acknowledge(now, shown);
        session.update(now, shown);
        return true;
      }
      default:
        return assertNever(output);
    }
  }

  /** Nothing has come back in time: another connection is tried, or the leg is over, unless there is nothing else to try. */
  #silent(now: number, leg: SipLeg): void {
    const reason = reasonOfCancel('timer-expired');
    if (this.#placement.placeElsewhere(now, leg)) {
      leg.session.cancel(now, { reason });
      return;
    }
    if (leg.placed?.as.isLast === true) return;
    this.#close(leg);
    leg.session.cancel(now, { reason });
    const found = `${leg.device} ${outOfReach.timeout}`;
    this.#inputs.push({ kind: 'released', leg: leg.id, cause: 'timer-expired', found });
  }

  #progress(leg: SipLeg, heard: Extract<SessionEvent, { kind: 'progress' }>): void {
    const { status, earlyAnswer, takesOffers, response } = heard;
    const answer = earlyAnswer === undefined ? undefined : this.#read(leg, earlyAnswer, 'answer');
    // RFC 3960 §2: whatever rings or plays, the caller hears it; an unreadable preview is only not shown.
    if (answer !== undefined && !('unreadable' in answer)) {
      const early = { kind: 'progress', leg: leg.id, answer, takesDigits: takesDtmfInfo(leg.session) } as const;
      this.#inputs.push({ ...early, ...(takesOffers ? { takesOffers } : {}) });
    } else if (status === 180 || status === 183) {
      this.#inputs.push({ kind: 'ringing', leg: leg.id, ...(saysCallWaiting(response) ? { callWaiting: true } : {}) });
    }
  }

  #refused({ id }: SipLeg, response: SipResponse): void {
    // 305 names a proxy and 380 another service (RFC 3261 §21.3.4, §21.3.5): neither is where the call could be sent on.
    const follows = [300, 301, 302].includes(response.status);
    const numbers = follows ? redirectTargets(response).flatMap(({ uri }) => userOf(uri) ?? []) : [];
    if (numbers.length > 0) this.#inputs.push({ kind: 'redirected', leg: id, numbers });
    else this.#inputs.push({ kind: 'refused', leg: id, cause: causeOfResponse(response), ...wordsOf(response) });
  }

  #offer(now: number, leg: SipLeg, offer: MediaDescription, level: SecurityLevel): void {
    const sdp = writeDescription(leg, offer);
    const isEarly = leg.session.phase === 'calling';
    const extras = { ...this.#shown(leg, level), ...(isEarly ? { method: 'UPDATE' as const } : {}) };
    const sent = leg.offerRequested ? leg.session.answerOffer(now, sdp, extras) : leg.session.reoffer(now, sdp, extras);
    leg.offerRequested = false;
    if (!sent) this.#inputs.push({ kind: 'offer-refused', leg: leg.id, cause: 'temporary-failure' });
  }

  #offered(now: number, leg: SipLeg, sdp: Uint8Array): void {
    const offer = this.#read(leg, sdp, 'offer');
    if ('unreadable' in offer) {
      leg.session.rejectOffer(now, 400, badDescription(leg, offer));
      return;
    }
    this.#inputs.push({ kind: 'offer', leg: leg.id, offer });
  }

  /** An answer, or an offer that can only be answered or ended: what cannot be read ends the leg. */
  #described(
    now: number,
    leg: SipLeg,
    sdp: Uint8Array,
    role: 'offer' | 'answer',
    input: (media: MediaDescription) => CallControlInput,
  ): void {
    const media = this.#read(leg, sdp, role);
    if (!('unreadable' in media)) {
      this.#inputs.push(input(media));
      return;
    }
    this.#close(leg);
    leg.session.bye(now, { headers: badDescription(leg, media).headers });
    this.#inputs.push({ kind: 'released', leg: leg.id, cause: 'protocol-error' });
  }

  /** REFER is the one method that the user agent lets through within a dialog. */
  #requested(now: number, leg: SipLeg, { transaction, message }: Extract<SessionEvent, { kind: 'request' }>): void {
    if (message.method !== 'REFER') {
      leg.session.answerRequest(now, transaction, message, 405);
      return;
    }
    const input = this.#transfers.asked(now, leg, transaction, message);
    if (input !== undefined) this.#inputs.push(input);
  }

  /** Whatever a phone answers but that it knows no such call, it has the call that it was asked about. */
  #answered(now: number, leg: SipLeg, { response }: { readonly response: SipResponse | undefined }): void {
    if (!leg.isAsked) return;
    leg.isAsked = false;
    this.#ports.answered(now, leg.id, response === undefined ? 'connection-lost' : 'told');
  }

  #ended(leg: SipLeg, event: Extract<SessionEvent, { kind: 'ended' }>): void {
    this.#close(leg);
    if (event.cause === 'cancelled' && leg.role === 'calling') {
      this.#inputs.push({ kind: 'cancelled', leg: leg.id, ...wordsOf(event.message) });
      return;
    }
    if (leg.isAsked && (event.cause === 'gone' || event.cause === 'timeout')) {
      const found = `the call manager has started anew, and ${leg.device} ${withoutTheCall[event.cause]}`;
      this.#inputs.push({ kind: 'released', leg: leg.id, cause: 'interrupted', found });
      return;
    }
    const said = event.message === undefined ? undefined : q850CauseOf(event.message);
    const words = event.by === 'remote' ? wordsOf(event.message) : {};
    // Of a trunk that has not answered yet it is the way to it that failed, and no phone behind it.
    const isTrunk = leg.placed?.as.silence !== undefined && leg.session.dialog === undefined;
    const cause = said ?? causeOfEnd(event.cause, isTrunk);
    const isOutOfReach = isTrunk && (event.cause === 'timeout' || event.cause === 'transport');
    const found = isOutOfReach ? { found: `${leg.device} ${outOfReach[event.cause]}` } : {};
    this.#inputs.push({ kind: 'released', leg: leg.id, cause, ...words, ...found });
  }

  #shown(leg: SipLeg, level: SecurityLevel, notice = leg.notice): { headers: readonly SipHeader[] } {
    leg.level = level;
    const until = this.#ports.shownFarSide(leg.id);
    return { headers: [callInfoHeader(level, leg.role === 'calling' ? 'to' : 'from', until, notice)] };
  }

  #read(leg: SipLeg, sdp: Uint8Array, role: 'offer' | 'answer'): MediaDescription | Unreadable {
    return readDescription(leg, sdp, role, (sentence) => this.#ports.malformed(leg, sentence));
  }

  #close(leg: SipLeg): void {
    this.#legs.close(leg);
    this.#unacknowledged.delete(leg);
  }
}

/** What is the matter with a trunk that has said nothing. */
const outOfReach = { timeout: 'does not answer', transport: 'cannot be reached' } as const;

/** What has become of a phone's call with the manager before this one. */
const withoutTheCall = { gone: 'has given the call up', timeout: 'does not answer' } as const;

/** What the Contact of a conference says (RFC 4579 §5.1). */
const focus = ';isfocus';

/** After what is said of it, or to it, a leg's session is another: its target, its descriptions, its refreshes. */
const agreements: ReadonlySet<SessionEvent['kind'] | LegOutput['kind']> = new Set([
  'accepted',
  'accepted-with-offer',
  'acknowledged',
  'reoffer-answered',
  'updated',
  'update-answered',
  'accept',
  'accept-with-offer',
  'answer',
] as const);

/** What a phone says of why it ends a call, for a person (RFC 3326 §2). */
function wordsOf(message: SipMessage | undefined): { readonly said?: string } {
  const said = message === undefined ? undefined : reasonTextOf(message);
  return said === undefined ? {} : { said };
}

function answeredBy(leg: SipLeg, media: MediaDescription) {
  return { kind: 'answered', leg: leg.id, media, takesDigits: takesDtmfInfo(leg.session) } as const;
}
