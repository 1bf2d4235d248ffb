import { Redacted } from '@trustline/base';
import { createResponse, DigestServer, digestHa1, parseSdp, type SipFlow, type SipMessage } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import { LoadFleet, type LoadOutcome } from './load-fleet.ts';

/** Two phones, and a server that asks for a password and hands each what the other sends. */
function twoPhones({ secureMedia = true, talkTime = 0 } = {}) {
  const random = new SeededRandom(7).bytes;
  const fleet = new LoadFleet({ random, domain: 'cm.example', secureMedia, talkTime });
  const password = new Redacted('secret');
  const phones = ['1001', '1002'].map((line) => fleet.addPhone({ device: `SEP${line}`, line, password }));
  const server = new DigestServer({ realm: 'load', random, secret: random(32) });
  const flows = phones.map((_, at): SipFlow => {
    const [local, remote] = [
      { host: '192.0.2.2', port: 4_000 + at },
      { host: '192.0.2.1', port: 5_060 },
    ];
    return { id: `flow-${at}`, transport: 'tcp', local, remote };
  });
  for (const [at, phone] of phones.entries()) fleet.connected(0, phone, flows[at] as SipFlow);
  const outcomes: LoadOutcome[] = [];
  const carried: SipMessage[] = [];
  const serve = (now: number) => {
    for (let output = fleet.poll(); output !== undefined; output = fleet.poll()) {
      if (output.kind !== 'transmit') {
        outcomes.push(output);
        continue;
      }
      const { flow, message } = output;
      carried.push(message);
      const other = flows.find(({ id }) => id !== flow.id) as SipFlow;
      if (message.kind === 'response' || message.method !== 'REGISTER') fleet.receive(now, other, message);
      else {
        const verdict = server.verify(now, message, ({ username }) => ({
          username,
          ha1: digestHa1('SHA-256', username, 'load', 'secret'),
        }));
        const headers = verdict.kind === 'verified' ? [] : server.challenge(now);
        fleet.receive(
          now,
          flow,
          createResponse(message, verdict.kind === 'verified' ? 200 : 401, { toTag: 't', headers }),
        );
      }
    }
  };
  const [caller, called] = phones as [(typeof phones)[0], (typeof phones)[0]];
  return { fleet, caller, called, outcomes, carried, serve };
}

describe('a fleet of phones', () => {
  test('answers the challenge of its first REGISTER, and sends credentials unasked with the next', () => {
    const { fleet, caller, outcomes, carried, serve } = twoPhones();
    for (const now of [10, 20]) {
      fleet.register(now, caller);
      serve(now);
    }
    expect(outcomes.map(({ kind }) => kind)).toEqual(['registered', 'registered']);
    expect(carried).toHaveLength(3);
  });

  test('sets up a call with a key at each end, and hangs up after the time it is to take', () => {
    const { fleet, caller, called, outcomes, carried, serve } = twoPhones({ talkTime: 500 });
    fleet.call(100, caller, called);
    serve(105);
    expect(outcomes).toMatchObject([{ kind: 'connected', phone: caller, startedAt: 100 }]);
    const keys = carried.flatMap(({ body }) => {
      const sdp = parseSdp(body);
      return sdp.ok
        ? sdp.session.media.flatMap(({ attributes }) => attributes.filter(({ name }) => name === 'crypto'))
        : [];
    });
    expect(new Set(keys.map(({ value }) => value)).size).toBe(2);
    expect(fleet.nextDeadline()).toBeLessThanOrEqual(605);
    fleet.handleTime(605);
    serve(610);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['connected', 'call-over']);
    expect(fleet.calls).toBe(0);
  });

  test('offers no keys where its media are not to be secure, and says when a connection was lost under a call', () => {
    const { fleet, caller, called, outcomes, carried, serve } = twoPhones({ secureMedia: false, talkTime: 500 });
    fleet.call(1, caller, called);
    fleet.flowClosed(2, 'flow-0');
    serve(2);
    expect(carried.map(({ body }) => new TextDecoder().decode(body)).join()).not.toContain('crypto');
    expect(outcomes).toMatchObject([{ kind: 'call-failed' }]);
  });
});
