import { CallSecurityStatus, SoftKeyEvent } from '@trustline/sccp';
import { describe, expect, test } from 'vitest';
import { cryptoLine, description, octets } from '../../simulation.fixture.ts';
import { MessageTrace } from '../../trace/message-trace.ts';
import { isOfCall } from '../../trace/skinny-words.ts';
import { wordsOf } from '../../trace/watched-words.ts';
import { Handset, two } from './skinny-lab.fixture.ts';

describe('registration', () => {
  test('a phone learns its line, its name and its soft keys, and counts as registered', () => {
    const { lab, one } = two();
    expect(one.session.state).toBe('registered');
    expect(one.session.configuration.lines.get(1)).toMatchObject({ number: '1011', displayName: 'User of 1011' });
    expect(one.session.configuration.softKeys.map(({ event }) => event)).toContain(SoftKeyEvent.Hold);
    expect(lab.simulation.eventsOf('registration')).toHaveLength(2);
    expect(lab.simulation.core.directory.registration('SEP000000000011', '1011')).toMatchObject({
      protocol: 'sccp',
      signalling: 'tls-mutual',
    });
  });

  test('with the certificate of another device it is refused, and that is an event', () => {
    const { lab, one } = two();
    const forged = new Handset(lab, 'SEP000000000011', { certificateOf: 'SEP000000000012' });
    expect(forged.ended).toEqual(['rejected']);
    expect(one.session.state).toBe('registered');
    expect(lab.simulation.eventsOf('registration-refused')).toMatchObject([
      { device: 'SEP000000000011', reason: 'certificate-of-another-device' },
    ]);
  });

  test('without TLS it is for non-secure devices alone, and for those that are known', () => {
    const { lab } = two();
    lab.device('SEP000000000013', '1013', 'non-secure');
    const clear = { certificateOf: null };
    expect(new Handset(lab, 'SEP000000000012', clear).ended).toEqual(['rejected']);
    expect(new Handset(lab, 'SEP00000000FFFF', clear).ended).toEqual(['rejected']);
    expect(new Handset(lab, 'SEP000000000013', clear).session.state).toBe('registered');
    expect(lab.simulation.eventsOf('registration-refused').map(({ reason }) => reason)).toEqual([
      'not-non-secure',
      'unknown-device',
    ]);
  });

  test('a device is served by the protocol that it is declared to speak, and by no other: never by both at once', () => {
    const { lab, one } = two();
    const sip = lab.simulation.phone('SEP000000000014', '1014');
    sip.register();
    expect(new Handset(lab, sip.name).ended).toEqual(['rejected']);
    const bindings = () => lab.simulation.core.directory.bindings(sip.name, '1014').length;
    expect(bindings()).toBe(1);
    const skinny = lab.simulation.phone('SEP000000000011', '1011');
    lab.device('SEP000000000011', '1011');
    skinny.register();
    expect(skinny.received.at(-1)).toMatchObject({ kind: 'response', status: 403 });
    expect(one.session.state).toBe('registered');
    expect(lab.simulation.eventsOf('registration-refused').map(({ device, reason }) => [device, reason])).toEqual([
      ['SEP000000000014', 'declared-as-sip'],
      ['SEP000000000011', 'declared-as-skinny'],
    ]);
  });

  test('a second registration of a device: the old one is closed, and said', () => {
    const { lab, one } = two();
    const again = new Handset(lab, 'SEP000000000011');
    expect(one.ended).toEqual(['connection-lost']);
    expect(again.session.state).toBe('registered');
    expect(lab.simulation.eventsOf('connection-closed')).toMatchObject([{ reason: 'registered-elsewhere' }]);
    again.does((session) => session.dial('1012'));
    expect(again.state).toBe('RingOut');
  });

  test('silence ends it; who talks goes on talking', () => {
    const { lab, one, other } = two();
    one.does((session) => session.dial('1012'));
    other.does((session) => session.offHook());
    expect(lab.simulation.core.calls()).toHaveLength(1);
    lab.clock.advance(30_000);
    lab.settle();
    // The one goes on giving signs of life; the other is struck dumb.
    other.session.handleConnectionLost();
    for (let at = 0; at < 4; at += 1) {
      lab.clock.advance(30_000);
      one.session.handleTimeout(lab.clock.now);
      lab.settle();
    }
    expect(lab.simulation.core.directory.registration('SEP000000000012', '1012')).toBeUndefined();
    expect(lab.simulation.core.calls()).toHaveLength(1);
    expect(lab.simulation.eventsOf('unregistration')).toMatchObject([{ device: 'SEP000000000012' }]);
  });
});

describe('calls', () => {
  test('off hook and all digits in one segment: each counts, though each is answered at once', () => {
    const { one, other } = two();
    one.doesAtOnce((session) => {
      session.offHook();
      for (const digit of '1012') session.press(digit);
    });
    expect([one.state, other.state]).toEqual(['RingOut', 'RingIn']);
  });

  test('Skinny to Skinny: keys in pairs, the lock closed at both ends, nothing left', () => {
    const { lab, one, other } = two();
    one.does((session) => session.dial('1012'));
    expect([one.state, other.state]).toEqual(['RingOut', 'RingIn']);
    other.does((session) => session.offHook());
    expect([one.state, other.state]).toEqual(['Connected', 'Connected']);
    expect(one.call?.securityStatus).toBe(CallSecurityStatus.Encrypted);
    expect(other.call?.securityStatus).toBe(CallSecurityStatus.Encrypted);
    expect(one.sending?.key).toEqual(other.receiving?.key);
    expect(other.sending?.key).toEqual(one.receiving?.key);
    expect(one.sending?.key).toHaveLength(16);
    expect(one.sending?.port).toBe(other.receiving?.port);
    other.does((session) => session.onHook());
    expect(lab.simulation.core.calls()).toEqual([]);
    expect(lab.simulation.core.tableSizes.legs).toBe(0);
    expect([one.sending, one.receiving]).toEqual([undefined, undefined]);
  });

  test('Skinny to SIP: INVITE without offer, the key of the 200 into the channel, the own one into the ACK', () => {
    const { lab, one } = two();
    const sip = lab.simulation.phone('SEP000000000001', '1001');
    sip.register();
    one.does((session) => session.dial('1001'));
    expect(sip.session.initialOffer).toBeUndefined();
    lab.simulation.act((now) => sip.session.accept(now, octets(description([cryptoLine(5)]))));
    lab.settle();
    expect(one.state).toBe('Connected');
    expect(one.call?.securityStatus).toBe(CallSecurityStatus.Encrypted);
    const answer = sip.events.flatMap(({ event }) => (event.kind === 'acknowledged' ? [event.answer] : []))[0];
    const sdp = new TextDecoder().decode(answer);
    expect(sdp).toContain('RTP/SAVP');
    expect(sdp).toContain(`m=audio ${one.receiving?.port} `);
    expect(one.sending).toMatchObject({ port: 4000 });
    expect(lab.simulation.core.calls()[0]).toMatchObject({ level: 'encrypted' });
    one.does((session) => session.onHook());
    lab.clock.advance(120_000);
    expect(lab.simulation.core.calls()).toEqual([]);
  });

  test('SIP to Skinny, and hold from the Skinny phone: a re-INVITE', () => {
    const { lab, one } = two();
    const sip = lab.simulation.phone('SEP000000000001', '1001');
    sip.register();
    sip.call('1011', description([cryptoLine(1)]));
    lab.settle();
    expect(one.state).toBe('RingIn');
    one.does((session) => session.offHook());
    expect(one.state).toBe('Connected');
    expect(lab.simulation.core.calls()[0]).toMatchObject({ level: 'encrypted' });
    one.does((session) => session.pressSoftKey(SoftKeyEvent.Hold, 1, one.call?.callReference ?? 0));
    expect(one.state).toBe('Hold');
    expect(one.receiving).toBeUndefined();
  });

  test('a busy number is called back: by its code, and the phone rings', () => {
    const { lab, one, other } = two();
    const third = lab.handset('SEP000000000013', '1013');
    other.does((session) => session.pressSoftKey(SoftKeyEvent.DND, 1, 0));
    third.does((session) => session.dial('1012'));
    expect(third.state).toBe('Busy');
    third.does((session) => session.onHook());
    third.does((session) => session.dial('*37'));
    expect(third.call).toBeUndefined();
    expect(one.session.state).toBe('registered');
  });
});

describe('hostile input at the door', () => {
  test.each([
    ['length 0', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['length 3', [3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]],
    ['length 2^31', [0, 0, 0, 128, 0, 0, 0, 0, 1, 0, 0, 0]],
  ])('%s: the connection is closed, and nobody else is hurt', (_, bytes) => {
    const { lab, one, other } = two();
    const { now } = lab.clock;
    const stranger = {
      id: 'stranger',
      peer: undefined,
      remoteAddress: '203.0.113.5:1',
      remoteHost: '203.0.113.5',
      localHost: '192.0.2.1',
      localAddress: '192.0.2.1:2443',
    };
    lab.simulation.core.onSkinny(now, (skinny) => skinny.opened(now, stranger));
    lab.simulation.core.onSkinny(now, (skinny) => skinny.received(now, 'stranger', Uint8Array.from(bytes)));
    lab.simulation.pump();
    expect(lab.simulation.skinny).toContainEqual({ kind: 'close', connection: 'stranger' });
    one.does((session) => session.dial('1012'));
    expect(other.state).toBe('RingIn');
  });

  test('a stranger that says nothing is let go after a while', () => {
    const { lab } = two();
    const { now } = lab.clock;
    const stranger = {
      id: 'stranger',
      peer: undefined,
      remoteAddress: '203.0.113.5:1',
      remoteHost: '203.0.113.5',
      localHost: '192.0.2.1',
      localAddress: '192.0.2.1:2443',
    };
    lab.simulation.core.onSkinny(now, (skinny) => skinny.opened(now, stranger));
    lab.clock.advance(31_000);
    expect(lab.simulation.skinny).toContainEqual({ kind: 'close', connection: 'stranger' });
  });
});

describe('people who watch', () => {
  const watched = () => {
    const told: string[] = [];
    const trace: MessageTrace = new MessageTrace({
      legOf: (callId) => lab.simulation.core.messageLegs.ofCallId(callId),
      legOfPhone: (device, reference) => lab.simulation.core.messageLegs.ofPhone(device, reference),
      legOfConnection: () => undefined,
      whyEnded: (call) => lab.simulation.core.messageLegs.whyEnded(call),
      settled: () => lab.simulation.core.messageLegs.settled(),
      devicesOn: () => [],
    });
    const { lab, one, other } = two({ skinnyPassed: (passed) => trace.skinny(0, passed) });
    trace.watch((one) => {
      if (one.protocol !== 'sccp' || !isOfCall(one.message)) return;
      const { words, media, reason } = wordsOf(one);
      const said = [one.leg?.role, one.leg?.line, one.leg?.level, one.direction, words, media, reason];
      told.push(said.filter(Boolean).join(' '));
    });
    return { lab, one, other, told, settle: () => trace.settle() };
  };

  test('see the call of two phones, with its level, and the suite of each stream in place of its key', () => {
    const { one, other, told, settle } = watched();
    one.does((session) => session.dial('1012'));
    settle();
    expect(told).toContain('calling 1011 authenticated sent DialedNumber 1012');
    expect(told).toContain('called 1012 authenticated sent CallState RingIn');
    other.does((session) => session.offHook());
    settle();
    expect(told).toContainEqual(
      expect.stringMatching(/^calling 1011 encrypted sent StartMediaTransmission G711\w+, \w+, key hidden$/),
    );
    expect(told).toContain('called 1012 encrypted received OpenReceiveChannelAck Ok');
  });

  test('see a call that is refused at once, with its line', () => {
    const { lab, one, told, settle } = watched();
    lab.device('SEP000000000013', '1013');
    one.does((session) => session.dial('1013'));
    settle();
    expect(told.at(-1)).toBe(
      'calling 1011 authenticated sent CallState Congestion no phone of this line is registered',
    );
    // From the first key on it is known which call that was.
    expect(told.every((line) => line.startsWith('calling 1011 '))).toBe(true);
  });

  test('see why a call ends, which the message to the phone does not say', () => {
    const { one, other, told, settle } = watched();
    one.does((session) => session.dial('1012'));
    other.does((session) => session.offHook());
    settle();
    one.does((session) => session.onHook());
    settle();
    expect(told).toContainEqual(expect.stringMatching(/^called 1012 .* sent CallState OnHook the call was hung up$/));
  });
});
