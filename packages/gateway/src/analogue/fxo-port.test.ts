import { describe, expect, test } from 'vitest';
import { demonstrationPlan, type SimulatedNumberPlan } from '../simulated-network/number-plan.ts';
import { SimulatedPublicNetwork } from '../simulated-network/simulated-network.ts';
import { compress, expand } from '../tones/audio-queue.ts';
import { type ToneCountry, toneCountries } from '../tones/call-progress-tones.ts';
import { DtmfDetector, dtmfTones } from '../tones/dtmf.ts';
import type { OutgoingCall } from '../voice-port.ts';
import { FxoPort, type FxoPortOptions } from './fxo-port.ts';
import { FxsPort } from './fxs-port.ts';
import type { CallerIdMethod } from './loop-signals.ts';
import { SimulatedLine } from './simulated-line.fixture.ts';

/** As the demonstration, but who answers takes his time. */
const slowPlan: SimulatedNumberPlan = (called, complete) => {
  const behaviour = demonstrationPlan(called, complete);
  return behaviour?.kind === 'answer' ? { ...behaviour, afterMilliseconds: 5_000 } : behaviour;
};

function line(options: Partial<FxoPortOptions> = {}) {
  const country: ToneCountry = options.country ?? 'DE';
  const callerId: CallerIdMethod = options.callerId ?? 'bell-202';
  const fxo = new FxoPort({ name: '1/0', law: 'A', country, callerId, ...options });
  const fxs = new FxsPort({
    name: 'exchange',
    law: 'A',
    country,
    callerId,
    answerReversal: options.answerSupervision === 'battery-reversal',
    dateAndTime: () => '11231815',
  });
  const simulation = new SimulatedPublicNetwork({ port: fxs, plan: slowPlan, country });
  const wires = new SimulatedLine(fxo, fxs, simulation);
  wires.run(100);
  return { fxo, fxs, simulation, wires };
}

function call(digits: string, more: Partial<OutgoingCall> = {}): OutgoingCall {
  return { called: { typeOfNumber: 0, numberingPlan: 1, digits }, complete: true, ...more };
}

const calling = { number: { typeOfNumber: 2, numberingPlan: 1, digits: '2125550100' }, name: 'Ada Lovelace' };
const normal = { value: 16, location: 0 };

describe.each(toneCountries)('calls out in %s', (country) => {
  test('waits for dial tone, dials, hears the ringing tone, and the battery says who has answered', () => {
    const { fxo, wires } = line({ country, answerSupervision: 'battery-reversal' });
    const number = fxo.place(wires.now, call('0200'));
    wires.run(20);
    expect([fxo.state, fxo.freeChannels]).toEqual(['seized', 0]);
    wires.run(12_000);
    expect(wires.seen[0]).toMatchObject({ kind: 'incoming', called: '' });
    expect(wires.told.kinds()).toEqual(['proceeding', 'alerting', 'answered']);
    expect(fxo.state).toBe('talking');
    wires.say = () => new Uint8Array(160).fill(0x11);
    wires.run(400);
    expect(wires.heard.at(-1)?.every((octet) => octet === 0x11)).toBe(true);
    fxo.release(wires.now, number, normal);
    wires.run(2_000);
    expect(wires.told.last('released')).toMatchObject({ by: 'gateway' });
    expect(wires.seen.at(-1)).toMatchObject({ kind: 'released', by: 'far-end' });
    expect(fxo.state).toBe('idle');
  });

  test('the busy tone is heard as 17', () => {
    const { fxo, wires } = line({ country });
    fxo.place(wires.now, call('0017'));
    wires.run(12_000);
    expect(wires.told.last('released')).toMatchObject({ by: 'far-end', cause: { value: 17 } });
    wires.run(2_000);
    expect(fxo.state).toBe('idle');
  });
});

describe('calls out', () => {
  test('the congestion tone is heard as 34, the special information tone as 31', () => {
    for (const [digits, value] of [
      ['0034', 34],
      ['0001', 31],
    ] as const) {
      const { fxo, wires } = line();
      fxo.place(wires.now, call(digits));
      wires.run(12_000);
      expect(wires.told.last('released').cause.value).toBe(value);
    }
  });

  test('by pulses', () => {
    const { fxo, wires } = line({ dialling: 'pulse', answerSupervision: 'battery-reversal' });
    fxo.place(wires.now, call('5201'));
    wires.run(25_000);
    expect(wires.told.kinds()).toEqual(['proceeding', 'alerting', 'answered']);
  });

  test('without supervision a call counts as answered when it is dialled; the far end hangs up by the battery', () => {
    const { fxo, simulation, wires } = line();
    fxo.place(wires.now, call('0200'));
    wires.run(5_000);
    expect(wires.told.kinds()).toEqual(['proceeding', 'answered']);
    wires.run(5_000);
    const answered = wires.seen.find(({ kind }) => kind === 'answered');
    simulation.hangUp(wires.now, answered?.call ?? 0);
    wires.run(500);
    expect(wires.told.last('released')).toMatchObject({ by: 'far-end', cause: { value: 16 } });
  });

  test('digits that follow are dialled after', () => {
    const { fxo, wires } = line({ answerSupervision: 'battery-reversal' });
    const number = fxo.place(wires.now, call('55', { complete: false }));
    wires.run(3_000);
    for (const digit of '02') {
      fxo.sendDigits(wires.now, number, digit);
      wires.run(1_000);
    }
    wires.run(6_000);
    expect(wires.told.kinds().at(-1)).toBe('answered');
  });

  test('a dead line is out of service and refuses with 27; one that is in use with 44', () => {
    const fxo = new FxoPort({ name: '1/0', law: 'A', country: 'US', callerId: 'none' });
    expect(fxo.inService).toBe(false);
    fxo.place(0, call('1'));
    expect(fxo.poll()).toMatchObject({ kind: 'released', cause: { value: 27 } });
    fxo.setBattery(0, 'normal');
    expect(fxo.poll()).toMatchObject({ kind: 'service', inService: true });
    fxo.place(0, call('1'));
    fxo.place(0, call('2'));
    expect(fxo.poll()).toMatchObject({ kind: 'released', cause: { value: 44 } });
  });

  test('a line that loses its battery goes out of service, a dip does not', () => {
    const fxo = new FxoPort({ name: '1/0', law: 'A', country: 'US', callerId: 'none' });
    fxo.setBattery(0, 'normal');
    fxo.setBattery(100, 'off');
    fxo.setBattery(200, 'normal');
    fxo.handleTime(1_000);
    expect(fxo.inService).toBe(true);
    fxo.setBattery(1_000, 'off');
    fxo.handleTime(1_300);
    expect(fxo.inService).toBe(false);
  });
});

describe.each(['bell-202', 'v23', 'dtmf'] as const)('calls in, with caller ID by %s', (callerId) => {
  test('number and name are read after the first ring', () => {
    const { fxo, fxs, simulation, wires } = line({ callerId, country: 'US' });
    simulation.place(wires.now, call('', { calling }), { kind: 'echo' });
    wires.run(5_900);
    const { calling: shown, called, complete } = wires.told.last('incoming');
    expect([called.digits, complete]).toEqual(['', false]);
    expect(shown.number).toMatchObject({ digits: '2125550100', presentation: { indicator: 0, screening: 3 } });
    expect(shown.name).toBe(callerId === 'dtmf' ? undefined : 'Ada Lovelace');
    fxo.answer(wires.now, wires.told.last('incoming').call);
    wires.run(200);
    expect(wires.seen.map(({ kind }) => kind).filter((kind) => kind !== 'heard')).toEqual(['alerting', 'answered']);
    expect([fxo.state, fxs.state]).toEqual(['talking', 'talking']);
  });

  test('who is restricted is told as that, without a name', () => {
    const { simulation, wires } = line({ callerId, country: 'US' });
    const hidden = { ...calling, number: { ...calling.number, presentation: { indicator: 1, screening: 3 } } };
    simulation.place(wires.now, call('', { calling: hidden }), { kind: 'echo' });
    wires.run(5_900);
    expect(wires.told.last('incoming').calling).toEqual({
      number: { typeOfNumber: 0, numberingPlan: 1, presentation: { indicator: 1, screening: 3 }, digits: '' },
    });
  });
});

describe('calls in', () => {
  test('without caller ID the call is told after a while, and when the caller gives up it is over', () => {
    const { fxo, simulation, wires } = line({ callerId: 'none' });
    const number = simulation.place(wires.now, call(''), { kind: 'echo' });
    wires.run(1_000);
    expect(wires.told.kinds()).toEqual(['incoming']);
    simulation.hangUp(wires.now, number);
    wires.run(7_000);
    expect(wires.told.last('released')).toMatchObject({ by: 'far-end', cause: { value: 16 } });
    wires.run(7_000);
    expect(fxo.state).toBe('idle');
  });

  test('a call that the gateway refuses rings on and is not told again', () => {
    const { fxo, simulation, wires } = line({ callerId: 'none' });
    simulation.place(wires.now, call(''), { kind: 'echo' });
    wires.run(1_000);
    fxo.release(wires.now, wires.told.last('incoming').call, { value: 17, location: 0 });
    wires.run(30_000);
    expect(wires.told.kinds()).toEqual(['incoming', 'released']);
    expect(fxo.state).toBe('guard');
  });

  test('two stages: dial tone for the caller, whose keys are the number', () => {
    const { fxo, simulation, wires } = line({ callerId: 'none' });
    const outside = simulation.place(wires.now, call(''), recording(2_000, '4711#'));
    wires.run(1_000);
    const { call: number } = wires.told.last('incoming');
    fxo.wantDigits(wires.now, number);
    wires.run(6_000);
    const digits = wires.told.events.flatMap((event) => (event.kind === 'digits' ? [event.digits] : []));
    expect(digits.join('')).toBe('4711');
    expect(wires.told.last('digits').complete).toBe(true);
    fxo.alert(wires.now, number, false);
    fxo.answer(wires.now, number);
    wires.run(100);
    simulation.hangUp(wires.now, outside);
    wires.run(1_000);
    expect(wires.told.last('released')).toMatchObject({ by: 'far-end' });
  });

  test('keys in a call are told and sent', () => {
    const { fxo, simulation, wires } = line({ callerId: 'none' });
    simulation.place(wires.now, call(''), recording(500, '5'));
    wires.run(1_000);
    const { call: number } = wires.told.last('incoming');
    fxo.answer(wires.now, number);
    wires.run(700);
    expect(wires.told.last('keys')).toMatchObject({ keys: '5' });
    wires.seen.length = 0;
    fxo.sendKeys(wires.now, number, '19');
    wires.run(1_000);
    const heard = Int16Array.from(wires.seen.flatMap((event) => (event.kind === 'heard' ? [...event.samples] : [])));
    expect(new DtmfDetector().push(heard)).toBe('19');
  });
});

/** Keys after silence, and a long silence after them. */
function recording(silenceMilliseconds: number, keys: string) {
  const samples = new Int16Array(30 * 8_000);
  dtmfTones(keys).fill(samples.subarray(silenceMilliseconds * 8));
  const octets = new Uint8Array(samples.length);
  compress('A', samples, octets);
  expand('A', octets, samples);
  return { kind: 'recording', samples } as const;
}
