import { assertNever } from '@trustline/base';
import { type SecurityLevel, securityEvent } from '@trustline/evidence';
import { answered, progress, ringing } from './answering.ts';
import type { Call, Leg } from './call.ts';
import { answeredCallBack, callBack } from './call-back.ts';
import type { Cause } from './causes.ts';
import { enterTransferred, offeredInConference, offerRequestedInConference } from './conference.ts';
import { digitPressed } from './digits.ts';
import { answeredEarly, isEarlyOffer, offeredEarly, refusedEarly } from './early-offer.ts';
import { watchHelp } from './emergency.ts';
import { answeredOffer, offered, offerRefused, offerRequested, offerTimedOut, settle } from './exchange.ts';
import { type FarSide, farSideOf, notePort } from './far-side.ts';
import type { CallControlInput, LegId } from './inputs.ts';
import { isHeard, type LegInput } from './leg-table.ts';
import { type LineCall, lineCalls } from './line-calls.ts';
import type { CallControlOutput } from './outputs.ts';
import { protectionChanged, protectionGivenUp, proven } from './protection-loss.ts';
import { type KeptCall, type KeptLeg, keptOf, recover } from './recovery.ts';
import { redirected } from './redirecting.ts';
import { digitHeard, overRelay, relayFailures, relayLost, tellRelays } from './relay-inputs.ts';
import { answering, goOnAnnounced, refusedByCalled, unanswered } from './routing.ts';
import { type CallControlSettings, completeSettings } from './settings.ts';
import { incoming } from './setup.ts';
import { type CallSnapshot, snapshotOf } from './snapshot.ts';
import { goneFromTransfer, recallParked, runTransfers, transfer } from './transfer.ts';
import { type CallControlPorts, type Ending, placeOf, type TimerName, World } from './world.ts';

/** What a called says once the call has come to it: the trunk on its way carries calls. */
const getsThrough: ReadonlySet<LegInput['kind']> = new Set(['ringing', 'progress', 'answered'] as const);

/**
 * The heart: calls between legs that speak any protocol. Inputs go in with the time in monotonic milliseconds,
 * `poll()` is drained after each, and `tick` is called when `nextDeadline()` has come.
 */
export class CallControl {
  readonly #world: World;

  /** @throws {CallControlError} callcontrol.setting-out-of-range */
  constructor(ports: CallControlPorts, settings: Partial<CallControlSettings> = {}) {
    this.#world = new World(completeSettings(settings), ports);
  }

  /** @throws {CallControlError} callcontrol.leg-exists when an incoming leg's identifier is in use */
  handle(now: number, input: CallControlInput): void {
    this.#world.now = now;
    const call = 'leg' in input ? this.#world.legs.get(input.leg)?.call : undefined;
    this.#take(now, input);
    runTransfers(this.#world, now, call);
    if (call !== undefined && this.#world.calls.has(call.id)) watchHelp(this.#world, now, call);
    tellRelays(this.#world);
  }

  #take(now: number, input: CallControlInput): void {
    switch (input.kind) {
      case 'incoming':
        incoming(this.#world, now, input);
        return;
      case 'device-lost':
        this.#deviceLost(now, input.device);
        return;
      case 'call-back':
        callBack(this.#world, now, input);
        return;
      case 'drain':
        this.#drain(now, input.timeout);
        return;
      case 'probed':
        this.#world.trunks.probed(this.#world, now, input.device, input.isThere);
        return;
      case 'relay-lost':
        relayLost(this.#world, now, input.sides);
        return;
      case 'relay-digit-heard':
        digitHeard(this.#world, input);
        return;
      case 'relay-failures':
        relayFailures(this.#world, now, input);
        return;
      case 'protection':
        this.#protection(now, input);
        return;
      case 'proven':
        proven(this.#world, now, input);
        return;
      case 'answering':
        answering(this.#world, input.leg);
        return;
      default:
        this.#handleLeg(now, input);
        return;
    }
  }

  /** What it stays away for is over for that, by the call manager. */
  #protection(now: number, input: Extract<CallControlInput, { kind: 'protection' }>): void {
    const { call, leg } = this.#world.legs.get(input.leg) ?? {};
    if (call === undefined || leg === undefined) return;
    if (input.state !== 'given-up') {
      protectionChanged(this.#world, now, call, leg, input);
      return;
    }
    protectionGivenUp(this.#world, now, call, leg, input.words);
    this.#gone(now, call, leg, 'protection-gone', { found: input.words });
  }

  /** Lets timers run that are due. */
  tick(now: number): void {
    this.#world.now = now;
    for (let name = this.#world.deadlines.takeDue(now); name !== undefined; ) {
      this.#timerDue(now, name);
      runTransfers(this.#world, now, this.#world.calls.get(name.split(' ')[1] ?? ''));
      name = this.#world.deadlines.takeDue(now);
    }
    tellRelays(this.#world);
  }

  /** The next thing to do, oldest first; undefined when there is none. */
  poll(): CallControlOutput | undefined {
    return this.#world.outputs.shift();
  }

  /** When {@link tick} is wanted next, or undefined. */
  nextDeadline(): number | undefined {
    return this.#world.deadlines.next();
  }

  /** Whether a call is parked at a number, or somebody is in its conference. */
  isTaken(number: string): boolean {
    return this.#world.parked.has(number) || this.#world.conferences.has(number);
  }

  /** Calls that run now, oldest first. */
  calls(): readonly CallSnapshot[] {
    return [...this.#world.calls.values()].map((call) => snapshotOf(this.#world, call));
  }

  /** What is asked for in the call that a leg is in, and by which device; undefined once it is gone. */
  askedFor(leg: LegId): { readonly destination: string; readonly device: string } | undefined {
    const call = this.#world.legs.get(leg)?.call;
    return call && { destination: call.destination, device: call.caller.device };
  }

  /** The call that a leg is in, with its line, its role there and the level of the call; undefined once it is gone. */
  legOf(leg: LegId):
    | {
        readonly call: string;
        readonly line: string;
        readonly level: SecurityLevel;
        readonly role: Leg['role'];
        readonly kind: Leg['kind'];
      }
    | undefined {
    const found = this.#world.legs.get(leg);
    return found && { ...placeOf(found.call, found.leg), role: found.leg.role, kind: found.leg.kind };
  }

  /** The trunk or gateway at the other end of a leg's call; undefined where that is a phone, or nobody yet. */
  farSideOf(leg: LegId): FarSide | undefined {
    const found = this.#world.legs.get(leg);
    return found && farSideOf(found.call, found.leg);
  }

  /** What is to be kept of a call, for whoever starts after this process; undefined while nobody has answered it. */
  keep(call: string): KeptCall | undefined {
    const found = this.#world.calls.get(call);
    return found && keptOf(this.#world, found);
  }

  /** Takes a call up again that another process had kept, or ends it where it cannot go on; `lost` are ends that are gone. */
  recover(now: number, kept: KeptCall, lost: readonly KeptLeg[] = []): void {
    this.#world.now = now;
    recover(this.#world, now, kept, lost);
  }

  /** What a line does now. */
  lineCalls(line: string): readonly LineCall[] {
    return lineCalls(this.#world, line);
  }

  /** Lines whose calls are others, or in another state, since this was asked last. */
  takeChangedLines(): readonly string[] {
    const { changedLines } = this.#world;
    if (changedLines.size === 0) return [];
    const lines = [...changedLines];
    changedLines.clear();
    return lines;
  }

  /** How it is with a trunk or gateway: channels in use, and since when it is set aside, if it is. */
  trunk(device: string): {
    readonly inUse: number;
    readonly aside?: { readonly since: string; readonly cause: Cause };
  } {
    const { trunks } = this.#world;
    const aside = trunks.aside(device);
    return {
      inUse: trunks.inUse(device),
      ...(aside === undefined ? {} : { aside: { since: aside.since, cause: aside.cause } }),
    };
  }

  /** Transcoders of the relay that are taken, by calls that use them or may by what was offered. */
  get transcoders(): number {
    return this.#world.transcoders.size;
  }

  get draining(): boolean {
    return this.#world.draining;
  }

  #handleLeg(now: number, said: LegInput): void {
    const world = this.#world;
    const found = world.legs.get(said.leg);
    if (found === undefined) {
      // An answer that crossed our cancel: nobody is there for it.
      if (said.kind === 'answered') {
        world.emit({
          kind: 'release',
          leg: said.leg,
          cause: 'cancelled',
          warning: 'The call was over before it was answered',
        });
      }
      return;
    }
    const { call, leg } = found;
    if (!isHeard(leg, said.kind)) return;
    if (said.kind === 'progress' || said.kind === 'answered') notePort(leg, said.port);
    if (leg.role === 'called' && getsThrough.has(said.kind)) world.trunks.worked(world, now, leg.device);
    const input = overRelay(world, call, leg, said);
    switch (input.kind) {
      case 'ringing':
        ringing(world, call, leg, input.callWaiting === true);
        return;
      case 'progress':
        progress(world, now, call, leg, input.answer, input.takesOffers === true);
        return;
      case 'answered':
        if (call.callBack !== undefined && input.media !== undefined) {
          answeredCallBack(world, now, call, leg, input.media);
        } else answered(world, now, call, leg, input.media);
        return;
      case 'refused':
        refusedByCalled(world, now, call, leg, input.cause, input);
        return;
      case 'redirected':
        redirected(world, now, call, leg, input.numbers);
        return;
      case 'cancelled':
        this.#gone(now, call, leg, 'cancelled', input);
        return;
      case 'released':
        this.#gone(now, call, leg, input.cause ?? 'normal-clearing', input);
        return;
      case 'offer':
        if (isEarlyOffer(call, leg)) offeredEarly(world, now, call, leg, input.offer);
        else if (call.enters !== undefined && leg === call.caller) {
          enterTransferred(world, now, call, call.enters, input.offer);
        } else if (call.conference === undefined) offered(world, now, call, leg, input.offer);
        else offeredInConference(world, now, call, call.conference, input.offer);
        return;
      case 'offer-requested':
        if (call.conference === undefined) offerRequested(world, now, call, leg);
        else offerRequestedInConference(world, leg);
        return;
      case 'answer':
        if (call.exchange?.kind === 'early') answeredEarly(world, now, call, call.exchange, leg, input.answer);
        else answeredOffer(world, now, call, leg, input.answer);
        return;
      case 'offer-refused':
        if (call.exchange?.kind === 'early') refusedEarly(world, call, call.exchange, leg, input.cause);
        else offerRefused(world, now, call, leg, input.cause);
        return;
      case 'transfer':
        transfer(world, now, call, leg, input.to);
        return;
      case 'digit':
        digitPressed(world, call, leg, input.digit, input.milliseconds);
        return;
      default:
        assertNever(input);
    }
  }

  /**
   * A leg has ended by itself.
   *
   * @param words what it said of that, or what was found; undefined where it could say nothing
   */
  #gone(now: number, call: Call, leg: Leg, cause: Cause, words?: Pick<Ending, 'said' | 'found'>): void {
    const world = this.#world;
    const by = leg === call.caller ? 'caller' : 'called';
    if (goneFromTransfer(world, now, call, leg, cause)) return;
    if (leg.role === 'called' && leg !== call.connected) {
      refusedByCalled(world, now, call, leg, cause, words);
      return;
    }
    world.dropLeg(now, call, leg);
    const { said, found } = words ?? {};
    const whose = words === undefined ? {} : found === undefined ? ({ by, said } as const) : { found };
    if (call.answeredAt !== undefined) {
      world.endCall(now, call, { outcome: 'answered', cause, ...whose });
      return;
    }
    const outcome = cause === 'cancelled' || cause === 'normal-clearing' ? 'cancelled' : 'failed';
    world.endCall(now, call, { outcome, cause, ...whose });
  }

  #deviceLost(now: number, device: string): void {
    const lost = [...this.#world.legs.values()].filter(({ leg }) => leg.device === device);
    for (const { call, leg } of lost) this.#world.dropLeg(now, call, leg); // all at once: none of them can be told anything
    for (const { call, leg } of lost) {
      if (!this.#world.calls.has(call.id)) continue;
      const isTried = call.attempt?.kind === 'trunk' && leg.role === 'called' && leg !== call.connected;
      this.#gone(now, call, leg, isTried ? 'network-out-of-order' : 'destination-out-of-order');
    }
    for (const { call } of lost) runTransfers(this.#world, now, call); // what waited for an answer of theirs goes on
  }

  #drain(now: number, timeout: number): void {
    const world = this.#world;
    if (world.draining) return;
    world.draining = true;
    const at = world.ports.wallTime(now);
    const { node } = world.settings;
    const runningCalls = world.calls.size;
    const cause = `No new calls are taken; ${runningCalls} may end by themselves for ${Math.round(timeout / 1000)} s.`;
    world.emit({ kind: 'event', event: securityEvent('drain-started', { at, node, cause, runningCalls }) });
    world.deadlines.set('drain', now + timeout);
    world.sayDrained();
  }

  #timerDue(now: number, name: TimerName): void {
    const world = this.#world;
    if (name === 'drain') {
      for (const call of [...world.calls.values()]) {
        world.endCall(now, call, {
          outcome: call.answeredAt === undefined ? 'failed' : 'answered',
          cause: 'interrupted',
        });
      }
      return;
    }
    if (name.startsWith('probe ')) {
      world.trunks.probeDue(world, now, name.slice('probe '.length));
      return;
    }
    const [kind, id = ''] = name.split(' ');
    const call = world.calls.get(id);
    if (call === undefined) return;
    if (kind === 'park') recallParked(world, now, call);
    else if (kind === 'no-answer') unanswered(world, now, call);
    else if (kind === 'announce') goOnAnnounced(world, now, call);
    else if (kind === 'offer') offerTimedOut(world, now, call);
    else settle(world, now, call);
  }
}
