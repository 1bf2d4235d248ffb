import { describe, expect, test } from 'vitest';
import { compress, expand } from '../tones/audio-queue.ts';
import { CallProgressDetector } from '../tones/call-progress-detector.ts';
import { dtmfTones } from '../tones/dtmf.ts';
import type { ToneGenerator } from '../tones/tone-generator.ts';
import { FxsPort, type FxsPortOptions } from './fxs-port.ts';
import { pulsesOf } from './hook.ts';
import { Told } from './simulated-line.fixture.ts';

/** A telephone on an FXS port: its hook, its keys, what it hears and when it rings. */
class Telephone {
  now = 0;
  readonly port: FxsPort;
  readonly told = new Told();
  readonly signals: string[] = [];
  heard: Int16Array[] = [];
  #says: ToneGenerator | undefined;

  constructor(options: Partial<FxsPortOptions> = {}) {
    this.port = new FxsPort({ name: '2/0', law: 'mu', country: 'US', callerId: 'bell-202', ...options });
    this.run(20);
  }

  get number(): number {
    return this.told.last('incoming').call;
  }

  hook(off: boolean): void {
    this.port.setLoop(this.now, off);
    this.run(20);
  }

  keys(keys: string): void {
    this.#says = dtmfTones(keys);
    this.run(keys.length * 200 + 100);
  }

  pulses(digits: string): void {
    for (const { afterMilliseconds, closed } of pulsesOf(digits)) {
      this.run(afterMilliseconds);
      this.port.setLoop(this.now, closed);
    }
    this.run(300);
  }

  run(milliseconds: number): void {
    for (const until = this.now + milliseconds; this.now < until; this.now += 10) {
      this.port.handleTime(this.now);
      for (let signal = this.port.takeSignal(); signal !== undefined; signal = this.port.takeSignal()) {
        this.signals.push(signal.kind === 'battery' ? signal.battery : signal.on ? 'ring' : 'quiet');
      }
      if (this.now % 20 === 0) this.#exchange();
      this.told.take(this.port);
    }
  }

  hears(country: 'US' | 'GB' = 'US'): string | undefined {
    const detector = new CallProgressDetector(country);
    let last: string | undefined;
    for (const block of this.heard) last = detector.push(block) ?? last;
    this.heard = [];
    return last;
  }

  #exchange(): void {
    const said = new Int16Array(160);
    this.#says?.fill(said);
    const octets = new Uint8Array(160);
    compress('mu', said, octets);
    const back = new Uint8Array(160);
    this.port.exchangeAudio(this.now, octets, back);
    const samples = new Int16Array(160);
    expand('mu', back, samples);
    this.heard.push(samples);
  }
}

const digitsOf = ({ told }: Telephone) =>
  told.events.map((event) => (event.kind === 'digits' ? event.digits + (event.complete ? '.' : '') : '')).join('');

const busy = { value: 17, location: 0 };

describe('a telephone calls', () => {
  test('off-hook is a call without a number yet; dial tone until the first key, then digits, and a pause ends them', () => {
    const phone = new Telephone({ number: { typeOfNumber: 0, numberingPlan: 1, digits: '201' } });
    phone.hook(true);
    expect(phone.told.last('incoming')).toMatchObject({
      complete: false,
      called: { digits: '' },
      calling: { number: { digits: '201' } },
    });
    expect(phone.port.freeChannels).toBe(0);
    phone.port.wantDigits(phone.now, phone.number);
    phone.run(2_000);
    expect(phone.hears()).toBe('dial');
    phone.keys('4');
    phone.heard = [];
    phone.keys('711');
    expect(phone.hears()).toBeUndefined();
    phone.run(4_500);
    expect(digitsOf(phone)).toBe('4711.');
  });

  test('a # ends the number at once', () => {
    const phone = new Telephone();
    phone.hook(true);
    phone.port.wantDigits(phone.now, phone.number);
    phone.keys('12#');
    expect(digitsOf(phone)).toBe('12.');
  });

  test('nothing is dialled: the number is over, and empty', () => {
    const phone = new Telephone();
    phone.hook(true);
    phone.port.wantDigits(phone.now, phone.number);
    phone.run(16_500);
    expect(digitsOf(phone)).toBe('.');
  });

  test('pulses of a dial are digits, not a hang-up', () => {
    const phone = new Telephone();
    phone.hook(true);
    phone.port.wantDigits(phone.now, phone.number);
    phone.pulses('1902');
    expect(digitsOf(phone)).toBe('1902');
    expect(phone.told.kinds()).not.toContain('released');
  });

  test('rings at the far end, is answered with the battery reversed, talks, and hangs up', () => {
    const phone = new Telephone({ answerReversal: true });
    phone.hook(true);
    const { number } = phone;
    phone.port.proceed(phone.now, number);
    phone.port.alert(phone.now, number, false);
    phone.heard = [];
    phone.run(5_000);
    expect(phone.hears()).toBe('ringback');
    phone.port.answer(phone.now, number);
    phone.port.write(number, new Uint8Array(160).fill(0x33));
    phone.run(20);
    expect(phone.signals).toEqual(['reversed']);
    phone.keys('7');
    expect(phone.told.last('keys')).toMatchObject({ keys: '7' });
    phone.hook(false);
    phone.run(1_000);
    expect(phone.told.last('released')).toMatchObject({ by: 'far-end', cause: { value: 16 } });
    expect([phone.port.state, phone.signals.at(-1)]).toEqual(['idle', 'normal']);
  });

  test.each([
    [17, 'busy'],
    [34, 'congestion'],
    [1, 'congestion'],
  ])('a call that ends with %i before its answer: %s, until the hook', (value, tone) => {
    const phone = new Telephone();
    phone.hook(true);
    phone.port.proceed(phone.now, phone.number);
    phone.port.release(phone.now, phone.number, { value, location: 2 });
    phone.heard = [];
    phone.run(4_000);
    expect(phone.hears()).toBe(tone);
    expect([phone.port.state, phone.port.freeChannels]).toEqual(['disconnected', 0]);
    phone.hook(false);
    phone.run(1_000);
    expect(phone.port.state).toBe('idle');
    expect(phone.told.kinds().filter((kind) => kind === 'released')).toHaveLength(1);
  });

  test('the far end hangs up: the battery is off for a moment, and the busy tone ends after a minute', () => {
    const phone = new Telephone();
    phone.hook(true);
    phone.port.answer(phone.now, phone.number);
    phone.port.release(phone.now, phone.number, { value: 16, location: 2 });
    phone.run(1_000);
    expect(phone.signals).toEqual(['off', 'normal']);
    phone.run(60_000);
    phone.heard = [];
    phone.run(4_000);
    expect(phone.hears()).toBeUndefined();
  });

  test('a flash is no hang-up', () => {
    const phone = new Telephone();
    phone.hook(true);
    phone.port.answer(phone.now, phone.number);
    phone.port.setLoop(phone.now, false);
    phone.run(400);
    phone.hook(true);
    expect(phone.told.kinds()).toEqual(['incoming', 'hook-flash']);
    phone.port.setLoop(phone.now, false);
    phone.run(1_000);
    expect(phone.told.kinds().at(-1)).toBe('released');
  });
});

describe('a telephone is called', () => {
  const called = { typeOfNumber: 0, numberingPlan: 1, digits: '201' };

  test('rings in the cadence of its country and is answered by its hook, in silence or in a ring', () => {
    for (const [country, cadence, answerAfter] of [
      ['US', ['ring', 'quiet', 'ring'], 6_100],
      ['GB', ['ring', 'quiet', 'ring', 'quiet', 'ring'], 3_100],
    ] as const) {
      const phone = new Telephone({ country, callerId: 'none' });
      const number = phone.port.place(phone.now, { called, complete: true });
      phone.run(answerAfter);
      expect(phone.signals).toEqual(cadence);
      phone.hook(true);
      expect(phone.told.kinds()).toEqual(['alerting', 'answered']);
      expect([phone.signals.at(-1), phone.port.state]).toEqual(['quiet', 'talking']);
      expect(phone.told.last('answered').call).toBe(number);
    }
  });

  test('is busy while it is used', () => {
    const phone = new Telephone();
    phone.hook(true);
    phone.port.place(phone.now, { called, complete: true });
    phone.run(20);
    expect(phone.told.last('released')).toMatchObject({ cause: busy, by: 'line' });
    expect(phone.port.state).toBe('collecting');
  });

  test('stops ringing when the caller gives up', () => {
    const phone = new Telephone();
    const number = phone.port.place(phone.now, { called, complete: true });
    phone.run(500);
    phone.port.release(phone.now, number, { value: 16, location: 2 });
    phone.run(10_000);
    expect(phone.signals).toEqual(['ring', 'quiet']);
    expect([phone.port.state, phone.port.freeChannels]).toEqual(['idle', 1]);
  });
});
