import { SeededRandom, SipPair, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { cseq } from '../message/cseq.ts';
import type { SipRequest } from '../message/types.ts';
import type { InviteSession } from '../session/invite-session.ts';
import type { KeptSession } from '../session/kept-session.ts';
import type { SipUserAgentOptions } from './options.ts';
import type { SipUserAgentOutput } from './outputs.ts';
import { bytes, clean, event, kinds } from './user-agent.fixture.ts';
import { SipUserAgent } from './user-agent.ts';

const watching = { sessionTimer: { interval: 600, minimum: 90 } } as const;

/** A call whose called end is a process that dies and another that goes on with what it had kept. */
function talking(caller: Partial<SipUserAgentOptions> = {}, own: Partial<SipUserAgentOptions> = watching) {
  const clock = new VirtualClock(1_000);
  const agent = (seed: number, options: Partial<SipUserAgentOptions>) =>
    new SipUserAgent({ random: new SeededRandom(seed).bytes, contact: () => '<sip:x@192.0.2.9>', ...options });
  const left = agent(1, caller);
  let right = agent(2, own);
  const inner: Pick<SipUserAgent, 'receive' | 'flowClosed' | 'poll' | 'handleTime' | 'nextDeadline'> = {
    receive: (...message) => right.receive(...message),
    flowClosed: (...closed) => right.flowClosed(...closed),
    poll: () => right.poll(),
    handleTime: (now) => right.handleTime(now),
    nextDeadline: () => right.nextDeadline(),
  };
  const pair = new SipPair<SipUserAgentOutput>(clock, left, inner, { transport: 'udp', conditions: clean });
  const options = { requestUri: 'sip:r@x', from: '<sip:l@x>', to: '<sip:r@x>', offer: bytes('offer') };
  const session = pair.act(() => left.place(clock.now, pair.left.flow, options));
  clock.advance(10);
  const before = pair.right.outputsOf('incoming')[0]?.session as InviteSession;
  pair.act(() => before.accept(clock.now, bytes('answer')));
  clock.advance(10);
  const kept = JSON.parse(JSON.stringify(before.keep(clock.now))) as KeptSession;
  for (const end of [pair.left, pair.right]) end.outputs.length = 0;
  /** The process dies, and another begins. */
  const restart = (other: Partial<KeptSession> = {}) => {
    right = agent(3, own);
    return right.resume(clock.now, pair.right.flow, { ...kept, ...other });
  };
  return { clock, pair, left, session, kept, restart, agent: () => right };
}

describe('a session that another process goes on with', () => {
  test('takes the BYE of its peer, who finds it as it was (RFC 3261 §12)', () => {
    const { clock, pair, session, restart, agent } = talking();
    restart();
    pair.act(() => session.bye(clock.now));
    clock.advance(10);
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'bye', by: 'remote' });
    expect(event(pair.left, 'ended')).toMatchObject({ cause: 'bye', by: 'local' });
    clock.runUntilIdle();
    expect(agent().tableSizes).toMatchObject({ sessions: 0, dialogs: 0 });
  });

  test('hangs up with a number above all that were used before (RFC 3261 §12.2.1.1)', () => {
    const { clock, pair, kept, restart } = talking();
    const resumed = restart();
    pair.act(() => resumed.bye(clock.now));
    clock.advance(10);
    const bye = pair.right.sent.map(({ message }) => message).findLast(({ kind }) => kind === 'request') as SipRequest;
    expect(cseq(bye)?.sequence).toBeGreaterThan(kept.dialog.localSequence ?? 0);
    expect(event(pair.left, 'ended')).toMatchObject({ by: 'remote' });
  });

  test('takes offers and makes them', () => {
    const { clock, pair, session, restart } = talking();
    const resumed = restart();
    pair.act(() => session.reoffer(clock.now, bytes('hold')));
    clock.advance(10);
    pair.act(() => resumed.answerOffer(clock.now, bytes('held')));
    clock.advance(10);
    expect(event(pair.left, 'reoffer-answered')).toMatchObject({ answer: bytes('held') });
    pair.act(() => resumed.requestOffer(clock.now));
    clock.advance(10);
    expect(kinds(pair.left)).toContain('offer-requested');
  });

  test.each([
    ['UPDATE', { peerAllows: ['INVITE', 'ACK', 'BYE', 'UPDATE'] }, 'update-answered'],
    ['OPTIONS', { peerAllows: ['INVITE', 'ACK', 'BYE'] }, 'request-answered'],
  ] as const)(
    'asks its peer whether it still has it by %s, and leaves the media as they are',
    (method, said, answered) => {
      const { clock, pair, left, session, restart } = talking();
      const resumed = restart(said);
      pair.act(() => resumed.probe(clock.now));
      clock.advance(10);
      const asked = pair.right.sent
        .map(({ message }) => message)
        .findLast(({ kind }) => kind === 'request') as SipRequest;
      expect(asked).toMatchObject({ method, body: bytes('') });
      expect(event(pair.right, answered)).toMatchObject({ status: 200 });
      expect([resumed.phase, session.phase]).toEqual(['established', 'established']);
      expect(kinds(pair.left)).not.toContain('offer');
      // The peer has hung up, and the BYE was lost: it knows no such session.
      pair.left.outputs.length = 0;
      session.bye(clock.now);
      while (left.poll() !== undefined);
      pair.act(() => resumed.probe(clock.now));
      clock.advance(10);
      expect(event(pair.right, 'ended')).toMatchObject({ cause: 'gone', by: 'remote' });
    },
  );

  test('goes on being refreshed by whoever did so, and ends when nobody does (RFC 4028 §10)', () => {
    const { clock, pair, restart } = talking(watching);
    restart();
    clock.advance(3_600_000);
    expect(kinds(pair.right).filter((kind) => kind === 'updated').length).toBeGreaterThanOrEqual(11);
    pair.network.conditions = { ...clean, loss: 1 };
    clock.advance(600_000);
    expect(event(pair.right, 'ended')).toMatchObject({ cause: 'not-refreshed' });
  });

  test('refreshes a peer that does not know session timers, as before', () => {
    const { clock, pair, restart } = talking();
    restart();
    clock.advance(3_600_000);
    expect(kinds(pair.left).filter((kind) => kind === 'updated').length).toBeGreaterThanOrEqual(11);
  });
});

test('a 2xx that its called repeats, as the ACK was lost with the process, has its ACK (RFC 3261 §13.2.2.4)', () => {
  const clock = new VirtualClock(1_000);
  const agent = (seed: number) =>
    new SipUserAgent({ random: new SeededRandom(seed).bytes, contact: () => '<sip:x@192.0.2.9>', ...watching });
  const [before, called, after] = [agent(1), agent(2), agent(3)];
  const pair = new SipPair<SipUserAgentOutput>(clock, before, called, { transport: 'tcp' });
  const options = { requestUri: 'sip:r@x', from: '<sip:l@x>', to: '<sip:r@x>', offer: bytes('offer') };
  const session = pair.act(() => before.place(clock.now, pair.left.flow, options));
  clock.advance(50);
  pair.act(() => pair.right.outputsOf('incoming')[0]?.session.accept(clock.now, bytes('answer')));
  clock.advance(50);
  const accepted = pair.right.sent.find(({ message }) => message.kind === 'response' && message.status === 200);
  after.resume(clock.now, pair.left.flow, session.keep(clock.now) as KeptSession);
  if (accepted !== undefined) after.receive(clock.now, pair.left.flow, accepted.message);
  const ack = after.poll();
  expect(ack).toMatchObject({ kind: 'transmit', message: { method: 'ACK' } });
  const number = cseq(session.invite)?.sequence;
  expect(ack?.kind === 'transmit' && cseq(ack.message)).toEqual({ sequence: number, method: 'ACK' });
});

test('nothing is kept of a session that is not established, and no key of one that is', () => {
  const { clock, pair, session, kept } = talking();
  expect(JSON.stringify(kept)).not.toMatch(/offer|answer/);
  pair.act(() => session.bye(clock.now));
  expect(session.keep(clock.now)).toBeUndefined();
});

test('a session is said to be settled once, when its BYE has been answered', () => {
  const settled: InviteSession[] = [];
  const { clock, pair, session } = talking({ settled: (one) => settled.push(one) });
  pair.act(() => session.bye(clock.now));
  expect(settled).toEqual([]);
  clock.runUntilIdle();
  expect(settled).toEqual([session]);
});
