/** Two user agents on one network, for the tests of sessions. */
import { type NetworkConditions, SeededRandom, SipPair, VirtualClock } from '@trustline/testing';
import { expect } from 'vitest';
import type { SipFlow } from '../flow.ts';
import type { SipHeader } from '../message/types.ts';
import type { SessionEvent } from '../session/events.ts';
import type { InviteSession } from '../session/invite-session.ts';
import type { SipUserAgentOptions } from './options.ts';
import type { SipUserAgentOutput } from './outputs.ts';
import { SipUserAgent } from './user-agent.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (sdp: Uint8Array | undefined): string => new TextDecoder().decode(sdp);

export const clean: NetworkConditions = { loss: 0, duplication: 0, minimumDelay: 1, maximumDelay: 1 };

export function setUp(
  options: {
    readonly transport?: SipFlow['transport'];
    readonly left?: Partial<SipUserAgentOptions>;
    readonly right?: Partial<SipUserAgentOptions>;
  } = {},
) {
  const clock = new VirtualClock(1_000);
  const agent = (seed: number, name: string, own: Partial<SipUserAgentOptions> = {}) =>
    new SipUserAgent({ random: new SeededRandom(seed).bytes, contact: () => `<sip:${name}@192.0.2.9>`, ...own });
  const left = agent(1, 'left', options.left);
  const right = agent(2, 'right', options.right);
  const pair = new SipPair<SipUserAgentOutput>(clock, left, right, {
    transport: options.transport ?? 'udp',
    conditions: clean,
  });
  const place = (offer: string | undefined = 'offer', headers: readonly SipHeader[] = []): InviteSession =>
    pair.act(() =>
      left.place(clock.now, pair.left.flow, {
        requestUri: 'sip:right@192.0.2.2',
        from: '<sip:left@example.com>',
        to: '<sip:right@example.com>',
        offer: offer === undefined ? undefined : bytes(offer),
        headers,
      }),
    );
  const callee = (): InviteSession => {
    const incoming = pair.right.outputsOf('incoming').at(-1);
    if (incoming === undefined) throw new Error('no call has come in');
    return incoming.session;
  };
  /** An established call, its events forgotten. */
  const connect = (): { caller: InviteSession; callee: InviteSession } => {
    const caller = place();
    clock.advance(10);
    pair.act(() => callee().accept(clock.now, bytes('answer')));
    clock.advance(10);
    const ends = { caller, callee: callee() };
    pair.left.outputs.length = 0;
    pair.right.outputs.length = 0;
    return ends;
  };
  const settled = { sessions: 0, dialogs: 0, transactions: 0, callers: 0, flows: 0, requests: 0 };
  const expectNothingLeft = (): void => {
    clock.runUntilIdle();
    expect(left.tableSizes).toEqual(settled);
    expect(right.tableSizes).toEqual(settled);
  };
  return { clock, left, right, pair, place, callee, connect, expectNothingLeft };
}

type End = { readonly outputs: readonly SipUserAgentOutput[] };

export function events(end: End): SessionEvent[] {
  return end.outputs.flatMap((output) => (output.kind === 'session' ? [output.event] : []));
}

export function event<Kind extends SessionEvent['kind']>(
  end: End,
  kind: Kind,
): Extract<SessionEvent, { readonly kind: Kind }> {
  const found = events(end).filter(
    (each): each is Extract<SessionEvent, { readonly kind: Kind }> => each.kind === kind,
  );
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} events ${kind}, not one`);
  return found[0];
}

export const kinds = (end: End): string[] => events(end).map(({ kind }) => kind);
