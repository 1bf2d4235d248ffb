import { MessageType } from '@trustline/h323';
import { describe, expect, test } from 'vitest';
import { type AccessEnd, AccessPair } from '../access-pair.fixture.ts';
import { causeOf } from './messages.ts';

const clear = (value: number) => causeOf(value, 0);

/** Answers as a called side does that rings first. */
function answers(end: AccessEnd): void {
  end.react = (event, call, now) => {
    if (event.kind !== 'setup') return;
    call.proceed(now);
    call.alert(now, false);
    call.connect(now);
  };
}

describe.each(['user', 'network'] as const)('a call from the %s side', (side) => {
  const sides = (pair: AccessPair): [AccessEnd, AccessEnd] =>
    side === 'user' ? [pair.user, pair.exchange] : [pair.exchange, pair.user];

  test('§5.1, §5.2: en bloc: the messages, the states of both sides, and the channel', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    const call = pair.call(caller, '5551234');
    const states: [number, number][] = [];
    const record = () => states.push([call.state, called.last('setup').call.state]);
    pair.run(10);
    record();
    const incoming = called.last('setup').call;
    incoming.proceed(pair.clock.now);
    pair.run(10);
    record();
    incoming.alert(pair.clock.now, false);
    pair.run(10);
    record();
    incoming.connect(pair.clock.now);
    pair.run(10);
    record();
    const other = side === 'user' ? 'network' : 'user';
    expect(pair.messages).toEqual([
      `${side} Setup`,
      `${other} CallProceeding`,
      `${other} Alerting`,
      `${other} Connect`,
      `${side} ConnectAcknowledge`,
    ]);
    expect(states).toEqual(
      side === 'user'
        ? [
            [1, 1],
            [3, 3],
            [4, 4],
            [10, 10],
          ]
        : [
            [6, 6],
            [9, 9],
            [7, 7],
            [10, 10],
          ],
    );
    expect(caller.kinds()).toEqual(['proceeding', 'alerting', 'connected']);
    // The user hunts from the top, the network from the bottom.
    const channel = side === 'user' ? 31 : 1;
    expect([caller.access.layer.channelOf(call), called.access.layer.channelOf(incoming)]).toEqual([channel, channel]);
    expect(caller.access.layer.freeChannels).toBe(29);
  });

  test('§5.3: DISCONNECT, RELEASE, RELEASE COMPLETE: whoever hangs up, both are told once and the channel is free', () => {
    for (const first of ['caller', 'called'] as const) {
      const pair = new AccessPair().start();
      const [caller, called] = sides(pair);
      answers(called);
      const call = pair.call(caller, '1');
      pair.run(20);
      expect(call.state).toBe(10);
      pair.messages.length = 0;
      const who = first === 'caller' ? call : called.last('setup').call;
      who.clear(pair.clock.now, clear(16));
      pair.carry();
      expect(who.state).toBe((first === 'caller') === (side === 'user') ? 11 : 12);
      pair.run(20);
      expect(pair.messages.map((message) => message.split(' ')[1])).toEqual([
        'Disconnect',
        'Release',
        'ReleaseComplete',
      ]);
      expect([caller.causes(), called.causes()]).toEqual(
        first === 'caller' ? [[['local', 16]], [['far-end', 16]]] : [[['far-end', 16]], [['local', 16]]],
      );
      expect([caller.access.layer.callCount, called.access.layer.callCount]).toEqual([0, 0]);
      expect([caller.access.layer.freeChannels, called.access.layer.freeChannels]).toEqual([30, 30]);
    }
  });

  test('§5.3.5: both disconnect at once, and both release at once', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    answers(called);
    const call = pair.call(caller, '1');
    pair.run(20);
    call.clear(pair.clock.now, clear(16));
    called.last('setup').call.clear(pair.clock.now, clear(31));
    pair.messages.length = 0;
    pair.run(20);
    expect(pair.messages.map((message) => message.split(' ')[1])).toEqual([
      'Disconnect',
      'Disconnect',
      'Release',
      'Release',
    ]);
    expect([caller.causes(), called.causes()]).toEqual([[['local', 16]], [['local', 31]]]);
    expect([caller.access.layer.callCount, called.access.layer.callCount]).toEqual([0, 0]);
  });

  test('§5.1.3, §5.2.4: overlap: digits one by one, and T302 ends them', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    const call = pair.call(caller, '55', { complete: false });
    pair.run(10);
    expect(called.last('setup')).toMatchObject({ complete: false, called: { digits: '55' } });
    const incoming = called.last('setup').call;
    incoming.wantDigits(pair.clock.now, true);
    pair.run(10);
    expect(caller.last('more-digits-wanted')).toMatchObject({ inBand: true });
    expect([call.state, incoming.state]).toEqual(side === 'user' ? [2, 2] : [25, 25]);
    call.sendDigits(pair.clock.now, '5', false);
    pair.run(10_000);
    call.sendDigits(pair.clock.now, '1', false);
    pair.run(10_000);
    expect(called.events.flatMap((event) => (event.kind === 'digits' ? [event.digits] : []))).toEqual(['5', '1']);
    pair.run(5_100);
    expect(called.last('digits')).toMatchObject({ digits: '', complete: true });
    incoming.clear(pair.clock.now, clear(28));
    pair.run(20);
    expect(caller.causes()).toEqual([['far-end', 28]]);
  });

  test('sending complete ends the digits at once, and T302 with them', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    const call = pair.call(caller, '', { complete: false });
    pair.run(10);
    const incoming = called.last('setup').call;
    incoming.wantDigits(pair.clock.now);
    pair.run(10);
    call.sendDigits(pair.clock.now, '42', true);
    pair.run(10);
    expect(called.last('digits')).toMatchObject({ digits: '42', complete: true });
    incoming.alert(pair.clock.now, true);
    pair.run(10);
    expect(caller.last('alerting')).toMatchObject({ inBand: true });
    pair.run(60_000);
    expect(called.kinds().filter((kind) => kind === 'digits')).toHaveLength(1);
  });

  test('§5.2.5.1: a SETUP is refused by RELEASE COMPLETE with its cause', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    called.react = (event, call, now) => {
      if (event.kind === 'setup') call.clear(now, clear(17));
    };
    pair.call(caller, '1');
    pair.run(10);
    expect(pair.messages.at(-1)).toMatch(/ReleaseComplete$/);
    expect(caller.causes()).toEqual([['far-end', 17]]);
  });

  test('who calls, by what name, and who diverted: shown as it was said', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    const calling = {
      typeOfNumber: 2,
      numberingPlan: 1,
      presentation: { indicator: 1, screening: 3 },
      digits: '2125550100',
    };
    const redirecting = {
      typeOfNumber: 2,
      numberingPlan: 1,
      presentation: { indicator: 0, screening: 0 },
      reason: 1,
      digits: '7',
    };
    pair.call(caller, '1', { calling, redirecting, display: 'Ada Lovelace' });
    pair.run(10);
    expect(called.last('setup')).toMatchObject({
      calling,
      redirecting,
      display: 'Ada Lovelace',
      called: { digits: '1' },
    });
    called.last('setup').call.connect(pair.clock.now, { connected: calling });
    pair.run(10);
    expect(caller.last('connected')).toMatchObject({ connected: calling });
  });

  test('table 9: nobody answers the SETUP: it is repeated after T303, then given up with 18', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    called.access.layer.receive = () => {};
    pair.call(caller, '1');
    pair.run(4_100);
    expect(pair.messages.filter((message) => message.endsWith('Setup'))).toHaveLength(2);
    expect(caller.causes()).toEqual([]);
    pair.run(4_000);
    expect(caller.causes()).toEqual([['timer', 18]]);
    expect(caller.access.layer.callCount).toBe(0);
  });

  test('table 9: after CALL PROCEEDING nothing follows within T310, unless PROGRESS tells of tones', () => {
    for (const tones of [false, true]) {
      const pair = new AccessPair().start();
      const [caller, called] = sides(pair);
      pair.call(caller, '1');
      pair.run(10);
      const incoming = called.last('setup').call;
      incoming.proceed(pair.clock.now);
      if (tones) incoming.progress(pair.clock.now, clear(1));
      pair.run(60_000);
      expect(caller.causes()).toEqual(tones ? [] : [['timer', 102]]);
      if (tones) expect(caller.last('progress')).toMatchObject({ inBand: true, cause: { value: 1 } });
      else expect(called.causes()).toEqual([['far-end', 102]]);
    }
  });

  test('table 9: a phone that rings is given up after T301 with 19', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    pair.call(caller, '1');
    pair.run(10);
    called.last('setup').call.alert(pair.clock.now, false);
    pair.run(179_000);
    expect(caller.causes()).toEqual([]);
    pair.run(2_000);
    expect([caller.causes(), called.causes()]).toEqual([[['timer', 19]], [['far-end', 102]]]);
  });

  test('table 9: DISCONNECT is not answered: RELEASE after T305, again after T308, and the channel is restarted', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    answers(called);
    const call = pair.call(caller, '1');
    pair.run(20);
    const channel = caller.access.layer.channelOf(call);
    const receive = called.access.layer.receive.bind(called.access.layer);
    called.access.layer.receive = () => {};
    pair.messages.length = 0;
    call.clear(pair.clock.now, clear(16));
    pair.run(30_100);
    expect(pair.messages.map((message) => message.split(' ')[1])).toEqual(['Disconnect', 'Release']);
    expect(call.state).toBe(19);
    pair.run(4_100);
    called.access.layer.receive = receive;
    pair.run(4_100);
    expect(pair.messages.slice(2).map((message) => message.split(' ')[1])).toEqual([
      'Release',
      'Restart',
      'RestartAcknowledge',
    ]);
    // The call that the other side still had there is gone with the restart.
    expect(called.causes()).toEqual([['line', 41]]);
    expect(caller.channels).toEqual([`${channel} restarting`, `${channel} in-service`]);
    expect([caller.access.layer.freeChannels, called.access.layer.freeChannels]).toEqual([30, 30]);
  });

  test('§5.8.10: an enquiry is answered with the state; twice in vain it ends the call', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    answers(called);
    const call = pair.call(caller, '1');
    pair.run(20);
    call.enquire(pair.clock.now);
    pair.run(10_000);
    expect(pair.messages.at(-1)).toMatch(/Status$/);
    expect(call.state).toBe(10);
    called.access.layer.receive = () => {};
    call.enquire(pair.clock.now);
    pair.run(8_100);
    expect(caller.causes()).toEqual([['local', 41]]);
  });

  test('§5.8.9: the data link is gone: what rings ends at once, what stands outlives it for T309', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    answers(called);
    const standing = pair.call(caller, '1');
    pair.run(20);
    called.react = (event, call, now) => {
      if (event.kind === 'setup') call.alert(now, false);
    };
    pair.call(caller, '2');
    pair.run(20);
    pair.cut = true;
    pair.run(30_000);
    expect(caller.service.at(-1)).toBe('out: the data link is down');
    expect(caller.causes()).toEqual([['line', 27]]);
    expect(caller.access.layer.freeChannels).toBe(0);
    pair.cut = false;
    pair.run(10_000);
    expect(caller.service.at(-1)).toBe('in: channels are ready');
    // Both told each other where they stand (31), and stand in the same call.
    expect(standing.state).toBe(10);
    expect(pair.messages.filter((message) => message.endsWith(' Status'))).toHaveLength(2);
    pair.cut = true;
    pair.run(120_000);
    expect(caller.causes().at(-1)).toEqual(['line', 27]);
    expect([caller.access.layer.callCount, called.access.layer.callCount]).toEqual([0, 0]);
  });

  test('§5.8.9, §5.8.11: a call that one side ended meanwhile ends on the other when the link is back', () => {
    const pair = new AccessPair().start();
    const [caller, called] = sides(pair);
    answers(called);
    const call = pair.call(caller, '1');
    pair.run(20);
    pair.cut = true;
    pair.run(20_000);
    called.last('setup').call.abandon(41);
    pair.run(1_000);
    pair.cut = false;
    pair.run(20_000);
    expect(caller.causes()).toEqual([['far-end', 101]]);
    expect(call.ended).toBe(true);
    expect(caller.access.layer.freeChannels).toBe(30);
  });
});

test('§5.2.8: a user that answers waits for CONNECT ACKNOWLEDGE within T313', () => {
  const pair = new AccessPair().start();
  pair.call(pair.exchange, '1');
  pair.run(10);
  pair.exchange.access.layer.receive = () => {};
  const incoming = pair.user.last('setup').call;
  incoming.connect(pair.clock.now);
  pair.run(100);
  expect(incoming.state).toBe(8);
  pair.run(4_000);
  expect(pair.user.causes()).toEqual([['timer', 102]]);
});

test('§5.3.4.1: the network disconnects with tones; the user may listen, and T306 ends it', () => {
  for (const userHangsUp of [true, false]) {
    const pair = new AccessPair().start();
    answers(pair.exchange);
    const call = pair.call(pair.user, '1');
    pair.run(20);
    pair.exchange.last('setup').call.clear(pair.clock.now, causeOf(17, 2), true);
    pair.run(20);
    expect(pair.user.last('disconnected')).toMatchObject({ cause: { value: 17, location: 2 } });
    expect([call.state, pair.exchange.last('setup').call.state]).toEqual([12, 12]);
    if (userHangsUp) call.clear(pair.clock.now, clear(16));
    pair.run(userHangsUp ? 20 : 30_100);
    expect(pair.user.causes()).toEqual([userHangsUp ? ['local', 16] : ['far-end', 17]]);
    expect([pair.user.access.layer.callCount, pair.exchange.access.layer.callCount]).toEqual([0, 0]);
  }
});

test('a call of each channel, and none for the next: 30 on E1, 23 on T1', () => {
  for (const [line, count] of [
    ['E1', 30],
    ['T1', 23],
  ] as const) {
    const pair = new AccessPair({ line }).start();
    answers(pair.exchange);
    const channels = Array.from({ length: count }, () => pair.user.access.layer.channelOf(pair.call(pair.user, '1')));
    pair.run(500);
    expect(new Set(channels).size).toBe(count);
    expect(channels).not.toContain(line === 'E1' ? 16 : 24);
    expect(pair.user.kinds().filter((kind) => kind === 'connected')).toHaveLength(count);
    expect(() => pair.call(pair.user, '1')).toThrow('no channel is free');
    expect(pair.messages).not.toContain(`network ${MessageType.Status}`);
  }
});
