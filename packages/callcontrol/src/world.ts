/** What all of call control shares while it handles one input: its tables, its outputs, its evidence. */
import { DeadlineQueue, hexadecimal } from '@trustline/base';
import {
  CALL_RECORD_SCHEMA,
  type CallEnder,
  type CallOutcome,
  type CallParty,
  type CallRecord,
  type CallRecordLeg,
  type EventKind,
  securityEvent,
} from '@trustline/evidence';
import { type Call, callLevel, type Leg, levelOf } from './call.ts';
import { type Cause, causeText } from './causes.ts';
import { type Conference, conferenceLevel, leaveConference } from './conference-state.ts';
import type { Directory } from './directory.ts';
import { demarcationOf } from './far-side.ts';
import { answerToHold, offerOfSound } from './holding.ts';
import { Hunting } from './hunting.ts';
import type { LegId } from './inputs.ts';
import { KeyTable } from './keytable.ts';
import { isAllSecure, isEncrypted, isSecure, lowestLevel, type MediaDescription } from './media.ts';
import type { MediaFault } from './negotiation.ts';
import { nextStepAfterRefusal } from './next-steps.ts';
import type { CallControlOutput } from './outputs.ts';
import { type DowngradeReason, downgradeWords, namingGateway } from './policy.ts';
import { knownProtection } from './protection.ts';
import { bringLoss, lossToShow } from './protection-loss.ts';
import type { RelayedLeg, RelayPort } from './relay-state.ts';
import { asTold, closeSides, leaveRelay } from './relaying.ts';
import type { CallControlSettings } from './settings.ts';
import { recordOf, type Transfer, type TransferEvent } from './transfer-state.ts';
import { Trunks } from './trunks.ts';

export type TimerName =
  | 'drain'
  | `probe ${string}`
  | `announce ${string}`
  | `park ${string}`
  | `no-answer ${string}`
  | `offer ${string}`
  | `again ${string}`;

/** The adapters of call control. */
export interface CallControlPorts {
  readonly directory: Directory;
  /** The media relay; absent where there is none, and media go straight between the ends or not at all. */
  readonly relay?: RelayPort;
  /** Fresh random octets, for identifiers and for the back-off after glare. */
  random(length: number): Uint8Array;
  /** The wall clock at the moment `now`, ISO 8601 in UTC with milliseconds: only for what people read. */
  wallTime(now: number): string;
}

/** An event of the kinds that need nothing beyond the common fields. */
type PlainEventKind = Exclude<
  EventKind,
  'drain-started' | 'level-changed' | 'records-lost' | 'records-recovered' | 'clock-jumped'
>;

/** How a call ends. */
export interface Ending {
  readonly outcome: CallOutcome;
  readonly cause: Cause;
  /** For the ends and the record; the cause's own words when absent. */
  readonly warning?: string;
  /** Absent for `call-ended`. */
  readonly event?: PlainEventKind;
  /** Whose doing it was; the call manager's own when absent. */
  readonly by?: Exclude<CallEnder, 'manager'>;
  /** What that end has said of it itself. */
  readonly said?: string | undefined;
  /** What was found of it, which takes the place of the cause's own words. */
  readonly found?: string | undefined;
  /** The gateway whose IPsec is not proven, where that is why. */
  readonly unproven?: string;
}

export class World {
  readonly settings: CallControlSettings;
  readonly ports: CallControlPorts;
  readonly keys = new KeyTable();
  readonly hunting = new Hunting();
  readonly trunks = new Trunks();
  readonly deadlines = new DeadlineQueue<TimerName>();
  readonly calls = new Map<string, Call>();
  readonly legs = new Map<LegId, { readonly call: Call; readonly leg: Leg }>();
  /** Number → the call that is parked there. */
  readonly parked = new Map<string, Call>();
  /** Number → the conference that somebody is in. */
  readonly conferences = new Map<string, Conference>();
  readonly outputs: CallControlOutput[] = [];
  /** What has happened to transfers while one input was handled. */
  readonly transferEvents: { readonly transfer: Transfer; readonly event: TransferEvent }[] = [];
  /** Lines whose calls are others now, or in another state, than when somebody last asked. */
  readonly changedLines = new Set<string>();
  /** Calls whose relay may have to hear of a change when the present input is done with. */
  readonly relayed = new Set<Call>();
  /** Legs at the relay that have one of the transcoders. */
  readonly transcoders = new Set<RelayedLeg>();
  /** Devices that went on with a key that others had learned: they are relayed when they call several phones at once. */
  readonly keepsKeys = new Set<string>();
  /** When the present input came. */
  now = 0;
  draining = false;
  #drained = false;
  readonly #callsOfLine = new Map<string, Set<Call>>();

  constructor(settings: CallControlSettings, ports: CallControlPorts) {
    this.settings = settings;
    this.ports = ports;
  }

  identifier(): string {
    return hexadecimal(this.ports.random(16));
  }

  addCall(call: Call): void {
    this.calls.set(call.id, call);
    this.addLeg(call, call.caller);
  }

  addLeg(call: Call, leg: Leg): void {
    if (!this.legs.has(leg.id)) this.trunks.count(leg.device, 1);
    this.legs.set(leg.id, { call, leg });
    const calls = this.#callsOfLine.get(leg.line) ?? new Set();
    this.#callsOfLine.set(leg.line, calls.add(call));
    this.changedLines.add(leg.line);
  }

  /** A leg that lives is in another state now. */
  enter(leg: Leg, state: Exclude<Leg['state'], 'ended'>): void {
    leg.state = state;
    this.changedLines.add(leg.line);
  }

  callsAt(line: string): readonly Call[] {
    return [...(this.#callsOfLine.get(line) ?? [])];
  }

  callsOfLine(line: string): number {
    return this.#callsOfLine.get(line)?.size ?? 0;
  }

  /** The leg is gone: inputs for it are races from now on. */
  dropLeg(now: number, call: Call, leg: Leg): void {
    leg.state = 'ended';
    if (this.legs.delete(leg.id)) this.trunks.count(leg.device, -1);
    this.#dropEarlyOffer(call, leg);
    leaveRelay(this, leg);
    this.#leaveLine(now, call, leg.line);
  }

  /** A new offer before the answer is void without the one that made it, and without the one that was to answer it. */
  #dropEarlyOffer(call: Call, leg: Leg): void {
    const { exchange } = call;
    if (exchange?.kind !== 'early' || (exchange.to !== leg && exchange.from !== leg)) return;
    call.exchange = undefined;
    this.deadlines.clear(`offer ${call.id}`);
    const { id, state } = exchange.from;
    const warning = 'Who was to answer the offer is called no longer';
    if (state !== 'ended') this.emit({ kind: 'refuse-offer', leg: id, cause: 'temporary-failure', warning });
  }

  /** Whether a leg is in this call now; one that has left for another is not, nor is a stand-in. */
  owns(call: Call, leg: Leg): boolean {
    return this.legs.get(leg.id)?.call === call;
  }

  /** A leg goes on in another call, with its keys. */
  moveLeg(now: number, leg: Leg, from: Call, to: Call): void {
    this.addLeg(to, leg);
    bringLoss(leg, to);
    this.keys.move(leg.id, from.id, to.id);
    this.#leaveLine(now, from, leg.line);
  }

  /** The call is none of this line any more, unless another leg of it is. */
  #leaveLine(now: number, call: Call, line: string): void {
    this.changedLines.add(line);
    const stillOnLine = [call.caller, ...call.called].some((leg) => this.owns(call, leg) && leg.line === line);
    const calls = this.#callsOfLine.get(line);
    if (stillOnLine || calls === undefined) return;
    calls.delete(call);
    if (calls.size > 0) return;
    this.#callsOfLine.delete(line);
    this.hunting.idle(now, line);
  }

  /** Something has happened to the transfer that a call takes part in, if it does; it is looked at after the input. */
  noteTransfer(call: Call, event: TransferEvent): void {
    if (call.transfer !== undefined) this.transferEvents.push({ transfer: call.transfer, event });
  }

  /** Tells a leg, or the evidence. Media that go over the relay are told as the relay's. */
  emit(output: CallControlOutput): void {
    const found = 'leg' in output ? this.legs.get(output.leg) : undefined;
    if (found === undefined) {
      this.outputs.push(output);
      return;
    }
    const { call, leg } = found;
    if ('answer' in output) {
      const answer = answerToHold(this, call, leg, output.answer);
      this.outputs.push({ ...output, answer: asTold(this, call, leg, answer, 'answer') });
    } else if ('offer' in output && output.offer !== undefined) {
      const offer = offerOfSound(this, leg, output.offer);
      this.outputs.push({ ...output, offer: asTold(this, call, leg, offer, 'offer') });
    } else this.outputs.push(output);
    if (leg.relay !== undefined) this.relayed.add(call);
  }

  event(
    now: number,
    kind: PlainEventKind,
    call: Call,
    leg: Leg,
    reason: string,
    cause: string,
    nextStep?: string,
  ): void {
    const { remoteAddress } = leg.protection;
    const event = securityEvent<PlainEventKind>(kind, {
      at: this.ports.wallTime(now),
      node: this.settings.node,
      call: call.id,
      leg: leg.id,
      device: leg.device,
      line: leg.line,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
      reason,
      cause,
      ...(nextStep === undefined ? {} : { nextStep }),
    });
    this.emit({ kind: 'event', event });
  }

  /** An event about a fault in what a leg said. */
  faultEvent(now: number, call: Call, leg: Leg, fault: MediaFault): void {
    const byCause =
      fault.cause === 'key-reused' ? 'key-reuse-refused' : fault.security ? 'downgrade-refused' : 'call-refused';
    const kind = fault.event ?? byCause;
    const nextStep = kind === 'call-refused' ? nextStepAfterRefusal(fault.cause, call.id) : undefined;
    this.event(now, kind, call, leg, fault.event ?? fault.cause, `${fault.warning}.`, nextStep);
  }

  /** Says that a call goes on without the keys that were offered, and why. */
  downgraded(now: number, call: Call, leg: Leg, reason: DowngradeReason | undefined): void {
    if (reason === undefined) return;
    const kind = reason === 'keys-unprotected' ? 'unprotected-keys-refused' : 'call-downgraded';
    this.event(now, kind, call, leg, reason, `The call goes on without SRTP: ${downgradeWords(reason)}.`);
  }

  /** Takes the keys of a description for the leg that made it, before anybody is told them. */
  claim(now: number, call: Call, leg: Leg, description: MediaDescription): MediaFault | undefined {
    const claim = this.keys.claim(now, call.id, leg.id, description);
    if (claim === 'granted') return undefined;
    return claim === 'reused'
      ? { cause: 'key-reused', warning: 'A media key that belongs to another sender was offered again', security: true }
      : { cause: 'not-acceptable-here', warning: 'Too many media keys in one description', security: false };
  }

  /**
   * The last gate before a description leaves: under `require` nothing clear is told to anybody, whatever the code
   * before it did. Ends the call when that was tried.
   */
  mayTell(now: number, call: Call, description: MediaDescription): boolean {
    const isBridged = [call.caller, ...call.called].some((leg) => this.owns(call, leg) && leg.relay?.isClear === true);
    if (call.policy !== 'require' || (!isBridged && isAllSecure(description))) return true;
    this.endCall(now, call, { outcome: 'failed', cause: 'security-lost', event: 'downgrade-refused' });
    return false;
  }

  /** Notes a step of the way that a call takes, for people. */
  noteRoute(now: number, call: Call, cause: string): void {
    call.route.push({ at: this.ports.wallTime(now), cause });
  }

  /** Notes the level after a change; {@link showLevel} tells it once the outputs that carry it have gone. */
  noteLevel(now: number, call: Call, cause: string): void {
    const level = call.conference === undefined ? callLevel(call) : conferenceLevel(call.conference);
    if (level === call.level && call.levels.length > 0) return;
    const from = call.level;
    call.level = level;
    const at = this.ports.wallTime(now);
    call.levels.push({ at, level, cause });
    if (call.answeredAt === undefined) return; // nobody talks yet
    const { node } = this.settings;
    this.emit({
      kind: 'event',
      event: securityEvent('level-changed', {
        at,
        node,
        call: call.id,
        from,
        to: level,
        reason: 'level-changed',
        cause,
      }),
    });
  }

  /** Tells the level, and what is to be said beside it, to each connected leg that has not heard it with another output. */
  showLevel(call: Call): void {
    for (const leg of [call.caller, ...call.called]) {
      const loss = lossToShow(call, leg);
      if (leg.state !== 'connected' || (leg.shown === call.level && !loss.isNew)) continue;
      leg.shown = call.level;
      leg.shownLoss = loss.is;
      const protection = loss.shown === undefined ? {} : { protection: loss.shown };
      this.emit({ kind: 'show', leg: leg.id, level: call.level, ...protection });
    }
  }

  /** Ends every leg that is left, each in the way of its state, writes the record and forgets the call. */
  endCall(now: number, call: Call, ending: Ending): void {
    if (!this.calls.delete(call.id)) return;
    const { cause } = ending;
    const warning = wordsOf(ending);
    const legs = call.recorded ?? recordedLegs(call);
    const level = call.lowest ?? call.level;
    this.#sendHome(now, call);
    for (const leg of [call.caller, ...call.called].filter((leg) => this.owns(call, leg))) {
      const id = leg.id;
      const told = { leg: id, cause, ...toldTo(leg, ending) };
      if (leg.state === 'connected') this.emit({ kind: 'release', ...told });
      else if (leg.role === 'calling') this.emit({ kind: 'refuse', ...told, was: placeOf(call, leg) });
      else this.emit({ kind: 'cancel', leg: id, cause });
      this.dropLeg(now, call, leg);
    }
    leaveConference(this, now, call);
    if (call.parked !== undefined) this.parked.delete(call.parked.number);
    for (const name of ['no-answer', 'offer', 'again', 'park', 'announce'] as const)
      this.deadlines.clear(`${name} ${call.id}`);
    this.keys.end(now, call.id);
    this.noteTransfer(call, { kind: 'call-ended', call, cause, warning });
    // Of two who talked in calls of their own and could not be joined, nothing began and nothing is over.
    if (call.transfer?.joined === call && call.transfer.other !== undefined) {
      if (this.draining) this.sayDrained();
      return;
    }
    const event = ending.event ?? 'call-ended';
    const nextStep = event === 'call-refused' ? nextStepAfterRefusal(cause, call.id, ending.unproven) : undefined;
    this.event(now, event, call, call.caller, cause, `${warning}.`, nextStep);
    this.emit({
      kind: 'record',
      record: {
        schema: CALL_RECORD_SCHEMA,
        node: this.settings.node,
        call: call.id,
        policy: call.policy,
        startedAt: call.startedAt,
        ...(call.answeredAt === undefined ? {} : { answeredAt: call.answeredAt }),
        endedAt: this.ports.wallTime(now),
        outcome: ending.outcome,
        reason: cause,
        endedBy: ending.by ?? 'manager',
        cause: warning,
        level,
        levels: call.levels,
        ...(call.protection.length === 0 ? {} : { protection: call.protection }),
        ...(call.route.length === 0 ? {} : { route: call.route }),
        ...(call.recovered === undefined ? {} : { recoveredAt: call.recovered.at }),
        legs,
        ...(call.transcoded === undefined ? {} : { transcoded: call.transcoded }),
        ...conferenceOf(call),
        ...recordOf(call),
      },
    });
    if (this.draining) this.sayDrained();
  }

  /** Legs that came to be joined here and were not go back where they came from, as they were. */
  #sendHome(now: number, call: Call): void {
    for (const { leg, call: home, role, toldFrom, relay, media, told } of call.homes) {
      if (!this.owns(call, leg) || !this.calls.has(home.id)) {
        closeSides(this, relay);
        continue;
      }
      leaveRelay(this, leg);
      Object.assign(leg, { relay, media, told });
      leg.role = role;
      leg.toldFrom = toldFrom;
      this.moveLeg(now, leg, call, home);
      home.recorded = undefined;
      this.#takeExchangeHome(now, call, leg, home);
    }
    call.homes = [];
  }

  /** What is under way at a leg that goes home: it may take an offer yet, and has to be answered its own. */
  #takeExchangeHome(now: number, { exchange, transfer }: Call, leg: Leg, home: Call): void {
    if (exchange?.kind === 'relayed' && exchange.from === leg && transfer !== undefined) {
      transfer.owed ??= { leg, offer: exchange.offer };
    } else if (exchange?.to === leg && exchange.kind !== 'requested') {
      home.exchange = { kind: 'void', to: leg, told: exchange.told };
      this.deadlines.set(`offer ${home.id}`, now + this.settings.offerTimeout);
    }
  }

  /** Says once that draining is over, when it is. */
  sayDrained(): void {
    if (this.#drained || this.calls.size > 0) return;
    this.#drained = true;
    this.deadlines.clear('drain');
    this.emit({ kind: 'drained' });
  }

  /** Notes the level as one that both ends agreed to. */
  settleLevel(call: Call): void {
    call.lowest = lowestLevel(call.lowest === undefined ? [call.level] : [call.lowest, call.level]);
  }
}

/** Why a call ends, as record and ends have it: what was found, else the cause in words, with what the end that it is for has said. */
export function wordsOf({ cause, warning, said, found, unproven }: Ending): string {
  const named = warning === undefined || unproven === undefined ? warning : namingGateway(warning, unproven);
  const words = named ?? found ?? causeText(cause);
  return said === undefined ? words : `${words}: "${said}"`;
}

/** What was found names a trunk or gateway, which is for phones alone. */
function toldTo({ kind }: Leg, ending: Ending): { readonly warning: string; readonly isFound?: true } {
  if (ending.warning !== undefined && ending.unproven !== undefined && kind !== 'phone') {
    return { warning: ending.warning };
  }
  if (ending.warning !== undefined || ending.found === undefined) return { warning: wordsOf(ending) };
  return kind === 'phone' ? { warning: ending.found, isFound: true } : { warning: causeText(ending.cause) };
}

/** Where a leg is, or was. */
export function placeOf({ id: call, level }: Call, { line }: Leg) {
  return { call, line, level };
}

/** What the record of a call says about its conference. */
export function conferenceOf({ conference, recovered }: Call): Pick<CallRecord, 'conference'> {
  const { number, name } = conference ?? recovered?.conference ?? {};
  return number === undefined || name === undefined ? {} : { conference: { number, name } };
}

/** The legs as they are at the end: of an answered call the two that talked. */
export function recordedLegs(call: Call): CallRecordLeg[] {
  const called = call.connected === undefined ? call.called : [call.connected];
  return [call.caller, ...called].map((leg) => {
    const { protocol, signalling, proof, provenIdentity, remoteAddress } = knownProtection(leg.protection);
    const { displayName } = call.identity;
    return {
      leg: leg.id,
      role: leg.role,
      protocol,
      signalling,
      proof,
      ...keyingOf(leg),
      level: levelOf(leg),
      ...demarcationOf(leg),
      party: {
        device: leg.device,
        line: leg.line,
        ...(leg.role === 'called' ? { number: call.destination } : {}),
        ...(leg.role === 'calling' && displayName !== undefined ? { displayName } : {}),
        ...(remoteAddress === undefined ? {} : { remoteAddress }),
        ...mediaAddressOf(leg),
        ...(provenIdentity === undefined ? {} : { provenIdentity }),
      },
    };
  });
}

function mediaAddressOf({ media }: Leg): Pick<CallParty, 'mediaAddress'> {
  const { address, port } = media?.streams.find((stream) => stream.port !== 0) ?? {};
  if (address === undefined || port === undefined) return {};
  return { mediaAddress: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}` };
}

const keyingByProtocol = { sip: 'sdes', sccp: 'sccp', h323: 'h235' } as const;

/** How the media of a leg got its keys, and the suite; `none` until an answer has chosen one. */
export function keyingOf(leg: Leg): Pick<CallRecordLeg, 'keying' | 'suite'> {
  if (leg.recovered !== undefined && leg.media === undefined) {
    const { keying, suite } = leg.recovered;
    return { keying, ...(suite === undefined ? {} : { suite }) };
  }
  const suite = leg.media?.streams.find(isSecure)?.keys[0]?.suite?.name;
  // Of an end without SRTP there is nothing to say but that: its keys stand in for the relay's.
  const hasOwn = leg.relay?.isClear !== true && leg.media !== leg.withStandIns;
  const agreed = hasOwn && leg.media !== undefined && leg.told !== undefined && isEncrypted(leg.media);
  return agreed && suite !== undefined
    ? { keying: keyingByProtocol[leg.protection.protocol], suite }
    : { keying: 'none' };
}
