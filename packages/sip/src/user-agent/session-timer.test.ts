import { SeededRandom, SipPair, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { headerValue } from '../message/headers.ts';
import type { SipMessage } from '../message/types.ts';
import type { InviteSession } from '../session/invite-session.ts';
import type { SipUserAgentOptions } from './options.ts';
import type { SipUserAgentOutput } from './outputs.ts';
import { SipUserAgent } from './user-agent.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const watching = { sessionTimer: { interval: 600, minimum: 90 } } as const;

/** A call between two user agents, answered. */
function talking(left: Partial<SipUserAgentOptions>, right: Partial<SipUserAgentOptions>) {
  const clock = new VirtualClock(1_000);
  const conditions = { loss: 0, duplication: 0, minimumDelay: 1, maximumDelay: 1 };
  const agent = (seed: number, own: Partial<SipUserAgentOptions>) =>
    new SipUserAgent({ random: new SeededRandom(seed).bytes, contact: () => '<sip:x@192.0.2.9>', ...own });
  const agents = { left: agent(1, left), right: agent(2, right) };
  const pair = new SipPair<SipUserAgentOutput>(clock, agents.left, agents.right, { transport: 'udp', conditions });
  const options = { requestUri: 'sip:r@x', from: '<sip:l@x>', to: '<sip:r@x>', offer: bytes('offer') };
  const caller = pair.act(() => agents.left.place(clock.now, pair.left.flow, options));
  clock.advance(10);
  const callee = (): InviteSession | undefined => pair.right.outputsOf('incoming').at(-1)?.session;
  pair.act(() => callee()?.accept(clock.now, bytes('answer')));
  clock.advance(10);
  const kinds = (end: 'left' | 'right') => pair[end].outputsOf('session').map(({ event }) => event.kind);
  const ended = (end: 'left' | 'right') =>
    pair[end].outputsOf('session').flatMap(({ event }) => (event.kind === 'ended' ? [event.cause] : []));
  return { clock, pair, caller, callee, kinds, ended };
}

describe('RFC 4028 between two that know it', () => {
  test('the caller refreshes by UPDATE, and a session of hours goes on', () => {
    const { clock, kinds, ended } = talking(watching, watching);
    clock.advance(3_600_000);
    expect(kinds('right').filter((kind) => kind === 'updated').length).toBeGreaterThanOrEqual(11);
    expect(kinds('left')).not.toContain('updated');
    expect([ended('left'), ended('right')]).toEqual([[], []]);
  });

  test('§9: too short an interval is refused 422 and asked for anew, longer, and then agreed', () => {
    const { kinds, callee } = talking(
      { sessionTimer: { interval: 90, minimum: 90 } },
      { sessionTimer: { interval: 1_800, minimum: 400 } },
    );
    expect(kinds('left')).toContain('accepted');
    expect(headerValue(callee()?.invite as SipMessage, 'Session-Expires')).toBe('400');
  });

  test('§10: when the refreshing end has vanished, the other hangs up before the interval is over', () => {
    const { clock, pair, ended } = talking(watching, watching);

    pair.network.conditions = { ...pair.network.conditions, loss: 1 };
    clock.advance(567_000);
    expect(ended('right')).toEqual([]);
    clock.advance(2_000);
    expect(ended('right')).toEqual(['not-refreshed']);
  });
});

describe('RFC 4028 with one that does not know it', () => {
  test('we refresh alone', () => {
    const { clock, kinds, ended } = talking({}, watching);
    clock.advance(3_600_000);
    expect(kinds('left').filter((kind) => kind === 'updated').length).toBeGreaterThanOrEqual(11);
    expect(ended('right')).toEqual([]);
  });
});

test('RFC 3326 §2: who hangs up because a session was not refreshed says so', () => {
  const { clock, pair } = talking(watching, watching);
  pair.network.conditions = { ...pair.network.conditions, loss: 1 };
  clock.advance(569_000);
  const bye = pair.right.sent.find(({ message }) => message.kind === 'request' && message.method === 'BYE')?.message;
  expect(bye === undefined ? undefined : headerValue(bye, 'Reason')).toBe(
    'Q.850;cause=102;text="the session was not refreshed"',
  );
});
