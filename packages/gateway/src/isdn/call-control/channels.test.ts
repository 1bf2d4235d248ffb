import { describe, expect, test } from 'vitest';
import { type AccessEnd, AccessPair, setupTerms } from '../access-pair.fixture.ts';

function answers(end: AccessEnd): void {
  end.react = (event, call, now) => {
    if (event.kind === 'setup') call.connect(now);
  };
}

/** Both hunt from the same end, so that they meet. */
const meeting = { hunt: 'ascending' } as const;

describe('which B channel (§5.1.2, §5.2.3)', () => {
  test('what the first answer names is taken, where another was preferred', () => {
    const pair = new AccessPair(meeting).start();
    answers(pair.exchange);
    pair.exchange.access.layer.setBlocked(1, true);
    const call = pair.call(pair.user, '1');
    expect(pair.user.access.layer.channelOf(call)).toBe(1);
    pair.run(10);
    expect(pair.user.access.layer.channelOf(call)).toBe(2);
    expect(pair.user.access.layer.callOn(1)).toBeUndefined();
  });

  test('an exclusive channel that is not to be had: 44', () => {
    const pair = new AccessPair({ ...meeting, channelChoice: 'exclusive' }).start();
    pair.exchange.access.layer.setBlocked(1, true);
    pair.call(pair.user, '1');
    pair.run(10);
    expect(pair.user.causes()).toEqual([['far-end', 44]]);
    expect(pair.user.access.layer.freeChannels).toBe(30);
  });

  test('no channel at all: 34', () => {
    const pair = new AccessPair(meeting).start();
    for (let channel = 1; channel <= 31; channel += 1) pair.exchange.access.layer.setBlocked(channel, true);
    pair.call(pair.user, '1');
    pair.run(10);
    expect(pair.user.causes()).toEqual([['far-end', 34]]);
    expect(pair.exchange.service.at(-1)).toBe('out: no channel is in service');
  });

  test('an answer that names a channel we cannot use: RELEASE with 6', () => {
    const pair = new AccessPair(meeting).start();
    answers(pair.exchange);
    pair.user.access.layer.setBlocked(2, true);
    pair.exchange.access.layer.setBlocked(1, true);
    pair.call(pair.user, '1');
    pair.run(20);
    expect(pair.user.causes()).toEqual([['local', 6]]);
    expect(pair.exchange.causes()).toEqual([['far-end', 6]]);
    expect(pair.exchange.access.layer.callCount).toBe(0);
  });
});

describe('both sides take the same channel at once (§5.7)', () => {
  test('the network has it, and gives the user another', () => {
    const pair = new AccessPair(meeting).start();
    answers(pair.exchange);
    answers(pair.user);
    const outgoing = pair.user.access.layer.call(pair.clock.now, setupTerms('1'));
    const incoming = pair.exchange.access.layer.call(pair.clock.now, setupTerms('2'));
    if (outgoing === undefined || incoming === undefined) throw new Error('no channel is free');
    pair.run(50);
    expect([outgoing.state, incoming.state]).toEqual([10, 10]);
    expect(pair.user.access.layer.channelOf(outgoing)).toBe(2);
    expect(pair.exchange.access.layer.channelOf(incoming)).toBe(1);
    for (const channel of [1, 2]) {
      const [ours, theirs] = [pair.user, pair.exchange].map((end) => end.access.layer.callOn(channel));
      expect([ours?.reference.value, ours?.sentSetup]).toEqual([theirs?.reference.value, !theirs?.sentSetup]);
    }
  });

  test('a user that insists loses its call with 44, and the network keeps its own', () => {
    const pair = new AccessPair({ ...meeting, channelChoice: 'exclusive' }).start();
    answers(pair.exchange);
    answers(pair.user);
    pair.user.access.layer.call(pair.clock.now, setupTerms('1'));
    const incoming = pair.exchange.access.layer.call(pair.clock.now, setupTerms('2'));
    pair.run(50);
    expect(pair.user.causes()).toEqual([['far-end', 44]]);
    expect(incoming?.state).toBe(10);
    expect([pair.user, pair.exchange].map((end) => end.access.layer.freeChannels)).toEqual([29, 29]);
  });

  test('on all thirty at once: every channel carries one call that both sides know as the same', () => {
    const pair = new AccessPair(meeting).start();
    answers(pair.exchange);
    answers(pair.user);
    for (let i = 0; i < 30; i += 1) {
      pair.user.access.layer.call(pair.clock.now, setupTerms('1'));
      pair.exchange.access.layer.call(pair.clock.now, setupTerms('2'));
    }
    pair.run(1_000);
    for (const channel of [1, 15, 17, 31]) {
      const [ours, theirs] = [pair.user, pair.exchange].map((end) => end.access.layer.callOn(channel));
      expect(ours?.reference.value).toBe(theirs?.reference.value);
      expect([ours?.state, theirs?.state]).toEqual([10, 10]);
    }
    // The network's thirty stand; for the user's there was nothing left.
    expect(pair.user.causes().every(([by, value]) => by === 'far-end' && value === 34)).toBe(true);
    expect(pair.user.causes()).toHaveLength(30);
  });
});

describe('RESTART (§5.5)', () => {
  test('at the start both restart the interface, and are in service when it is acknowledged', () => {
    const pair = new AccessPair({ restartAtStart: true }).start();
    expect(pair.messages.toSorted()).toEqual([
      'network Restart',
      'network RestartAcknowledge',
      'user Restart',
      'user RestartAcknowledge',
    ]);
    expect([pair.user.access.layer.freeChannels, pair.exchange.access.layer.freeChannels]).toEqual([30, 30]);
    expect(pair.user.service).toEqual(['in: channels are ready']);
  });

  test('of one channel: its call ends on both sides, the others stand', () => {
    const pair = new AccessPair().start();
    answers(pair.exchange);
    const calls = [pair.call(pair.user, '1'), pair.call(pair.user, '2')];
    pair.run(50);
    pair.exchange.access.layer.restart(pair.clock.now, 31);
    pair.run(50);
    expect(calls.map(({ state }) => state)).toEqual([0, 10]);
    expect([pair.user.causes(), pair.exchange.causes()]).toEqual([[['line', 41]], [['line', 41]]]);
    expect([pair.user.access.layer.freeChannels, pair.exchange.access.layer.freeChannels]).toEqual([29, 29]);
  });

  test('of the interface: every call ends', () => {
    const pair = new AccessPair().start();
    answers(pair.exchange);
    for (let i = 0; i < 30; i += 1) pair.call(pair.user, '1');
    pair.run(500);
    pair.user.access.layer.restart(pair.clock.now, 'interface');
    expect(pair.user.access.layer.freeChannels).toBe(0);
    pair.run(500);
    expect([pair.user.causes().length, pair.exchange.causes().length]).toEqual([30, 30]);
    expect([pair.user.access.layer.freeChannels, pair.exchange.access.layer.freeChannels]).toEqual([30, 30]);
  });

  test('that nobody acknowledges is repeated after T316, then the channel waits for maintenance', () => {
    const pair = new AccessPair().start();
    const receive = pair.exchange.access.layer.receive.bind(pair.exchange.access.layer);
    pair.exchange.access.layer.receive = () => {};
    pair.user.access.layer.restart(pair.clock.now, 5);
    pair.run(240_100);
    expect(pair.messages).toEqual(['user Restart', 'user Restart']);
    expect(pair.user.channels).toEqual(['5 restarting', '5 maintenance']);
    expect(pair.user.access.layer.freeChannels).toBe(29);
    // The other side's restart brings it back.
    pair.exchange.access.layer.receive = receive;
    pair.exchange.access.layer.restart(pair.clock.now, 5);
    pair.run(100);
    expect(pair.user.access.layer.freeChannels).toBe(30);
  });

  test('a data link that is lost during it: it is asked again when it is back', () => {
    const pair = new AccessPair().start();
    pair.cut = true;
    pair.user.access.layer.restart(pair.clock.now, 3);
    pair.run(40_000);
    pair.cut = false;
    pair.run(40_000);
    expect(pair.user.channels).toEqual(['3 restarting', '3 in-service']);
  });
});
