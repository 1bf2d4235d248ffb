/** What comes to the door in one piece, and twice: nothing of it may hurt the manager or anybody else. */
import { DeviceType, encodeMessage, PhoneSession } from '@trustline/sccp';
import { describe, expect, test } from 'vitest';
import { peerOf } from '../../simulation.fixture.ts';
import { languageOf } from './phone-profile.ts';
import { SkinnyLab, two } from './skinny-lab.fixture.ts';

/** A connection that somebody writes to, octet by octet as wished. */
function connection(lab: SkinnyLab, id: string, certificateOf: string | undefined) {
  const remoteHost = '192.0.2.77';
  lab.simulation.core.onSkinny(lab.clock.now, (skinny) =>
    skinny.opened(lab.clock.now, {
      id,
      peer: certificateOf === undefined ? undefined : peerOf(certificateOf, `${remoteHost}:4000`),
      remoteAddress: `${remoteHost}:4000`,
      remoteHost,
      localHost: '192.0.2.1',
      localAddress: '192.0.2.1:2443',
    }),
  );
  return (...octets: readonly Uint8Array[]) => {
    const { now } = lab.clock;
    lab.simulation.core.onSkinny(now, (skinny) => skinny.received(now, id, Buffer.concat(octets)));
    lab.simulation.pump();
    return lab.simulation.skinny.splice(0).filter((one) => 'connection' in one && one.connection === id);
  };
}

/** What a phone says to register. */
function registering(deviceName: string): Uint8Array[] {
  const session = new PhoneSession({
    deviceName,
    deviceType: DeviceType.Cisco7962,
    address: '192.0.2.77',
    codecs: [{ payloadType: 4, maxFramesPerPacket: 40 }],
  });
  session.register(0);
  const said: Uint8Array[] = [];
  for (let output = session.poll(); output !== undefined; output = session.poll()) {
    if (output.kind === 'transmit') said.push(output.bytes);
  }
  return said;
}

const token = encodeMessage(
  {
    kind: 'RegisterTokenReq',
    sid: { DeviceName: 'SEP000000000011', reserved_for_future_use: 0, instance: 1 },
    stationIpAddr: '192.0.2.77',
    deviceType: DeviceType.Cisco7962,
  },
  { version: 17 },
);
const noFrame = new Uint8Array(12);
const truncated = Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0);

describe('in one segment', () => {
  test.each<[string, string | undefined, readonly Uint8Array[]]>([
    ['a registration of nobody, then octets that are no Skinny', undefined, [noFrame]],
    ['a registration by certificate, then octets that are no Skinny', 'SEP000000000011', [noFrame]],
    ['a registration, then messages that cannot be read', 'SEP000000000011', Array(80).fill(truncated)],
    ['a registration, then a second one', 'SEP000000000011', registering('SEP000000000011')],
    ['a registration, then one of another device', 'SEP000000000011', registering('SEP000000000012')],
  ])('%s: it is taken or ended, and the others go on', (_, certificateOf, rest) => {
    const { lab, one, other } = two();
    one.does((session) => session.dial('1012'));
    other.does((session) => session.offHook());
    const write = connection(lab, 'stranger', certificateOf);
    write(...registering(certificateOf ?? 'SEPNOBODY000000'), ...rest);
    lab.settle();
    expect(other.session.state).toBe('registered');
    if (certificateOf === undefined) expect([one.state, other.state]).toEqual(['Connected', 'Connected']);
  });

  test('a token asked for and a registration: the phone is registered', () => {
    const lab = new SkinnyLab();
    lab.device('SEP000000000011', '1011');
    const write = connection(lab, 'hasty', 'SEP000000000011');
    const told = write(token, ...registering('SEP000000000011'));
    expect(told.map(({ kind }) => kind)).not.toContain('close');
    expect(told.filter(({ kind }) => kind === 'transmit').length).toBeGreaterThan(0);
  });
});

test('two registrations of a device under way at once: the older one is closed before either is served, and said', () => {
  const lab = new SkinnyLab();
  lab.device('SEP000000000011', '1011');
  const [first, second] = ['first', 'second'].map((id) => connection(lab, id, 'SEP000000000011'));
  first?.(...registering('SEP000000000011'));
  second?.(...registering('SEP000000000011'));
  expect(lab.simulation.eventsOf('connection-closed')).toMatchObject([
    { reason: 'registered-elsewhere', device: 'SEP000000000011' },
  ]);
  expect(first?.(encodeMessage({ kind: 'KeepAliveReq' }, { version: 17 }))).toEqual([]);
});

test('a phone is written to in its own language, or in that of the cluster', () => {
  const settings = { keepAliveSeconds: 30, dateTemplate: 'D.M.Y', language: 'en', timeZone: 'UTC' } as const;
  const languages = [{ device: 'SEP000000000011', language: 'fr' }] as const;
  expect(languageOf({ ...settings, languages }, 'SEP000000000011')).toBe('fr');
  expect([languageOf({ ...settings, languages }, 'SEP000000000012'), languageOf(settings, 'SEP000000000011')]).toEqual([
    'en',
    'en',
  ]);
  const lab = new SkinnyLab({ skinny: { ...settings, languages } });
  const one = lab.handset('SEP000000000011', '1011');
  one.does((session) => session.offHook());
  expect(JSON.stringify([...one.session.calls.values()])).toContain('num\u00e9ro');
});
