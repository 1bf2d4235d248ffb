import type { Socket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import type { SipFlow } from '../flow.ts';
import { DEFAULT_SIP_LIMITS } from '../message/limits.ts';
import { monotonicNow } from './clock.ts';
import { defaultSipTransportLimits } from './limits.ts';
import { stunBindingResponse } from './stun.ts';
import { UdpFlow } from './udp-socket.ts';

const address = { host: '192.0.2.1', port: 5060 };
const flow: SipFlow = { id: 'udp-1', transport: 'udp', local: address, remote: address };

/** A flow that is kept alive, and what it asks. */
function keptAlive() {
  const sent: Uint8Array[] = [];
  const closed: string[] = [];
  const socket = { send: (bytes: Uint8Array) => sent.push(bytes), address: () => ({ family: 'IPv4' }) };
  const owner = {
    message: () => {},
    badMessage: () => {},
    closed: (_: SipFlow, reason: string) => closed.push(reason),
  };
  const options = {
    owner,
    admit: () => true,
    newFlowId: () => '',
    failed: () => {},
    limits: defaultSipTransportLimits,
    messageLimits: DEFAULT_SIP_LIMITS,
  };
  const kept = new UdpFlow(flow, options, socket as unknown as Socket, () => {});
  kept.authenticate();
  let asked = 0;
  kept.keepAlive(() => new Uint8Array(12).fill(++asked));
  const start = monotonicNow();
  /** The far end sees us at this port. */
  const answer = (port: number) => {
    const said = stunBindingResponse(sent.at(-1) ?? new Uint8Array(0), { host: '198.51.100.7', port });
    if (said !== undefined) kept.pong(said);
  };
  return { inspect: (after: number) => kept.inspect(start + after), sent, closed, answer };
}

describe('RFC 5626 §4.4.2: keep-alives by STUN', () => {
  test('are sent every half a minute, and nothing in between', () => {
    const { inspect, sent, answer, closed } = keptAlive();
    inspect(1);
    answer(40_000);
    inspect(20_000);
    expect(sent).toHaveLength(1);
    inspect(30_000);
    answer(40_000);
    expect(sent).toHaveLength(2);
    expect(closed).toEqual([]);
  });

  test('another address is another flow: this one has failed', () => {
    const { inspect, answer, closed } = keptAlive();
    inspect(1);
    answer(40_000);
    inspect(30_000);
    answer(40_001);
    expect(closed).toEqual(['address-changed']);
  });

  test('without an answer it is asked again, and has failed after half a minute, if it had ever answered', () => {
    for (const answers of [true, false]) {
      const { inspect, sent, answer, closed } = keptAlive();
      inspect(1);
      if (answers) answer(40_000);
      for (let after = 1_000; after < 70_000; after += 1_000) inspect(after);
      expect(sent.length).toBeGreaterThanOrEqual(6);
      expect(closed[0]).toBe(answers ? 'no-pong' : undefined);
    }
  });
});
