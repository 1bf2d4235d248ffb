import { describe, expect, test } from 'vitest';
import { demonstrationPlan, type SimulatedNumberPlan } from '../simulated-network/number-plan.ts';
import { type SimulatedNetworkEvent, SimulatedPublicNetwork } from '../simulated-network/simulated-network.ts';
import { expand } from '../tones/audio-queue.ts';
import { CallProgressDetector } from '../tones/call-progress-detector.ts';
import { DtmfDetector } from '../tones/dtmf.ts';
import { energyAt, energyOf } from '../tones/goertzel.ts';
import type { OutgoingCall, VoicePortEvent } from '../voice-port.ts';
import { BLOCK_MILLISECONDS, LoopbackEnd } from './loopback.ts';
import { PrimaryRatePort, type PrimaryRatePortOptions } from './primary-rate-port.ts';

const cause = { value: 16, location: 0 };

/** Our port, the loopback line, and the simulated network at its far end; time passes in blocks of 20 ms. */
class Bench {
  now = 0;
  readonly port: PrimaryRatePort;
  readonly farPort: PrimaryRatePort;
  readonly simulation: SimulatedPublicNetwork;
  readonly events: Exclude<VoicePortEvent, { kind: 'audio' }>[] = [];
  readonly seen: SimulatedNetworkEvent[] = [];
  /** What our side hears of each call, and what it says. */
  readonly heard = new Map<number, Int16Array[]>();
  say: (call: number, received: Uint8Array) => Uint8Array | undefined = () => undefined;
  readonly #ends: LoopbackEnd[];
  #inFlight: (() => void)[] = [];

  constructor(options: Partial<PrimaryRatePortOptions> = {}, plan: SimulatedNumberPlan = demonstrationPlan) {
    this.port = new PrimaryRatePort({ name: '0/1', side: 'user', line: 'E1', ...options });
    this.farPort = new PrimaryRatePort({ name: 'simulation', side: 'network', line: 'E1', ...options });
    this.simulation = new SimulatedPublicNetwork({ port: this.farPort, plan, country: 'DE' });
    const near: LoopbackEnd = new LoopbackEnd(this.port, (message) =>
      this.#inFlight.push(() => far.receive(this.now, message)),
    );
    const far: LoopbackEnd = new LoopbackEnd(this.farPort, (message) =>
      this.#inFlight.push(() => near.receive(this.now, message)),
    );
    this.#ends = [near, far];
    for (const end of this.#ends) end.start(0);
    this.run(200);
  }

  run(milliseconds: number): void {
    for (const until = this.now + milliseconds; this.now < until; ) {
      this.now += BLOCK_MILLISECONDS;
      this.port.handleTime(this.now);
      this.simulation.handleTime(this.now);
      for (const end of this.#ends) end.tick();
      do {
        for (const end of this.#ends) end.flush();
        for (const deliver of this.#inFlight.splice(0)) deliver();
        this.#drain();
        for (const end of this.#ends) end.flush();
      } while (this.#inFlight.length > 0);
    }
  }

  kinds(): string[] {
    return this.events.filter(({ kind }) => kind !== 'service').map(({ kind }) => kind);
  }

  last<Kind extends VoicePortEvent['kind']>(kind: Kind): VoicePortEvent & { readonly kind: Kind } {
    const found = this.events.findLast((event) => event.kind === kind);
    if (found === undefined) throw new Error(`no ${kind} among ${this.kinds().join(', ')}`);
    return found as VoicePortEvent & { readonly kind: Kind };
  }

  samples(call: number): Int16Array {
    return Int16Array.from((this.heard.get(call) ?? []).flatMap((block) => [...block]));
  }

  #drain(): void {
    for (let event = this.port.poll(); event !== undefined; event = this.port.poll()) {
      if (event.kind !== 'audio') {
        this.events.push(event);
        continue;
      }
      const samples = new Int16Array(event.octets.length);
      expand(this.port.law, event.octets, samples);
      this.heard.set(event.call, [...(this.heard.get(event.call) ?? []), samples]);
      const said = this.say(event.call, event.octets);
      if (said !== undefined) this.port.write(event.call, said);
    }
    for (let event = this.simulation.poll(this.now); event !== undefined; event = this.simulation.poll(this.now))
      this.seen.push(event);
  }
}

function call(digits: string, more: Partial<OutgoingCall> = {}): OutgoingCall {
  return { called: { typeOfNumber: 0, numberingPlan: 1, digits }, complete: true, ...more };
}

function hear(detector: { push(samples: Int16Array): string | undefined }, samples: Int16Array): string[] {
  return [detector.push(samples) ?? ''].filter((one) => one !== '');
}

describe('a primary rate port and the simulated network behind a loopback line', () => {
  test('is in service when the channels are restarted, with 30 of E1 or 23 of T1', () => {
    expect([new Bench().port.freeChannels, new Bench({ line: 'T1' }).port.freeChannels]).toEqual([30, 23]);
    const port = new PrimaryRatePort({ name: '0/1', side: 'user', line: 'E1' });
    const number = port.place(0, call('1'));
    expect(port.poll()).toEqual({ kind: 'released', call: number, cause: { value: 38, location: 0 }, by: 'line' });
  });

  test.each(['E1', 'T1'] as const)(
    'a call out on %s: ringing tone in band, answered, and every octet comes back',
    (line) => {
      const bench = new Bench({ line });
      const number = bench.port.place(bench.now, call('5550100'));
      bench.run(1_900);
      expect(bench.kinds()).toEqual(['proceeding', 'alerting']);
      expect(bench.last('alerting').inBand).toBe(true);
      expect(bench.port.channelOf(number)).toBe(line === 'E1' ? 31 : 23);
      expect(hear(new CallProgressDetector('DE'), bench.samples(number))).toEqual(['ringback']);
      const said: Uint8Array[] = [];
      bench.say = () => {
        const block = Uint8Array.from({ length: 160 }, (_, i) => (said.length * 7 + i) & 0xff);
        said.push(block);
        return block;
      };
      const returned: string[] = [];
      bench.run(400);
      expect(bench.last('answered').call).toBe(number);
      const from = said.length;
      const collect = bench.say;
      bench.say = (id, received) => {
        returned.push(Buffer.from(received).toString('hex'));
        return collect(id, received);
      };
      bench.run(1_000);
      const sent = said.slice(from).map((block) => Buffer.from(block).toString('hex'));
      const first = returned.indexOf(sent[0] ?? '');
      expect(first).toBeGreaterThan(0);
      expect(returned.slice(first)).toEqual(sent.slice(0, returned.length - first));
      bench.port.release(bench.now, number, cause);
      bench.run(100);
      expect(bench.last('released')).toMatchObject({ by: 'gateway', cause: { value: 16 } });
      expect(bench.seen.at(-1)).toMatchObject({ kind: 'released', cause: { value: 16 }, by: 'far-end' });
      expect([bench.port.freeChannels, bench.farPort.freeChannels]).toEqual(line === 'E1' ? [30, 30] : [23, 23]);
    },
  );

  test.each([
    ['0001', 'special-information', 1],
    ['0117', 'busy', 17],
  ])('a number that ends in %s: a %s tone after PROGRESS, then cause %i', (suffix, tone, value) => {
    const bench = new Bench();
    const number = bench.port.place(bench.now, call(`555${suffix}`));
    bench.run(4_000);
    expect(bench.kinds()).toEqual(['proceeding', 'progress', 'released']);
    expect(bench.last('progress')).toMatchObject({ inBand: true, cause: { value, location: 2 } });
    expect(bench.last('released')).toMatchObject({ by: 'far-end', cause: { value, location: 2 } });
    expect(hear(new CallProgressDetector('DE'), bench.samples(number))).toEqual([tone]);
  });

  test.each([
    ['0017', 17],
    ['0021', 21],
    ['0034', 34],
  ])('a number that ends in %s is refused with %i', (suffix, value) => {
    const bench = new Bench();
    bench.port.place(bench.now, call(`555${suffix}`));
    bench.run(100);
    expect(bench.kinds()).toEqual(['released']);
    expect(bench.last('released').cause).toEqual({ value, location: 2 });
  });

  test('a number that rings on is given up by T301', () => {
    const bench = new Bench();
    bench.port.place(bench.now, call('5550019'));
    bench.run(181_000);
    expect(bench.last('released')).toMatchObject({ by: 'timer', cause: { value: 19 } });
  });

  test('overlap: digits as they are dialled', () => {
    const bench = new Bench();
    const number = bench.port.place(bench.now, call('04', { complete: false }));
    bench.run(100);
    expect(bench.kinds()).toEqual(['more-digits-wanted']);
    for (const digit of '40') {
      bench.port.sendDigits(bench.now, number, digit, false);
      bench.run(500);
    }
    bench.run(1_000);
    expect(bench.kinds()).toEqual(['more-digits-wanted', 'proceeding', 'alerting', 'answered']);
    bench.heard.clear();
    bench.run(1_000);
    const tone = bench.samples(number);
    expect(energyAt(tone, 440) / energyOf(tone)).toBeGreaterThan(0.99);
  });

  test('a call from the network: caller and name are told; restricted, the name is not', () => {
    const bench = new Bench();
    const calling = { number: { typeOfNumber: 2, numberingPlan: 1, digits: '2125550100' }, name: 'Ada Lovelace' };
    bench.simulation.place(bench.now, call('100', { calling }), { kind: 'tone', frequency: 440 });
    bench.run(100);
    expect(bench.last('incoming')).toMatchObject({
      called: { digits: '100' },
      complete: true,
      calling: { name: 'Ada Lovelace', number: { digits: '2125550100', presentation: { indicator: 0 } } },
    });
    const { call: number } = bench.last('incoming');
    bench.port.alert(bench.now, number, false);
    bench.run(100);
    bench.port.answer(bench.now, number);
    bench.run(1_000);
    expect(bench.seen.map(({ kind }) => kind).filter((kind) => kind !== 'heard')).toEqual(['alerting', 'answered']);
    const tone = bench.samples(number).subarray(2_000);
    expect(energyAt(tone, 440) / energyOf(tone)).toBeGreaterThan(0.99);

    const hidden = { ...calling, number: { ...calling.number, presentation: { indicator: 1, screening: 3 } } };
    bench.simulation.place(bench.now, call('100', { calling: hidden }), { kind: 'echo' });
    bench.run(100);
    expect(bench.last('incoming').calling).toEqual({ number: hidden.number });
  });

  test('keys are sent as tones over what is said, and heard as such', () => {
    const bench = new Bench();
    const number = bench.port.place(bench.now, call('5550100'));
    bench.run(2_500);
    bench.say = () => new Uint8Array(160).fill(0xd5);
    bench.port.sendKeys(bench.now, number, '1379*');
    bench.seen.length = 0;
    bench.run(1_500);
    const heard = Int16Array.from(bench.seen.flatMap((event) => (event.kind === 'heard' ? [...event.samples] : [])));
    expect(new DtmfDetector().push(heard)).toBe('1379*');
  });

  test('a port that is restarted ends its calls on both sides', () => {
    const bench = new Bench();
    bench.port.place(bench.now, call('5550100'));
    bench.run(2_500);
    bench.port.restart(bench.now, 'interface');
    bench.run(200);
    expect(bench.last('released')).toMatchObject({ by: 'line', cause: { value: 41 } });
    expect(bench.simulation.callCount).toBe(0);
    expect(bench.port.freeChannels).toBe(30);
  });

  test('thirty calls at once have thirty channels, each with its own sound', () => {
    const bench = new Bench();
    const numbers = Array.from({ length: 30 }, (_, i) => bench.port.place(bench.now, call(`55502${10 + i}`)));
    bench.run(2_500);
    expect(new Set(numbers.map((number) => bench.port.channelOf(number))).size).toBe(30);
    bench.say = (number) => new Uint8Array(160).fill(number);
    bench.run(200);
    const last = new Map<number, number>();
    bench.say = (number, received) => {
      last.set(number, received[0] ?? 0);
      return new Uint8Array(160).fill(number);
    };
    bench.run(100);
    expect([...last].every(([number, octet]) => octet === number)).toBe(true);
    expect(last.size).toBe(30);
    const refused = bench.port.place(bench.now, call('1234'));
    bench.run(20);
    expect(bench.last('released')).toMatchObject({ call: refused, cause: { value: 34 } });
  });
});

test('a loopback end counts what is no message, and survives it', () => {
  const port = new PrimaryRatePort({ name: '0/1', side: 'user', line: 'E1' });
  const end = new LoopbackEnd(port, () => {});
  end.start(0);
  for (const message of [[], [0], [32, 1], [5, 1, 2], [0, ...new Array(300).fill(1)]])
    end.receive(0, Uint8Array.from(message));
  expect(end.malformed).toBe(5);
});
