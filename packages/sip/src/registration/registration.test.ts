import { Redacted } from '@trustline/base';
import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { digestHa1 } from '../digest/algorithm.ts';
import { DigestClient } from '../digest/client.ts';
import { DigestServer } from '../digest/server.ts';
import { cseq } from '../message/cseq.ts';
import { headerValue } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import type { SipHeader, SipRequest } from '../message/types.ts';
import { type Binding, defaultRegistrarPolicy, expireBindings, nextExpiry, register } from './bindings.ts';
import { RETRY_FIRST, RegistrationClient, type RegistrationClientOptions, type RegistrationOutput } from './client.ts';

function registration(
  contacts: readonly string[],
  headers: readonly SipHeader[] = [],
  sequence = 1,
  callId = 'c',
): SipRequest {
  return {
    kind: 'request',
    method: 'REGISTER',
    uri: 'sip:cm.example',
    headers: [
      { name: 'Call-ID', value: callId },
      { name: 'CSeq', value: `${sequence} REGISTER` },
      ...contacts.map((value) => ({ name: 'Contact', value })),
      ...headers,
    ],
    body: new Uint8Array(0),
  };
}

const expires = (value: string): SipHeader => ({ name: 'Expires', value });

function registered(now: number, current: readonly Binding[], request: SipRequest) {
  const result = register(now, current, request);
  if (result.kind === 'refused') throw new Error(`refused ${result.status}`);
  return result;
}

const phone = '<sip:1001@192.0.2.5:5061;transport=tls>';

describe('the registrar', () => {
  test('adds, refreshes and removes a binding, and lists what is there (RFC 3261 §10.3)', () => {
    const first = registered(0, [], registration([`${phone};q=0.5`], [expires('600')]));
    expect(first.added).toMatchObject([{ uri: 'sip:1001@192.0.2.5:5061;transport=tls', expiresAt: 600_000 }]);
    expect(first.headers).toEqual([{ name: 'Contact', value: `${phone};q=0.5;expires=600` }]);
    const again = registered(1_000, first.bindings, registration([`${phone};expires=900`], [], 2));
    expect(again.refreshed).toHaveLength(1);
    expect(nextExpiry(again.bindings)).toBe(901_000);
    const query = registered(2_500, again.bindings, registration([], [], 1, 'other'));
    expect(query.headers).toEqual([{ name: 'Contact', value: `${phone};expires=899` }]);
    const gone = registered(3_000, again.bindings, registration([`${phone};expires=0`], [], 3));
    expect([gone.bindings, gone.removed.length, gone.headers]).toEqual([[], 1, []]);
  });

  test('a contact is the same in another spelling, and another one beside it (RFC 3261 §19.1.4)', () => {
    const first = registered(0, [], registration(['<sip:1001@HOST.example;transport=TLS;ob>']));
    const same = registered(0, first.bindings, registration(['<sip:1001@host.EXAMPLE;ob;transport=tls>'], [], 2));
    expect(same.bindings).toHaveLength(1);
    expect(registered(0, first.bindings, registration(['<sip:1001@host.example:5061>'], [], 2)).bindings).toHaveLength(
      2,
    );
  });

  test('too brief is refused 423 with Min-Expires, too long is shortened', () => {
    expect(register(0, [], registration([phone], [expires('30')]))).toMatchObject({
      status: 423,
      headers: [{ name: 'Min-Expires', value: '60' }],
    });
    const long = registered(0, [], registration([phone], [expires('99999999999')]));
    expect(nextExpiry(long.bindings)).toBe(3_600_000);
    const malformed = registered(0, [], registration([phone], [expires('soon')]));
    expect(nextExpiry(malformed.bindings)).toBe(3_600_000);
  });

  test('* removes all, only alone and with Expires: 0', () => {
    const { bindings } = registered(0, [], registration([phone, '<sip:1001@other>']));
    expect(registered(0, bindings, registration(['*'], [expires('0')], 2)).removed).toHaveLength(2);
    expect(register(0, bindings, registration(['*'], [], 2))).toMatchObject({ status: 400 });
    expect(register(0, bindings, registration(['*'], [expires('0')], 1))).toMatchObject({ status: 500 });
    expect(register(0, bindings, registration(['*', phone], [expires('0')], 2))).toMatchObject({ status: 400 });
  });

  test('an older request changes nothing, not even its other contacts', () => {
    const { bindings } = registered(0, [], registration([phone], [], 5));
    expect(register(0, bindings, registration(['<sip:new@x>', phone], [], 5))).toMatchObject({ status: 500 });
    expect(registered(0, bindings, registration([phone], [], 1, 'rebooted')).refreshed).toHaveLength(1);
  });

  test('a flow of an instance is one binding wherever it comes from (RFC 5626 §6)', () => {
    const at = (host: string) => `<sip:1001@${host}>;+sip.instance="<urn:uuid:1>";reg-id=1`;
    const supported = { name: 'Supported', value: 'path, outbound' };
    const path = { name: 'Path', value: '<sip:edge.example;lr;ob>' };
    const first = registered(0, [], registration([at('old')], [supported, path]));
    expect(first.headers.slice(1)).toEqual([path, { name: 'Require', value: 'outbound' }]);
    expect(first.bindings[0]).toMatchObject({ instance: '<urn:uuid:1>', registrationId: 1, path: [path.value] });
    const moved = registered(0, first.bindings, registration([at('new')], [supported], 1, 'rebooted'));
    expect(moved.bindings.map(({ uri }) => uri)).toEqual(['sip:1001@new']);
    expect(registered(0, [], registration(['<sip:a@b>;reg-id=1'])).bindings[0]?.registrationId).toBeUndefined();
  });

  test('Path is not echoed to a phone that does not know it (RFC 3327 §5.3)', () => {
    const result = registered(0, [], registration([phone], [{ name: 'Path', value: '<sip:edge.example;lr>' }]));
    expect(result.headers.map(({ name }) => name)).toEqual(['Contact']);
  });

  test('holds no more contacts than it should, and drops what has expired', () => {
    const many = Array.from({ length: 11 }, (_, index) => `<sip:1001@host${index}>`);
    expect(register(0, [], registration(many))).toMatchObject({ status: 403 });
    const ten = registered(0, [], registration(many.slice(1), [expires('60')])).bindings;
    expect(expireBindings(59_999, ten).expired).toHaveLength(0);
    expect(expireBindings(60_000, ten)).toMatchObject({ bindings: [], expired: { length: 10 } });
    expect(registered(60_000, ten, registration(many.slice(0, 1), [], 2)).bindings).toHaveLength(1);
  });

  test('a phone that comes back from elsewhere each time is never shut out: what expires first gives way', () => {
    let bindings: readonly Binding[] = [];
    for (let index = 0; index < 25; index += 1) {
      const result = registered(index, bindings, registration([`<sip:1001@host:${40_000 + index}>`], [], index + 1));
      bindings = result.bindings;
      expect(result.added).toHaveLength(1);
      expect(result.removed).toHaveLength(index < 10 ? 0 : 1);
    }
    expect(bindings.map(({ uri }) => uri)).toEqual(
      Array.from({ length: 10 }, (_, index) => `sip:1001@host:${40_015 + index}`),
    );
  });
});

/** A phone and a registrar joined directly; `answer` may be changed. */
function setUp(options: Partial<RegistrationClientOptions> = {}) {
  const random = new SeededRandom(7);
  const client = new RegistrationClient({
    registrar: 'sip:cm.example',
    addressOfRecord: '<sip:1001@cm.example>',
    contact: phone,
    random: random.bytes,
    ...options,
  });
  const state = { now: 0, bindings: [] as readonly Binding[], requests: [] as SipRequest[] };
  const answer = { with: (request: SipRequest): ReturnType<typeof createResponse> => grant(request) };
  const grant = (request: SipRequest) => {
    const result = register(state.now, state.bindings, request, { ...defaultRegistrarPolicy, minimumExpires: 120 });
    if (result.kind === 'refused')
      return createResponse(request, result.status, { toTag: 't', headers: result.headers });
    state.bindings = result.bindings;
    return createResponse(request, 200, { toTag: 't', headers: result.headers });
  };
  const outputs: RegistrationOutput[] = [];
  const drain = (): void => {
    for (let output = client.poll(); output !== undefined; output = client.poll()) {
      if (output.kind === 'send') {
        state.requests.push(output.request);
        client.handleResponse(state.now, answer.with(output.request));
      } else outputs.push(output);
    }
  };
  /** Lets time pass up to the client's next deadline. */
  const wait = (): void => {
    state.now = client.nextDeadline() ?? state.now;
    client.handleTime(state.now);
    drain();
  };
  return { client, state, answer, grant, outputs, drain, wait };
}

describe('the phone', () => {
  test('registers, refreshes before it expires, and unregisters', () => {
    const { client, state, outputs, drain, wait } = setUp({ expires: 600 });
    client.start();
    drain();
    expect(outputs).toMatchObject([{ kind: 'registered', expires: 600 }]);
    expect(client.isRegistered).toBe(true);
    wait();
    expect(state.now).toBe(300_000);
    expect(nextExpiry(state.bindings)).toBe(900_000);
    expect(state.requests.map((request) => cseq(request)?.sequence)).toEqual([1, 2]);
    client.unregister();
    drain();
    expect(state.bindings).toEqual([]);
    expect(outputs.at(-1)).toEqual({ kind: 'unregistered' });
    expect(client.nextDeadline()).toBeUndefined();
  });

  test('asks for longer after a 423 (RFC 3261 §10.2.8)', () => {
    const { client, state, outputs, drain } = setUp({ expires: 60 });
    client.start();
    drain();
    expect(state.requests.map((request) => headerValue(request, 'Expires'))).toEqual(['60', '120']);
    expect(outputs).toMatchObject([{ kind: 'registered', expires: 120 }]);
  });

  test('answers a challenge, goes on with its nonce unasked, and gives up on a wrong password', () => {
    const { bytes } = new SeededRandom(3);
    const server = new DigestServer({ realm: 'r', secret: bytes(32), random: bytes });
    const digest = (password: string) =>
      new DigestClient({ username: '1001', password: new Redacted(password), random: bytes });
    const run = (password: string) => {
      const phoneSide = setUp({ expires: 600, digest: digest(password) });
      phoneSide.answer.with = (request) => {
        const account = { username: '1001', ha1: digestHa1('SHA-256', '1001', 'r', 'right') };
        const verdict = server.verify(phoneSide.state.now, request, () => account);
        if (verdict.kind === 'verified') return phoneSide.grant(request);
        const headers = server.challenge(phoneSide.state.now, { stale: verdict.kind === 'stale' });
        return createResponse(request, 401, { toTag: 't', headers });
      };
      phoneSide.client.start();
      phoneSide.drain();
      return phoneSide;
    };
    const right = run('right');
    right.wait();
    expect(right.state.requests).toHaveLength(3);
    right.wait();
    // Ten minutes on, the nonce is stale: asked once more.
    expect(right.outputs.map(({ kind }) => kind)).toEqual(['registered', 'registered', 'registered']);
    const wrong = run('wrong');
    expect(wrong.state.requests).toHaveLength(2);
    expect(wrong.outputs).toMatchObject([{ kind: 'failed', status: 401, retryAt: undefined }]);
  });

  test('backs off from a registrar that cannot, as long as it is told or ever longer (RFC 5626 §4.5)', () => {
    const { client, state, answer, outputs, drain, wait } = setUp();
    answer.with = (request) =>
      createResponse(request, 503, { toTag: 't', headers: [{ name: 'Retry-After', value: '17 (storm)' }] });
    client.start();
    drain();
    expect(outputs).toMatchObject([{ kind: 'failed', status: 503, retryAt: 17_000 }]);
    answer.with = (request) => createResponse(request, 500, { toTag: 't' });
    const waits = Array.from({ length: 8 }, () => {
      wait();
      return (client.nextDeadline() ?? 0) - state.now;
    });
    expect(waits[0]).toBeLessThanOrEqual(120_000);
    for (const delay of waits.slice(5)) expect(delay).toBeGreaterThanOrEqual(900_000);
    for (const delay of waits) expect(delay).toBeLessThanOrEqual(1_800_000);
  });

  test('a flow that is lost is replaced soon, one that gives no pong is dead (RFC 5626 §4.4.1)', () => {
    const { client, state, outputs, drain, wait } = setUp({ keepAlive: 'stream' });
    client.start();
    drain();
    wait();
    expect(outputs.at(-1)).toEqual({ kind: 'ping' });
    expect(state.now).toBeGreaterThanOrEqual(95_000);
    expect(state.now).toBeLessThanOrEqual(120_000);
    client.heard();
    wait();
    wait();
    expect(outputs.slice(-2)).toEqual([{ kind: 'ping' }, { kind: 'flow-dead' }]);
    client.flowFailed(state.now);
    drain();
    const retryAt = client.nextDeadline() ?? 0;
    expect(retryAt - state.now).toBeLessThanOrEqual(RETRY_FIRST);
    wait();
    expect(outputs.at(-1)).toMatchObject({ kind: 'registered' });
  });

  test('a REGISTER that is never answered counts as a failure', () => {
    const { client, outputs } = setUp();
    client.start();
    client.poll();
    client.handleFailure(32_000, 'timeout');
    expect(client.poll()).toMatchObject({ kind: 'failed', status: 408 });
    expect(client.nextDeadline()).toBeGreaterThan(32_000);
    expect(outputs).toEqual([]);
  });
});
