import { decodeALaw, encodeALaw, FRAME_SAMPLES } from '@trustline/rtp';
import { Pacer } from '@trustline/rtp/node';
import type { OutgoingCall, ReleaseCause, VoicePort, VoicePortEvent } from '../voice-port.ts';
import type { RunningPort } from './port-side.ts';

/** What a handset does with a call that comes to it. */
export type Manner = 'answers' | 'rings' | 'is-busy' | 'announces';

/**
 * A port with a person at it, for tests: what is said is a recording, what is heard is kept. It answers calls in the manner
 * that it is told to, and can call.
 */
export class HandsetPort implements VoicePort {
  readonly name: string;
  /** An `fxs` tells the keys that it hears itself; of a `pri` they are in the audio. */
  kind: 'fxs' | 'pri' = 'fxs';
  readonly law = 'A';
  readonly inService = true;
  readonly channels = 30;
  readonly freeChannels = 30;
  readonly placed: OutgoingCall[] = [];
  readonly told: string[] = [];
  manner: Manner;
  readonly #voice: Int16Array;
  readonly #events: VoicePortEvent[] = [];
  readonly #calls = new Map<number, { at: number }>();
  readonly #heard = new Map<number, number[]>();
  #pacer: Pacer | undefined;
  #changed: () => void = () => {};
  #count = 0;

  constructor(name: string, voice: Int16Array, manner: Manner = 'answers') {
    this.name = name;
    this.#voice = voice;
    this.manner = manner;
  }

  open(changed: () => void): RunningPort {
    this.#changed = changed;
    this.#pacer = new Pacer(20, () => this.#tick());
    return { port: this, touched: () => {}, stop: () => this.#pacer?.stop() };
  }

  /** Calls a number; 'complete' false has it dialled digit by digit. */
  call(digits: string, calling = '+4930555', complete = true): number {
    const call = this.#begin();
    this.#tell({
      kind: 'incoming',
      call,
      called: { typeOfNumber: 0, numberingPlan: 1, digits },
      complete,
      calling: { number: { typeOfNumber: 1, numberingPlan: 1, digits: calling.slice(1) }, name: 'Ann' },
    });
    return call;
  }

  says(event: VoicePortEvent): void {
    this.#tell(event);
  }

  hangUp(call: number): void {
    this.#calls.delete(call);
    this.#tell({ kind: 'released', call, cause: { value: 16, location: 0 }, by: 'far-end' });
  }

  place(_now: number, outgoing: OutgoingCall): number {
    this.placed.push(outgoing);
    const call = this.#begin();
    // Nobody is told before the number of the call is known.
    queueMicrotask(() => this.#treat(call));
    return call;
  }

  sendDigits(_now: number, _call: number, digits: string): void {
    this.told.push(`digits ${digits}`);
  }

  wantDigits(): void {
    this.told.push('want-digits');
  }

  proceed(): void {
    this.told.push('proceed');
  }

  progress(): void {
    this.told.push('progress');
  }

  alert(_now: number, _call: number, inBand: boolean): void {
    this.told.push(inBand ? 'alert in-band' : 'alert');
  }

  answer(): void {
    this.told.push('answer');
  }

  sendKeys(_now: number, _call: number, keys: string): void {
    this.told.push(`keys ${keys}`);
  }

  release(_now: number, call: number, cause: ReleaseCause): void {
    this.told.push(`release ${cause.value}`);
    if (this.#calls.delete(call)) this.#tell({ kind: 'released', call, cause, by: 'gateway' });
  }

  /** What was heard in a call, the first by default. */
  heard(call = 1): readonly number[] {
    return this.#heard.get(call) ?? [];
  }

  write(call: number, octets: Uint8Array): void {
    const frame = new Int16Array(FRAME_SAMPLES);
    decodeALaw(octets, frame);
    this.#heard.get(call)?.push(...frame);
  }

  channelOf(call: number): number | undefined {
    return this.#calls.has(call) ? ((call - 1) % 30) + 1 : undefined;
  }

  poll(): VoicePortEvent | undefined {
    return this.#events.shift();
  }

  nextDeadline(): undefined {}

  handleTime(): void {}

  #treat(call: number): void {
    switch (this.manner) {
      case 'is-busy':
        this.#calls.delete(call);
        this.#tell({ kind: 'released', call, cause: { value: 17, location: 0 }, by: 'far-end' });
        return;
      case 'announces':
        this.#tell({ kind: 'progress', call, inBand: true });
        return;
      case 'answers':
      case 'rings':
        this.#tell({ kind: 'proceeding', call, inBand: false });
        this.#tell({ kind: 'alerting', call, inBand: false });
        if (this.manner === 'answers') this.#tell({ kind: 'answered', call });
    }
  }

  #begin(): number {
    this.#count += 1;
    this.#calls.set(this.#count, { at: 0 });
    this.#heard.set(this.#count, []);
    return this.#count;
  }

  #tick(): void {
    for (const [call, state] of this.#calls) {
      const frame = this.#voice.slice(state.at, state.at + FRAME_SAMPLES);
      const said = new Int16Array(FRAME_SAMPLES);
      said.set(frame);
      state.at = (state.at + FRAME_SAMPLES) % Math.max(FRAME_SAMPLES, this.#voice.length - FRAME_SAMPLES);
      const octets = new Uint8Array(FRAME_SAMPLES);
      encodeALaw(said, octets);
      this.#events.push({ kind: 'audio', call, octets });
    }
    if (this.#calls.size > 0) this.#changed();
  }

  #tell(event: VoicePortEvent): void {
    this.#events.push(event);
    this.#changed();
  }
}
