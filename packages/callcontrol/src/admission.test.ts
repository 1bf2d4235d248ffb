import { describe, expect, test } from 'vitest';
import type { Location } from './admission.ts';
import type { MediaFormat } from './media.ts';
import { isInNetwork, type Network, readNetwork } from './network.ts';
import { audio, byCertificate, descriptionOf, only, phone, ScriptedWorld, suite80 } from './scripted.fixture.ts';

const at = (host: string) => ({ protection: { ...byCertificate, remoteAddress: `${host}:5061` } });
const formats: Readonly<Record<'g711' | 'g729' | 'digits', MediaFormat>> = {
  g711: { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
  g729: { payloadType: 18, encoding: 'G729', clockRate: 8_000, channels: 1 },
  digits: { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1 },
};
const network = (text: string) => readNetwork(text) as Network;

function worldOf(kilobits: number) {
  const branch: Location = { name: 'the branch', networks: [network('10.2.0.0/16')], kilobits };
  const phones = [
    phone('A', '1001', at('10.1.0.1')),
    phone('B', '1002', at('10.2.0.1')),
    phone('C', '1003', at('10.2.0.2')),
    phone('trunk', '', { kind: 'trunk', lines: [], ...at('10.2.9.9') }),
  ];
  const emergency = { kind: 'emergency', devices: ['trunk'], discardAccessCode: false, prefix: '' } as const;
  const plan = [{ pattern: '112', target: emergency }];
  return new ScriptedWorld(phones, plan, { suites: [suite80], locations: [branch] });
}

const offer = (...offered: MediaFormat[]) => audio([], { formats: [...offered, formats.digits] });

/** What the called is offered, by payload type. */
function offeredTo(world: ScriptedWorld, destination: string, ...offered: MediaFormat[]) {
  const placed = only(world.call(destination, offer(...offered)), 'place');
  const [stream] = descriptionOf(placed)?.description.streams ?? [];
  return { leg: placed.leg, types: stream?.formats.map(({ payloadType }) => payloadType) };
}

describe('bandwidth between places', () => {
  test('a call that fits is offered as it came', () => {
    expect(offeredTo(worldOf(80), '1002', formats.g711, formats.g729).types).toEqual([0, 18, 101]);
  });

  test('where only less fits, that alone is offered: the two agree on it, and nobody has to transcode', () => {
    expect(offeredTo(worldOf(79), '1002', formats.g711, formats.g729).types).toEqual([18, 101]);
  });

  test('where nothing fits, it is refused before it rings, and the caller hears why', () => {
    const refused = only(worldOf(79).call('1002', offer(formats.g711)), 'refuse');
    expect(refused).toMatchObject({ cause: 'bandwidth', warning: expect.stringContaining('the branch') });
  });

  test('running calls count by what they agreed on, until they end', () => {
    const world = worldOf(104);
    const { leg } = offeredTo(world, '1002', formats.g711, formats.g729);
    world.handle({ kind: 'answered', leg, media: offer(formats.g729) });
    const again = () => world.call('1003', offer(formats.g711), { leg: 'b' });
    const second = only(again(), 'place');
    world.handle({ kind: 'answered', leg: second.leg, media: offer(formats.g711) });
    const third = { leg: 'c', caller: { number: '1001', anonymous: false } };
    expect(only(world.call('1003', offer(formats.g729), third), 'refuse').cause).toBe('bandwidth');
    world.handle({ kind: 'released', leg: 'b' });
    expect(only(world.call('1003', offer(formats.g711), { ...third, leg: 'd' }), 'place').leg).toBeDefined();
  });

  test('calls within a place take nothing of its line', () => {
    const world = worldOf(0);
    const within = { device: 'B', line: '1002', protection: at('10.2.0.1').protection };
    expect(only(world.call('1003', offer(formats.g711), within), 'place').device).toBe('C');
  });

  test('a call for help passes this restriction like every other', () => {
    expect(only(worldOf(0).call('112', offer(formats.g711)), 'place').device).toBe('trunk');
  });
});

test('networks are read with their length, in both families, and nothing else is one', () => {
  expect(isInNetwork('10.2.255.1', network('10.2.0.0/16'))).toBe(true);
  expect(isInNetwork('10.3.0.1', network('10.2.0.0/16'))).toBe(false);
  expect(isInNetwork('10.2.128.1', network('10.2.128.0/17'))).toBe(true);
  expect(isInNetwork('10.2.127.1', network('10.2.128.0/17'))).toBe(false);
  expect(isInNetwork('2001:db8:0:1::5', network('2001:db8::/32'))).toBe(true);
  expect(isInNetwork('2001:db9::5', network('2001:db8::/32'))).toBe(false);
  expect(isInNetwork('192.0.2.1', network('192.0.2.1'))).toBe(true);
  expect(isInNetwork('192.0.2.1', network('::/0'))).toBe(false);
  for (const text of ['10.2.0.0/33', '10.2.0/16', 'lan', '', '1::2::3', '10.2.0.0/16/8', '300.1.1.1']) {
    expect(readNetwork(text), text).toBeUndefined();
  }
});
