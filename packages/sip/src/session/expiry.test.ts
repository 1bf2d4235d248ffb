import { SeededRandom } from '@trustline/testing';
import { expect, test } from 'vitest';
import type { SipFlow } from '../flow.ts';
import { createResponse } from '../message/response.ts';
import type { SipMessage, SipRequest } from '../message/types.ts';
import type { SipUserAgentOutput } from '../user-agent/outputs.ts';
import { SipUserAgent } from '../user-agent/user-agent.ts';

const MINUTE = 60_000;
const STARTED = 1_000;
const sdp = new TextEncoder().encode('v=0');
const address = (host: string) => ({ host, port: 5060 });
const flow: SipFlow = { id: 'f', transport: 'udp', local: address('192.0.2.1'), remote: address('192.0.2.2') };

/** One user agent whose peer says only what the test says. */
class Alone {
  readonly agent: SipUserAgent;
  readonly outputs: SipUserAgentOutput[] = [];
  #now = STARTED;

  constructor(seed: number) {
    this.agent = new SipUserAgent({ random: new SeededRandom(seed).bytes, contact: () => '<sip:x@192.0.2.9>' });
  }

  /** An INVITE with the given Expires. */
  place(expires: string | undefined, silence?: number): SipRequest {
    const headers = expires === undefined ? [] : [{ name: 'Expires', value: expires }];
    const options = {
      requestUri: 'sip:b@x',
      from: '<sip:a@x>',
      to: '<sip:b@x>',
      offer: sdp,
      headers,
      ...(silence && { silence }),
    };
    this.agent.place(this.#now, flow, options);
    this.#drain();
    const [invite] = this.sent();
    if (invite?.kind !== 'request') throw new Error('no INVITE was sent');
    return invite;
  }

  receive(message: SipMessage): void {
    this.agent.receive(this.#now, flow, message);
    this.#drain();
  }

  /** Lets time pass up to `after` milliseconds from the beginning. */
  runTo(after: number): void {
    for (
      let at = this.agent.nextDeadline();
      at !== undefined && at <= STARTED + after;
      at = this.agent.nextDeadline()
    ) {
      this.agent.handleTime(at);
      this.#drain();
    }
    this.#now = STARTED + after;
  }

  sent(): SipMessage[] {
    return this.outputs.flatMap((output) => (output.kind === 'transmit' ? [output.message] : []));
  }

  statuses(): number[] {
    return this.sent().flatMap((message) => (message.kind === 'response' ? [message.status] : []));
  }

  methods(): string[] {
    return this.sent().flatMap((message) => (message.kind === 'request' ? [message.method] : []));
  }

  ended(): unknown[] {
    return this.outputs.flatMap((output) =>
      output.kind === 'session' && output.event.kind === 'ended' ? [output.event] : [],
    );
  }

  #drain(): void {
    for (let output = this.agent.poll(); output !== undefined; output = this.agent.poll()) this.outputs.push(output);
  }
}

/** A callee whose caller has sent its INVITE and nothing more. */
function ringing(expires: string | undefined): Alone {
  const callee = new Alone(2);
  callee.receive(new Alone(1).place(expires));
  const session = callee.outputs.flatMap((output) => (output.kind === 'incoming' ? [output.session] : []))[0];
  session?.ring(STARTED, 180);
  return callee;
}

const cancelled = { kind: 'ended', cause: 'cancelled', by: 'remote', message: undefined };

test('a callee answers 487 when the INVITE runs out before it is answered (RFC 3261 §13.3.1)', () => {
  const callee = ringing('90');
  callee.runTo(90_000 - 1);
  expect(callee.ended()).toEqual([]);
  callee.runTo(90_000);
  expect(callee.statuses()).toContain(487);
  expect(callee.ended()).toEqual([cancelled]);
  callee.runTo(5 * MINUTE);
  expect(callee.agent.tableSizes).toMatchObject({ sessions: 0, dialogs: 0, transactions: 0 });
});

test('an INVITE that runs out at once is refused before anybody answers', () => {
  const callee = ringing('0');
  callee.runTo(0);
  expect(callee.ended()).toEqual([cancelled]);
});

test.each([undefined, 'soon', '4294967295'])('with Expires %s an INVITE rings for an hour, no longer', (expires) => {
  const callee = ringing(expires);
  callee.runTo(60 * MINUTE - 1);
  expect(callee.ended()).toEqual([]);
  callee.runTo(60 * MINUTE);
  expect(callee.ended()).toEqual([cancelled]);
});

test('once accepted a session outlives the Expires of its INVITE', () => {
  const callee = new Alone(2);
  callee.receive(new Alone(1).place('5'));
  const session = callee.outputs.flatMap((output) => (output.kind === 'incoming' ? [output.session] : []))[0];
  expect(session?.accept(STARTED, sdp)).toBe(true);
  callee.runTo(10_000);
  expect(callee.ended()).toEqual([]);
  expect(callee.statuses()).not.toContain(487);
});

test('a caller cancels its INVITE when its Expires is reached (RFC 3261 §13.2.1)', () => {
  const caller = new Alone(1);
  const invite = caller.place('20');
  caller.receive(createResponse(invite, 180, { toTag: 'callee' }));
  caller.runTo(20_000 - 1);
  expect(caller.methods()).not.toContain('CANCEL');
  caller.runTo(20_000);
  expect(caller.methods()).toContain('CANCEL');
  caller.receive(createResponse(invite, 487, { toTag: 'callee' }));
  expect(caller.ended()).toMatchObject([{ cause: 'cancelled', by: 'local' }]);
});

test('an INVITE that was placed with a silence says once that nothing came back in it, and goes on', () => {
  const placed = (silence: number) => {
    const alone = new Alone(1);
    return { alone, invite: alone.place(undefined, silence) };
  };
  const silent = ({ outputs }: Alone) =>
    outputs.filter((output) => output.kind === 'session' && output.event.kind === 'silent').length;
  const { alone } = placed(1_500);
  alone.runTo(1_499);
  expect(silent(alone)).toBe(0);
  alone.runTo(20_000);
  expect([silent(alone), alone.ended()]).toEqual([1, []]);
  const heard = placed(1_500);
  heard.alone.receive(createResponse(heard.invite, 100));
  heard.alone.runTo(20_000);
  expect(silent(heard.alone)).toBe(0);
});
