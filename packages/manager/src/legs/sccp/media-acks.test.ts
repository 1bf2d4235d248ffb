/** What phones say of their streams: early, late, twice, of nothing, and that it went wrong. */
import { type KnownMessage, MediaStatus } from '@trustline/sccp';
import { describe, expect, test } from 'vitest';
import { Handset, SkinnyLab } from './skinny-lab.fixture.ts';

const place = { ipAddr: '192.0.2.50', portNumber: 20_000 };

/** Two phones in a call that say of their streams what the test has them say. */
function mute() {
  const lab = new SkinnyLab();
  const [one, other] = ['1011', '1012'].map((line) => {
    lab.device(`SEP00000000${line}`, line);
    return new Handset(lab, `SEP00000000${line}`, { isMute: true });
  }) as [Handset, Handset];
  one.does((session) => session.dial('1012'));
  other.does((session) => session.offHook());
  return { lab, one, other };
}

function channelAck(phone: Handset, changes: Partial<Extract<KnownMessage, { kind: 'OpenReceiveChannelAck' }>> = {}) {
  const asked = phone.streams.findLast(({ kind }) => kind === 'open-receive-channel')?.stream;
  const { passThroughPartyId = 0, callReference = 0 } = asked ?? {};
  phone.does((session) =>
    session.send({
      kind: 'OpenReceiveChannelAck',
      mediaReceptionStatus: MediaStatus.Ok,
      ...place,
      passThroughPartyId,
      callReference,
      ...changes,
    }),
  );
}

function transmissionAck(phone: Handset, mediaTransmissionStatus: number): void {
  const { stream } = phone.streams.findLast(({ kind }) => kind === 'start-transmission') ?? {};
  const { passThroughPartyId = 0, callReference = 0, conferenceId = 0 } = stream ?? {};
  const transmitted = { transmitIpAddr: place.ipAddr, portNumber: place.portNumber, mediaTransmissionStatus };
  const of = { conferenceId, passThroughPartyId, callReference };
  phone.does((session) => session.send({ kind: 'StartMediaTransmissionAck', ...of, ...transmitted }));
}

const kinds = ({ streams }: Handset) => streams.map(({ kind }) => kind);

describe('OpenReceiveChannelAck', () => {
  test('in its turn: who answers opens first, then the caller, and both send', () => {
    const { lab, one, other } = mute();
    expect([kinds(one), kinds(other)]).toEqual([[], ['open-receive-channel']]);
    channelAck(other);
    expect(kinds(one)).toEqual(['open-receive-channel']);
    channelAck(one);
    expect([one.sending?.port, other.sending?.port]).toEqual([place.portNumber, place.portNumber]);
    expect(lab.simulation.core.calls()[0]).toMatchObject({ level: 'encrypted' });
  });

  test.each([
    { portNumber: 65_536 },
    { portNumber: 70_000 },
    { portNumber: 2 ** 32 - 1 },
    { ipAddr: '255.255.255.255' },
    { ipAddr: '224.0.0.1' },
  ])('%o is a place of nobody: the call ends, and nobody sends there', (changes) => {
    const { lab, one, other } = mute();
    channelAck(other, changes);
    expect([one.sending, other.sending]).toEqual([undefined, undefined]);
    expect(lab.simulation.core.calls()).toEqual([]);
  });

  test('before it was asked for, of another call or of a channel that never was, it is of no use', () => {
    const { lab, one, other } = mute();
    channelAck(one, { passThroughPartyId: 1, callReference: 1 });
    channelAck(other, { passThroughPartyId: 4_711 });
    channelAck(other, { callReference: 77 });
    expect([kinds(one), other.state]).toEqual([[], 'Connected']);
    channelAck(other);
    channelAck(one);
    expect(lab.simulation.core.calls()[0]).toMatchObject({ state: 'connected', level: 'encrypted' });
  });

  test('twice, with another address the second time: the first counts', () => {
    const { one, other } = mute();
    channelAck(other);
    channelAck(other, { portNumber: 40_000 });
    channelAck(one);
    channelAck(one, { portNumber: 40_000 });
    expect([one.sending?.port, other.sending?.port]).toEqual([20_000, 20_000]);
    expect(kinds(other)).toEqual(['open-receive-channel', 'start-transmission']);
  });

  test('too late: the call has ended after five seconds, and the answer changes nothing', () => {
    const { lab, one, other } = mute();
    lab.clock.advance(5_000);
    lab.settle();
    expect(other.state).toBeUndefined();
    channelAck(other);
    expect([kinds(one), lab.simulation.core.calls()]).toEqual([[], []]);
  });

  test.each([
    ['no channel left', { mediaReceptionStatus: MediaStatus.NotEnoughChannels }],
    ['no port', { portNumber: 0 }],
    ['no address', { ipAddr: '0.0.0.0' }],
  ])('%s: the call ends at both ends, and nobody sends', (_, changes) => {
    const { lab, one, other } = mute();
    channelAck(other, changes);
    expect(other.state).toBeUndefined();
    expect(one.sending).toBeUndefined();
    expect(lab.simulation.core.calls()).toEqual([]);
  });
});

describe('StartMediaTransmissionAck', () => {
  test('says that it sends: nothing more is to be done', () => {
    const { one, other, lab } = mute();
    channelAck(other);
    channelAck(one);
    for (const phone of [one, other, one]) transmissionAck(phone, MediaStatus.Ok);
    expect([one.state, other.state, lab.simulation.core.calls().length]).toEqual(['Connected', 'Connected', 1]);
  });

  test('says that it cannot: the call ends, for nobody would hear it', () => {
    const { one, other, lab } = mute();
    channelAck(other);
    channelAck(one);
    transmissionAck(one, MediaStatus.OutOfSockets);
    expect([one.state, lab.simulation.core.calls()]).toEqual([undefined, []]);
    expect(other.sending).toBeUndefined();
  });
});

test('a flood of the key pad: it is said once, and the call and the other phone are unharmed', () => {
  const { lab, one, other } = mute();
  channelAck(other);
  channelAck(one);
  one.does((session) => {
    for (let at = 0; at < 200; at += 1) session.press('5');
  });
  expect(lab.simulation.eventsOf('malformed-input').map(({ reason }) => reason)).toEqual(['key-pad-flood']);
  expect([one.state, other.state]).toEqual(['Connected', 'Connected']);
});
