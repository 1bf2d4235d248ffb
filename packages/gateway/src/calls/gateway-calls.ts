import { DeadlineQueue } from '@trustline/base';
import { type DialPeer, type DialPlan, isSame, type Side } from '../dial-peers/dial-plan.ts';
import { rewrite } from '../numbers/rewriting.ts';
import type { ReleaseCause } from '../voice-port.ts';
import { mayHunt } from './hunting.ts';
import type { Caller, CallRequest, LegCommand, LegEvent, ProgressTone } from './leg.ts';

/** Of Q.850: the number is not allocated, or has more digits; a user is busy; the peer itself; a user, or this gateway. */
const UNALLOCATED = 1;
const INCOMPLETE = 28;
const BUSY = 17;
const OUT_OF_ORDER = 27;
const LOCAL = 5;
/** Digits of a number that are taken; of more, none leads further (H.225.0 dialedDigits: 1 to 128). */
const MOST_DIGITS = 128;

export interface GatewayCallsOptions {
  readonly plan: DialPlan;
  /** Milliseconds for which another digit is waited for where a number may go on. */
  readonly interDigitTimeout: number;
  /** Milliseconds for which a tone that says why a call failed is played, where tones are in the audio. */
  readonly failureToneTime: number;
}

/** What became of a call, for who keeps a log. */
export type GatewayCallEvent =
  | { readonly kind: 'offered'; readonly call: string; readonly from: Side; readonly request: CallRequest }
  | {
      readonly kind: 'placed';
      readonly call: string;
      readonly peer: string;
      readonly to: Side;
      readonly called: string;
    }
  | { readonly kind: 'failed'; readonly call: string; readonly peer: string; readonly cause: ReleaseCause }
  | { readonly kind: 'ringing' | 'answered'; readonly call: string }
  | {
      readonly kind: 'ended';
      readonly call: string;
      readonly cause: ReleaseCause;
      readonly by: 'caller' | 'called' | 'gateway';
      /** The number as far as it was dialled, with the digits that came later. */
      readonly dialled: string;
    };

export type GatewayCallsOutput =
  /** Begin a leg at a side; what it says comes to `heard` under this name. */
  | {
      readonly kind: 'place';
      readonly leg: string;
      readonly call: string;
      readonly to: Side;
      readonly request: CallRequest;
    }
  | { readonly kind: 'command'; readonly leg: string; readonly command: LegCommand }
  /** From now on each hears the other, and no tone. */
  | { readonly kind: 'join'; readonly caller: string; readonly called: string }
  | { readonly kind: 'tone'; readonly leg: string; readonly tone: ProgressTone }
  /** The legs hear nothing any more; each ends by itself. */
  | { readonly kind: 'part'; readonly caller: string }
  | { readonly kind: 'event'; readonly event: GatewayCallEvent };

interface Call {
  readonly id: string;
  readonly from: Side;
  readonly caller: string;
  readonly request: CallRequest;
  /** All digits of the number that were dialled. */
  dialled: string;
  complete: boolean;
  wanted: boolean;
  /** The peers that are left to be tried; undefined while the number is still being dialled. */
  untried: DialPeer[] | undefined;
  current: Outgoing | undefined;
  alerted: boolean;
  joined: boolean;
  answered: boolean;
  deadline: { readonly kind: 'digits' | 'tone'; readonly at: number } | undefined;
  /** Why the call is over once the tone has been heard. */
  failure: ReleaseCause | undefined;
}

interface Outgoing {
  readonly leg: string;
  readonly peer: DialPeer;
  /** Digits that came after it was placed and wait to be asked for. */
  queued: string;
  wanted: boolean;
}

/**
 * The calls of a gateway between its sides, without I/O: each call has a leg that came and, once its number leads somewhere,
 * one that goes out. Both speak the words of `leg.ts`, so that nothing here knows of H.323, of Q.931 or of SIP. Take all
 * outputs with `poll` after each input; times are monotonic milliseconds.
 */
export class GatewayCalls {
  readonly #options: GatewayCallsOptions;
  readonly #calls = new Map<string, Call>();
  readonly #byLeg = new Map<string, Call>();
  readonly #deadlines = new DeadlineQueue<string>();
  readonly #outputs: GatewayCallsOutput[] = [];
  #count = 0;

  constructor(options: GatewayCallsOptions) {
    this.#options = options;
  }

  /** Calls in being. */
  get size(): number {
    return this.#calls.size;
  }

  /** Somebody calls from a side. Returns the name of the leg, by which it goes on to be known. */
  offered(now: number, from: Side, request: CallRequest): string {
    this.#count += 1;
    const id = `call${this.#count}`;
    const call: Call = {
      id,
      from,
      caller: `${id}-in`,
      request,
      dialled: request.called,
      complete: request.complete,
      wanted: false,
      untried: undefined,
      current: undefined,
      alerted: false,
      joined: false,
      answered: false,
      deadline: undefined,
      failure: undefined,
    };
    this.#calls.set(id, call);
    this.#byLeg.set(call.caller, call);
    this.#tell({ kind: 'offered', call: id, from, request });
    this.#route(now, call);
    return call.caller;
  }

  /** What a leg says. Of one that is over nothing is taken. */
  heard(now: number, leg: string, event: LegEvent): void {
    const call = this.#byLeg.get(leg);
    if (call === undefined) return;
    if (leg === call.caller) this.#heardCaller(now, call, event);
    else if (call.current?.leg === leg) this.#heardCalled(now, call, call.current, event);
  }

  /** Ends all calls, as when the gateway stops. */
  releaseAll(): void {
    for (const call of [...this.#calls.values()]) this.#end(call, { value: OUT_OF_ORDER, location: LOCAL }, 'gateway');
  }

  poll(): GatewayCallsOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    for (let id = this.#deadlines.takeDue(now); id !== undefined; id = this.#deadlines.takeDue(now)) {
      const call = this.#calls.get(id);
      if (call?.deadline === undefined) continue;
      const { kind } = call.deadline;
      call.deadline = undefined;
      if (kind === 'tone' && call.failure !== undefined) {
        this.#end(call, call.failure, 'called');
      } else {
        call.complete = true;
        this.#route(now, call);
      }
    }
  }

  #heardCaller(now: number, call: Call, event: LegEvent): void {
    if (event.kind === 'released') {
      this.#end(call, event.cause, 'caller');
    } else if (event.kind === 'keys') {
      this.#sendKeys(call, call.current?.leg, event.keys);
    } else if (event.kind === 'digits' && call.failure === undefined && !call.complete) {
      const digits = event.digits.slice(0, Math.max(0, MOST_DIGITS - call.dialled.length));
      call.dialled += digits;
      call.complete = event.complete;
      if (call.untried === undefined) this.#route(now, call);
      else if (call.current !== undefined) this.#passDigits(call.current, digits, event.complete);
    }
  }

  #heardCalled(now: number, call: Call, current: Outgoing, event: LegEvent): void {
    switch (event.kind) {
      case 'more-digits-wanted':
        current.wanted = true;
        this.#passDigits(current, '', call.complete);
        return;
      case 'proceeding':
        this.#command(call.caller, { kind: 'proceed' });
        if (event.inBand) this.#letHear(call, current);
        return;
      case 'progress':
        if (event.inBand) this.#letHear(call, current, event.cause);
        return;
      case 'alerting':
        this.#ring(call, current, event.inBand);
        return;
      case 'answered':
        call.answered = true;
        this.#join(call, current);
        this.#command(call.caller, {
          kind: 'answer',
          ...(event.connected === undefined ? {} : { connected: event.connected }),
        });
        this.#tell({ kind: 'answered', call: call.id });
        return;
      case 'keys':
        this.#sendKeys(call, call.caller, event.keys);
        return;
      case 'released':
        this.#lost(now, call, current, event.cause);
        return;
      case 'digits':
    }
  }

  /** Looks where the number leads, so far as it is dialled. */
  #route(now: number, call: Call): void {
    const found = this.#options.plan.find(call.dialled, call.from);
    if (found.kind === 'none' || (found.kind === 'more-digits' && call.complete)) {
      this.#end(call, { value: found.kind === 'none' ? UNALLOCATED : INCOMPLETE, location: LOCAL }, 'gateway');
      return;
    }
    const overlaps = found.kind === 'peers' && found.peers[0].overlap;
    if (found.kind === 'peers' && (call.complete || found.isFinal || overlaps)) {
      this.#setDeadline(call, undefined);
      if (found.isFinal) call.complete = true;
      // What came from a manager or a carrier goes back to it by no peer: it would come again.
      call.untried = found.peers.filter(({ to }) => to.kind === 'port' || !isSame(to, call.from));
      this.#placeNext(now, call, { value: UNALLOCATED, location: LOCAL });
      return;
    }
    if (!call.wanted) this.#command(call.caller, { kind: 'want-digits' });
    call.wanted = true;
    this.#setDeadline(call, { kind: 'digits', at: now + this.#options.interDigitTimeout });
  }

  /** Tries the next peer; where there is none, `because` is why the call failed. */
  #placeNext(now: number, call: Call, because: ReleaseCause): void {
    const peer = call.untried?.shift();
    if (peer === undefined) {
      this.#fail(now, call, because);
      return;
    }
    this.#count += 1;
    const leg = `${call.id}-out${this.#count}`;
    call.current = { leg, peer, queued: '', wanted: false };
    this.#byLeg.set(leg, call);
    const called = rewrite(call.dialled, peer.called);
    const { caller, diverted } = call.request;
    const request = {
      called,
      complete: call.complete,
      caller: rewritten(caller, peer),
      ...(diverted === undefined ? {} : { diverted }),
    };
    this.#tell({ kind: 'placed', call: call.id, peer: peer.name, to: peer.to, called });
    this.#outputs.push({ kind: 'place', leg, call: call.id, to: peer.to, request });
  }

  #lost(now: number, call: Call, current: Outgoing, cause: ReleaseCause): void {
    this.#byLeg.delete(current.leg);
    if (call.answered) {
      call.current = undefined;
      this.#end(call, cause, 'called');
      return;
    }
    this.#tell({ kind: 'failed', call: call.id, peer: current.peer.name, cause });
    call.current = undefined;
    if (mayHunt(cause.value)) this.#placeNext(now, call, cause);
    else this.#fail(now, call, cause, current.peer);
  }

  /** There is nobody left to try: the caller is told why, by a tone first where his side makes none. */
  #fail(now: number, call: Call, cause: ReleaseCause, peer?: DialPeer): void {
    if (peer?.tones !== 'in-band') {
      this.#end(call, cause, 'called');
      return;
    }
    call.failure = cause;
    this.#command(call.caller, { kind: 'progress', cause });
    this.#outputs.push({ kind: 'tone', leg: call.caller, tone: cause.value === BUSY ? 'busy' : 'congestion' });
    this.#setDeadline(call, { kind: 'tone', at: now + this.#options.failureToneTime });
  }

  #ring(call: Call, current: Outgoing, inBand: boolean): void {
    const ownTone = !inBand && !call.joined && current.peer.tones === 'in-band';
    if (inBand) this.#join(call, current);
    if (!call.alerted) {
      this.#command(call.caller, { kind: 'alert', inBand: inBand || ownTone });
      this.#tell({ kind: 'ringing', call: call.id });
    } else if (inBand) {
      this.#command(call.caller, { kind: 'progress' });
    }
    if (ownTone) this.#outputs.push({ kind: 'tone', leg: call.caller, tone: 'ringback' });
    call.alerted = true;
  }

  #letHear(call: Call, current: Outgoing, cause?: ReleaseCause): void {
    this.#join(call, current);
    this.#command(call.caller, { kind: 'progress', ...(cause === undefined ? {} : { cause }) });
  }

  #join(call: Call, current: Outgoing): void {
    this.#outputs.push({ kind: 'join', caller: call.caller, called: current.leg });
    call.joined = true;
  }

  #passDigits(current: Outgoing, digits: string, complete: boolean): void {
    current.queued += digits;
    if (!current.wanted || (current.queued === '' && !complete)) return;
    this.#command(current.leg, { kind: 'send-digits', digits: current.queued, complete });
    current.queued = '';
  }

  #sendKeys(call: Call, leg: string | undefined, keys: string): void {
    if (leg !== undefined && call.joined) this.#command(leg, { kind: 'send-keys', keys });
  }

  #end(call: Call, cause: ReleaseCause, by: 'caller' | 'called' | 'gateway'): void {
    this.#calls.delete(call.id);
    this.#byLeg.delete(call.caller);
    this.#deadlines.clear(call.id);
    this.#outputs.push({ kind: 'part', caller: call.caller });
    if (by !== 'caller') this.#command(call.caller, { kind: 'release', cause });
    if (call.current !== undefined) {
      this.#byLeg.delete(call.current.leg);
      this.#command(call.current.leg, { kind: 'release', cause });
    }
    this.#tell({ kind: 'ended', call: call.id, cause, by, dialled: call.dialled });
  }

  #setDeadline(call: Call, deadline: Call['deadline']): void {
    call.deadline = deadline;
    this.#deadlines.set(call.id, deadline?.at);
  }

  #command(leg: string, command: LegCommand): void {
    this.#outputs.push({ kind: 'command', leg, command });
  }

  #tell(event: GatewayCallEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }
}

function rewritten(caller: Caller, { calling }: DialPeer): Caller {
  return caller.number === '' ? caller : { ...caller, number: rewrite(caller.number, calling) };
}
