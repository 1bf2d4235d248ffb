import { type CallReference, decodeQ931, ElementId, encodeQ931, isdnDialect, MessageType } from '@trustline/h323';
import { describe, expect, test } from 'vitest';
import { AccessPair } from '../access-pair.fixture.ts';
import { causeOf, writeMessage } from './messages.ts';
import { NetworkLayer, type NetworkLayerOutput } from './network-layer.ts';
import { readMessage } from './received-message.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const setup = '08 02 00 07 05 a1 04 03 80 90 a3 18 03 a9 83 85 70 03 81 31 32';

/** A user side that is up, without a data link: messages go in, and come out read. */
function layer() {
  const it = new NetworkLayer({ side: 'user', line: 'E1', restartAtStart: false });
  it.linkEstablished(0);
  const drain = () => {
    const outputs: NetworkLayerOutput[] = [];
    for (let output = it.poll(0); output !== undefined; output = it.poll(0)) outputs.push(output);
    return outputs;
  };
  const sent = () =>
    drain().flatMap((output) => {
      if (output.kind !== 'transmit') return [];
      const decoded = decodeQ931(output.octets, isdnDialect);
      if (!decoded.ok) throw decoded.error;
      return [readMessage(decoded.message, 'user')];
    });
  drain();
  return { it, sent, drain, give: (hex: string) => it.receive(0, octets(hex)) };
}

const name = (type: number) => Object.entries(MessageType).find(([, value]) => value === type)?.[0];

describe('§5.8.3: call references', () => {
  test.each([
    ['§5.8.1: another protocol', '09 02 00 07 05'],
    ['§5.8.2: too short', '08 02 00'],
    ['§5.8.3.1: a reference of one octet', '08 01 07 05'],
    ['§5.8.3.1: a reference of three octets', '08 03 00 00 07 05'],
    ['§5.8.3.2 d: a SETUP whose sender did not choose the reference', `08 02 80 07 ${setup.slice(12)}`],
    ['§5.8.3.2 c: RELEASE COMPLETE of no call', '08 02 00 09 5a 08 02 80 90'],
    ['§5.8.11: a STATUS that says null, of no call', '08 02 00 09 7d 08 02 80 9e 14 01 00'],
  ])('%s is ignored', (_, hex) => {
    const { give, drain, it } = layer();
    give(hex);
    expect(drain()).toEqual([]);
    expect(it.callCount).toBe(0);
  });

  test.each([
    ['§5.8.3.2 a: CONNECT of no call', '08 02 00 09 07', 'ReleaseComplete', 81],
    ['§5.8.3.2 b: RELEASE of no call', '08 02 00 09 4d 08 02 80 90', 'ReleaseComplete', 81],
    ['§5.8.3.2 a: with the other flag', '08 02 80 09 01', 'ReleaseComplete', 81],
    ['§5.8.11: a STATUS that says active, of no call', '08 02 00 09 7d 08 02 80 9e 14 01 0a', 'ReleaseComplete', 101],
    ['§5.8.10: STATUS ENQUIRY of no call', '08 02 00 09 75', 'Status', 30],
    ['§5.8.3.2 f: CONNECT of all calls', '08 02 00 00 07', 'Status', 81],
    ['§5.5.2: RESTART without its indicator', '08 02 00 00 46', 'Status', 96],
    ['§5.5.2: RESTART of a channel without the channel', '08 02 00 00 46 79 01 80', 'Status', 96],
    ['§5.5.2: RESTART of the D channel', '08 02 00 00 46 18 03 a9 83 90 79 01 80', 'Status', 82],
    ['§5.5.2: RESTART of what there is not', '08 02 00 00 46 79 01 83', 'Status', 100],
    ['§5.5: RESTART ACKNOWLEDGE from who was not asked', '08 02 00 00 4e 79 01 86', 'Status', 81],
  ])('%s', (_, hex, answer, cause) => {
    const { give, sent } = layer();
    give(hex);
    const [message, ...more] = sent();
    expect(more).toEqual([]);
    expect([name(message?.type ?? 0), message?.cause?.value]).toEqual([answer, cause]);
    const asked = decodeQ931(octets(hex), isdnDialect);
    if (!asked.ok) throw asked.error;
    const { value, fromDestination } = asked.message.callReference;
    expect(message?.reference).toEqual({ value, fromDestination: !fromDestination, length: 2 });
    if (answer === 'Status') expect(message?.callState).toBe(0);
  });

  test('§5.8.3.2 e: a SETUP that comes again makes no second call', () => {
    const { give, sent, it } = layer();
    give(setup);
    give(setup);
    expect(sent()).toEqual([]);
    expect(it.callCount).toBe(1);
  });

  test('the same value chosen by both sides is two calls', () => {
    const pair = new AccessPair({ firstCallReference: 77 }).start();
    const ours = pair.call(pair.user, '1');
    const theirs = pair.call(pair.exchange, '2');
    expect([ours.reference.value, theirs.reference.value]).toEqual([77, 77]);
    pair.run(10);
    pair.exchange.last('setup').call.connect(pair.clock.now);
    pair.run(10);
    expect([ours.state, theirs.state]).toEqual([10, 6]);
  });
});

describe('§5.8.4 to §5.8.7: messages and elements', () => {
  test.each([
    ['SETUP without bearer capability', '08 02 00 07 05 18 03 a9 83 85', 96],
    ['SETUP of the network without a channel', '08 02 00 07 05 04 03 80 90 a3', 96],
    ['SETUP with an empty bearer capability', '08 02 00 07 05 04 00 18 03 a9 83 85', 100],
    ['SETUP with the channel of a basic rate', '08 02 00 07 05 04 03 80 90 a3 18 01 89', 100],
    ['SETUP with an element that must be understood and is not', `${setup} 0f 01 00`, 96],
    ['SETUP for data', '08 02 00 07 05 04 02 88 90 18 03 a9 83 85', 65],
    ['SETUP for a channel that there is not', '08 02 00 07 05 04 03 80 90 a3 18 03 a9 83 90', 44],
  ])('%s is refused', (_, hex, cause) => {
    const { give, sent, it } = layer();
    give(hex);
    const [message] = sent();
    expect([name(message?.type ?? 0), message?.cause?.value]).toEqual(['ReleaseComplete', cause]);
    expect(it.callCount).toBe(0);
  });

  test('an element that need not be understood is ignored, and counted', () => {
    const { give, drain, it } = layer();
    give(`${setup} 55 01 00`);
    expect(drain()).toMatchObject([{ kind: 'call', event: { kind: 'setup' } }]);
    expect(it.ignoredElements).toBe(1);
  });

  /** A call of ours that stands, and what its far side then sends. */
  function standing() {
    const pair = new AccessPair().start();
    pair.exchange.react = (event, call, now) => {
      if (event.kind === 'setup') call.connect(now);
    };
    const call = pair.call(pair.user, '1');
    pair.run(20);
    pair.messages.length = 0;
    const reference: CallReference = { ...call.reference, fromDestination: true };
    const give = (type: number, contents = {}) => {
      pair.inject(pair.user, writeMessage(reference, type, contents));
      pair.run(20);
    };
    return { pair, call, give, reference };
  }

  test.each([
    ['§5.8.4: ALERTING in an answered call', MessageType.Alerting],
    ['§5.8.4: SETUP ACKNOWLEDGE in an answered call', MessageType.SetupAcknowledge],
    ['§5.8.4: a type that there is not', 0x33],
    ['§5.8.6.1: STATUS without its elements changes nothing and is not answered', MessageType.Status],
    ['§5.8.6.1: PROGRESS without its indicator', MessageType.Progress],
    ['§5.8.6.1: NOTIFY without its indicator', MessageType.Notify],
  ])('%s: the call stands', (_, type) => {
    const { pair, call, give } = standing();
    give(type);
    expect(call.state).toBe(10);
    expect(pair.messages).toEqual(type === MessageType.Status ? [] : ['user Status']);
    expect(call.irregular).toBe(1);
  });

  test('§5.8.6.1: DISCONNECT and RELEASE without a cause count as 31, and the answer says 96', () => {
    const disconnected = standing();
    disconnected.give(MessageType.Disconnect);
    expect(disconnected.pair.user.causes()).toEqual([['far-end', 31]]);
    const released = standing();
    released.give(MessageType.Release);
    expect(released.pair.user.causes()).toEqual([['far-end', 31]]);
    expect(released.pair.messages).toEqual(['user ReleaseComplete']);
  });

  test('§5.8.4: RELEASE and RELEASE COMPLETE end a call in any state', () => {
    for (const type of [MessageType.Release, MessageType.ReleaseComplete]) {
      const { pair, give } = standing();
      give(type, { cause: causeOf(38, 2) });
      expect(pair.user.last('released').cause).toMatchObject({ value: 38, location: 2 });
      expect(pair.user.access.layer.freeChannels).toBe(30);
    }
  });

  test('§5.8.11: STATUS null ends the call, STATUS active for one that rings here clears it with 101', () => {
    const { pair, give } = standing();
    give(MessageType.Status, { cause: causeOf(31, 2), callState: 0 });
    expect(pair.user.causes()).toEqual([['far-end', 31]]);

    const ringing = new AccessPair().start();
    const call = ringing.call(ringing.user, '1');
    const reference: CallReference = { ...call.reference, fromDestination: true };
    ringing.inject(ringing.user, writeMessage(reference, MessageType.Status, { cause: causeOf(31, 2), callState: 10 }));
    ringing.run(20);
    expect(ringing.user.causes()).toEqual([['local', 101]]);
  });

  test('keys that are pressed in a call, by keypad', () => {
    const { pair, give } = standing();
    give(MessageType.Information, { keypad: '5#' });
    expect(pair.user.last('keypad')).toMatchObject({ keys: '5#' });
  });

  test('§5.8.8: a data link that is reset in overlap clears the call with 41, others stand', () => {
    const pair = new AccessPair().start();
    const [overlap, plain] = [pair.call(pair.user, '1', { complete: false }), pair.call(pair.user, '2')];
    pair.run(10);
    for (const event of pair.exchange.events)
      if (event.kind === 'setup' && !event.complete) event.call.wantDigits(pair.clock.now);
    pair.run(10);
    expect(overlap.state).toBe(2);
    pair.user.access.layer.linkEstablished(pair.clock.now);
    pair.run(20);
    expect(pair.user.causes()).toEqual([['local', 41]]);
    expect(plain.state).toBe(1);
  });
});

test('a message of ours is in ascending order of elements and fits a frame, whatever it is made of (§4.5.1, Q.921 §5.9.3)', () => {
  const long = { typeOfNumber: 1, numberingPlan: 1, digits: '9'.repeat(200) };
  const message = writeMessage({ value: 1, fromDestination: false, length: 2 }, MessageType.Setup, {
    sendingComplete: true,
    bearer: {
      codingStandard: 0,
      transferCapability: 0,
      transferMode: 0,
      transferRate: 16,
      layer1: 3,
      rest: new Uint8Array(0),
    },
    channel: { exclusive: true, selection: 1, channel: 31 },
    progress: { location: 0, description: 3 },
    display: 'x'.repeat(300),
    called: long,
    calling: { ...long, presentation: { indicator: 0, screening: 3 } },
    redirecting: { ...long, presentation: { indicator: 0, screening: 3 }, reason: 15 },
  });
  expect(message.byteLength).toBeLessThanOrEqual(260);
  const decoded = decodeQ931(message, isdnDialect);
  if (!decoded.ok) throw decoded.error;
  const ids = decoded.message.elements.map(({ id }) => id).filter((id) => id !== ElementId.SendingComplete);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  expect(encodeQ931(decoded.message, isdnDialect)).toEqual(message);
});
