/** Keys beside the lines: speed dials, their busy lamps, pages and the key for messages. */
import { BusyLampStatus, ButtonType, DeviceStimulus, DeviceType, LampMode } from '@trustline/sccp';
import { describe, expect, test } from 'vitest';
import type { SimulationOptions } from '../../simulation.fixture.ts';
import { Handset, SkinnyLab } from './skinny-lab.fixture.ts';

const boss = 'SEP000000000010';
const keys = {
  speedDials: [
    { number: '1011', label: 'Ann', busyLamp: true },
    { number: '1012', label: 'Bob', busyLamp: false },
    { number: '1013', label: 'Carol', busyLamp: true },
    { number: '9999', label: 'Nobody', busyLamp: true },
  ],
  serviceUrls: [{ url: 'http://192.0.2.1/menu', label: 'Menu' }],
};
const right = { name: 'office', lines: ['1010'], devices: [], of: ['1011'], identities: false };

function office(phone: { version?: number; type?: number } = {}, options: SimulationOptions = {}) {
  const lab = new SkinnyLab({ phoneKeys: new Map([[boss, keys]]), watchers: [right], voiceMail: '1013', ...options });
  const [ann, bob, carol] = ['1011', '1012', '1013'].map((line) => lab.handset(`SEP00000000${line}`, line));
  lab.device(boss, '1010');
  const own = new Handset(lab, boss, phone);
  if (ann === undefined || bob === undefined || carol === undefined) throw new Error('three phones');
  const lamp = (instance: number) => own.session.configuration.features.get(instance)?.status;
  return { lab, own, ann, bob, carol, lamp };
}

describe('keys', () => {
  test('after the lines come speed dials and then pages, each with what stands beside it', () => {
    const { own } = office();
    const { buttons, speedDials, features, services } = own.session.configuration;
    expect(buttons).toEqual([
      { type: ButtonType.Line, instance: 1 },
      { type: ButtonType.BusyLampFieldSpeeddial, instance: 1 },
      { type: ButtonType.SpeedDial, instance: 2 },
      { type: ButtonType.BusyLampFieldSpeeddial, instance: 3 },
      { type: ButtonType.BusyLampFieldSpeeddial, instance: 4 },
      { type: ButtonType.ServiceURL, instance: 1 },
    ]);
    expect([...speedDials]).toEqual([[2, { number: '1012', label: 'Bob' }]]);
    expect(features.get(1)).toMatchObject({ type: ButtonType.BusyLampFieldSpeeddial, label: 'Ann' });
    expect([...services.values()]).toEqual(keys.serviceUrls);
    expect(own.session.ignored).toBe(0);
  });

  test('a phone gets as many as it has: a 7942 has two, and lines come first', () => {
    const { own } = office({ type: DeviceType.Cisco7942 });
    expect(own.session.configuration.buttons).toEqual([
      { type: ButtonType.Line, instance: 1 },
      { type: ButtonType.BusyLampFieldSpeeddial, instance: 1 },
    ]);
  });

  test('an older phone has speed dials without lamps', () => {
    const { lab, own, ann } = office({ version: 11, type: DeviceType.Cisco7960 });
    expect(own.session.configuration.speedDials.get(1)).toEqual({ number: '1011', label: 'Ann' });
    ann.does((session) => session.offHook());
    lab.settle();
    expect([own.session.configuration.features.size, own.session.ignored]).toEqual([0, 0]);
  });

  test.each([
    ['a speed dial', DeviceStimulus.SpeedDial, 2, 'bob'],
    ['a speed dial with a lamp', DeviceStimulus.BLFSpeedDial, 1, 'ann'],
    ['the key for messages', DeviceStimulus.VoiceMail, 0, 'carol'],
  ] as const)('%s dials', (_, stimulus, instance, whom) => {
    const set = office();
    set.own.does((session) => session.pressButton(stimulus, instance));
    expect([set.own.state, set[whom].state]).toEqual(['RingOut', 'RingIn']);
  });

  test('the key for messages says that there is none where no number is configured', () => {
    const { own } = office({}, { voiceMail: undefined });
    own.does((session) => session.pressButton(DeviceStimulus.VoiceMail, 0));
    expect(own.state).toBeUndefined();
  });
});

test('the lamp for messages is lit while some wait for a line of the phone', () => {
  const { lab, own } = office();
  const wait = (fresh: number) => {
    lab.simulation.core.setWaitingMessages(lab.clock.now, '1010', { new: fresh, old: 0 });
    lab.settle();
    return own.lamps.get(DeviceStimulus.VoiceMail);
  };
  expect([wait(2), wait(0)]).toEqual([LampMode.On, LampMode.Off]);
});

describe('busy lamps', () => {
  test('a lamp shows its line idle, ringing, in use and idle again', () => {
    const { bob, ann, lamp } = office();
    expect(lamp(1)).toBe(BusyLampStatus.Idle);
    bob.does((session) => session.dial('1011'));
    expect(lamp(1)).toBe(BusyLampStatus.Alerting);
    ann.does((session) => session.offHook());
    expect(lamp(1)).toBe(BusyLampStatus.InUse);
    bob.does((session) => session.onHook());
    expect(lamp(1)).toBe(BusyLampStatus.Idle);
  });

  test('and that its phone is gone, back, or must not ring', () => {
    const { lab, lamp } = office();
    const { core } = lab.simulation;
    core.setForwarding(lab.clock.now, '1011', { doNotDisturb: true });
    lab.settle();
    expect(lamp(1)).toBe(BusyLampStatus.DoNotDisturb);
    core.onSkinny(lab.clock.now, (skinny) => skinny.dismiss(lab.clock.now, 'SEP000000001011'));
    lab.settle();
    expect(lamp(1)).toBe(BusyLampStatus.Unknown);
    core.setForwarding(lab.clock.now, '1011', undefined);
    new Handset(lab, 'SEP000000001011');
    expect(lamp(1)).toBe(BusyLampStatus.Idle);
  });

  test('RFC 4235 §6: without a right to watch a line its lamp stays dark, and the operator hears of it', () => {
    const { lab, bob, carol, lamp } = office();
    bob.does((session) => session.dial('1013'));
    expect([lamp(3), lamp(4), carol.state]).toEqual([BusyLampStatus.Unknown, BusyLampStatus.Unknown, 'RingIn']);
    expect(lab.simulation.eventsOf('request-refused')).toMatchObject([
      { device: boss, reason: 'no-watching-right', cause: expect.stringContaining('1013') },
      { device: boss, reason: 'no-watching-right', cause: expect.stringContaining('9999') },
    ]);
  });

  test('a phone that comes again is shown what is true then', () => {
    const { lab, bob, ann } = office();
    bob.does((session) => session.dial('1011'));
    ann.does((session) => session.offHook());
    const again = new Handset(lab, boss);
    expect(again.session.configuration.features.get(1)?.status).toBe(BusyLampStatus.InUse);
  });
});
