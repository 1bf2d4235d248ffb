import { Deadlines } from '@trustline/base';
import { compress, expand } from '../tones/audio-queue.ts';
import { type CallProgressTone, callProgressTone, type ToneCountry } from '../tones/call-progress-tones.ts';
import { ToneGenerator } from '../tones/tone-generator.ts';
import {
  AUDIO_BLOCK_OCTETS,
  type CallingParty,
  type OutgoingCall,
  type ReleaseCause,
  type VoicePort,
  type VoicePortEvent,
} from '../voice-port.ts';
import type { SimulatedBehaviour, SimulatedNumberPlan, SimulatedVoice } from './number-plan.ts';

export interface SimulatedNetworkOptions {
  /** Its own end of the line: the network side of a loopback. */
  readonly port: VoicePort;
  readonly plan: SimulatedNumberPlan;
  readonly country: ToneCountry;
}

/** What the simulation saw, for who drives it. */
export type SimulatedNetworkEvent =
  | { readonly kind: 'incoming'; readonly call: number; readonly called: string; readonly calling: CallingParty }
  | { readonly kind: 'alerting' | 'answered'; readonly call: number }
  | { readonly kind: 'released'; readonly call: number; readonly cause: ReleaseCause; readonly by: string }
  /** 20 ms that it heard, as samples; good until the next call of `poll`. */
  | { readonly kind: 'heard'; readonly call: number; readonly samples: Int16Array };

interface SimulatedCall {
  readonly number: number;
  readonly timers: Deadlines<'answer' | 'refuse' | 'hang-up'>;
  digits: string;
  behaviour: SimulatedBehaviour | undefined;
  source: Source;
}

/** What is written to the line. */
type Source =
  | { readonly kind: 'silence' }
  | { readonly kind: 'echo' }
  | { readonly kind: 'generator'; readonly generator: ToneGenerator }
  | { readonly kind: 'recording'; readonly samples: Int16Array; at: number };

const PUBLIC_NETWORK = 2;
const NORMAL_CLEARING = 16;
const INVALID_NUMBER = 28;
const BUSY = 17;
const congestionCauses: readonly number[] = [34, 38, 41, 42, 47];

/**
 * A public network that there is not: for tests and demonstrations it stands behind the far end of a loopback line, does
 * with each number what its plan says, and calls when it is told to. It knows one line, and nothing of it is real but what
 * it says on that line.
 */
export class SimulatedPublicNetwork {
  readonly #port: VoicePort;
  readonly #options: SimulatedNetworkOptions;
  readonly #calls = new Map<number, SimulatedCall>();
  readonly #events: SimulatedNetworkEvent[] = [];
  readonly #samples = new Int16Array(AUDIO_BLOCK_OCTETS);
  readonly #octets = new Uint8Array(AUDIO_BLOCK_OCTETS);

  constructor(options: SimulatedNetworkOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** Calls that it has, either way. */
  get callCount(): number {
    return this.#calls.size;
  }

  /** Somebody in the network calls the other side; once answered, `voice` is heard there. */
  place(now: number, outgoing: OutgoingCall, voice: SimulatedVoice): number {
    const number = this.#port.place(now, outgoing);
    this.#hold(number, { kind: 'answer', afterMilliseconds: 0, voice });
    this.#pump(now);
    return number;
  }

  /** Further digits of a call that was placed incomplete. */
  sendDigits(now: number, call: number, digits: string, complete: boolean): void {
    this.#port.sendDigits(now, call, digits, complete);
  }

  hangUp(now: number, call: number): void {
    this.#port.release(now, call, { value: NORMAL_CLEARING, location: PUBLIC_NETWORK });
    this.#pump(now);
  }

  poll(now: number): SimulatedNetworkEvent | undefined {
    this.#pump(now);
    return this.#events.shift();
  }

  /** Its port's deadlines included. */
  nextDeadline(): number | undefined {
    let next = this.#port.nextDeadline();
    for (const { timers } of this.#calls.values()) {
      const due = timers.next();
      if (due !== undefined && (next === undefined || due < next)) next = due;
    }
    return next;
  }

  handleTime(now: number): void {
    this.#port.handleTime(now);
    for (const call of [...this.#calls.values()]) {
      for (let due = call.timers.takeDue(now); due !== undefined; due = call.timers.takeDue(now)) {
        if (due === 'answer') this.#answer(now, call);
        else if (due === 'hang-up') this.hangUp(now, call.number);
        else this.#refuse(now, call);
      }
    }
    this.#pump(now);
  }

  #pump(now: number): void {
    for (let event = this.#port.poll(); event !== undefined; event = this.#port.poll()) this.#take(now, event);
  }

  #take(now: number, event: VoicePortEvent): void {
    if (event.kind === 'service') return;
    if (event.kind === 'incoming') {
      this.#takeIncoming(now, event);
      return;
    }
    const call = this.#calls.get(event.call);
    if (call === undefined) return;
    switch (event.kind) {
      case 'digits':
        call.digits += event.digits;
        this.#decide(now, call, event.complete);
        return;
      case 'alerting':
        this.#events.push({ kind: 'alerting', call: call.number });
        return;
      case 'answered':
        this.#events.push({ kind: 'answered', call: call.number });
        if (call.behaviour?.kind === 'answer') call.source = sourceOf(call.behaviour.voice);
        return;
      case 'audio':
        this.#exchange(call, event.octets);
        return;
      case 'released':
        this.#calls.delete(call.number);
        this.#events.push({ kind: 'released', call: call.number, cause: event.cause, by: event.by });
    }
  }

  #takeIncoming(now: number, event: Extract<VoicePortEvent, { kind: 'incoming' }>): void {
    const call = this.#hold(event.call, undefined);
    call.digits = event.called.digits;
    this.#events.push({ kind: 'incoming', call: event.call, called: call.digits, calling: event.calling });
    this.#decide(now, call, event.complete);
    if (call.behaviour === undefined && this.#calls.has(event.call)) this.#port.wantDigits(now, event.call);
  }

  /** What the number does, when it is known. */
  #decide(now: number, call: SimulatedCall, complete: boolean): void {
    if (call.behaviour !== undefined) return;
    const behaviour = this.#options.plan(call.digits, complete);
    if (behaviour === undefined) {
      if (complete) this.#port.release(now, call.number, { value: INVALID_NUMBER, location: PUBLIC_NETWORK });
      return;
    }
    call.behaviour = behaviour;
    if (behaviour.kind === 'refuse') {
      this.#beginRefusal(now, call, behaviour);
      return;
    }
    this.#port.proceed(now, call.number);
    call.source = this.#tone('ringback');
    this.#port.alert(now, call.number, true);
    if (behaviour.kind === 'answer') call.timers.set('answer', now + behaviour.afterMilliseconds);
  }

  #beginRefusal(now: number, call: SimulatedCall, refusal: Extract<SimulatedBehaviour, { kind: 'refuse' }>): void {
    if (refusal.announcedMilliseconds === undefined) {
      this.#refuse(now, call);
      return;
    }
    const { cause } = refusal;
    this.#port.proceed(now, call.number);
    call.source = this.#tone(
      cause === BUSY ? 'busy' : congestionCauses.includes(cause) ? 'congestion' : 'special-information',
    );
    this.#port.progress(now, call.number, { value: cause, location: PUBLIC_NETWORK });
    call.timers.set('refuse', now + refusal.announcedMilliseconds);
  }

  #refuse(now: number, call: SimulatedCall): void {
    if (call.behaviour?.kind !== 'refuse') return;
    this.#port.release(now, call.number, { value: call.behaviour.cause, location: PUBLIC_NETWORK });
  }

  #answer(now: number, call: SimulatedCall): void {
    if (call.behaviour?.kind !== 'answer') return;
    const { voice, hangUpAfterMilliseconds } = call.behaviour;
    call.source = sourceOf(voice);
    this.#port.answer(now, call.number);
    this.#events.push({ kind: 'answered', call: call.number });
    if (hangUpAfterMilliseconds !== undefined) call.timers.set('hang-up', now + hangUpAfterMilliseconds);
  }

  #exchange(call: SimulatedCall, received: Uint8Array): void {
    const { law } = this.#port;
    const { source } = call;
    if (source.kind === 'echo') this.#port.write(call.number, received);
    else if (source.kind !== 'silence') {
      this.#fill(source);
      compress(law, this.#samples, this.#octets);
      this.#port.write(call.number, this.#octets);
    }
    const heard = new Int16Array(received.length);
    expand(law, received, heard);
    this.#events.push({ kind: 'heard', call: call.number, samples: heard });
  }

  #fill(source: Exclude<Source, { kind: 'silence' | 'echo' }>): void {
    if (source.kind === 'generator') {
      source.generator.fill(this.#samples);
      return;
    }
    for (let at = 0; at < this.#samples.length; at += 1) {
      this.#samples[at] = source.samples[source.at] ?? 0;
      source.at = (source.at + 1) % Math.max(1, source.samples.length);
    }
  }

  #hold(number: number, behaviour: SimulatedBehaviour | undefined): SimulatedCall {
    const call: SimulatedCall = {
      number,
      timers: new Deadlines(),
      digits: '',
      behaviour,
      source: { kind: 'silence' },
    };
    this.#calls.set(number, call);
    return call;
  }

  #tone(tone: CallProgressTone): Source {
    return { kind: 'generator', generator: new ToneGenerator(callProgressTone(this.#options.country, tone)) };
  }
}

function sourceOf(voice: SimulatedVoice): Source {
  switch (voice.kind) {
    case 'echo':
      return { kind: 'echo' };
    case 'tone': {
      const section = { frequencies: [voice.frequency], milliseconds: Number.POSITIVE_INFINITY };
      return { kind: 'generator', generator: new ToneGenerator({ sections: [section], repeats: true }) };
    }
    case 'recording':
      return { kind: 'recording', samples: voice.samples, at: 0 };
  }
}
