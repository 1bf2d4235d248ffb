import type { SipFlow, SipRequest } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { mostSources } from './source-limits.ts';
import { mostKnownSources, WorkAdmission } from './work-admission.ts';

const local = { host: '192.0.2.1', port: 5060 };

function flow(host: string, port = 5060, transport: SipFlow['transport'] = 'udp'): SipFlow {
  return { id: `${host} ${port}`, transport, local, remote: { host, port } };
}

function request(method: string, uri = 'sip:1@cm.example'): SipRequest {
  return { kind: 'request', method, uri, headers: [], body: new Uint8Array(0) };
}

function admission() {
  const said: string[] = [];
  const made = new WorkAdmission({
    registrationsPerSecond: 40,
    callsPerSecond: 20,
    isEmergency: ({ uri }) => uri.startsWith('sip:112@'),
    isOfClearTrunk: ({ remote }) => remote.host === '203.0.113.1',
    overloaded: ({ reason }) => said.push(reason),
  });
  /** How many of so many at once are heard, or taken. */
  const count = (of: 'hears' | 'takes', from: SipFlow, what: SipRequest, times = 1_000) =>
    Array.from({ length: times }, () => made[of](1_000, from, what)).filter(Boolean).length;
  return { made, said, count };
}

describe('new work', () => {
  test('of one stranger is heard for half the limit, of all for twice the limit, and each kind by itself', () => {
    const { count, said } = admission();
    expect(count('hears', flow('198.51.100.1'), request('INVITE'))).toBe(10);
    expect(count('hears', flow('198.51.100.1', 6_000), request('INVITE'))).toBe(0);
    expect(count('hears', flow('198.51.100.1'), request('REGISTER'))).toBe(20);
    expect(count('hears', flow('198.51.100.1'), request('INVITE', 'sip:112@cm.example'))).toBe(10);
    for (let host = 2; host < 100; host += 1) count('hears', flow(`198.51.100.${host}`), request('INVITE'), 10);
    expect(count('hears', flow('198.51.100.200'), request('INVITE'))).toBe(0);
    expect(said).toEqual(['strangers']);
  });

  test('of a source that has proved itself has a share of its own, and its calls for help all pass', () => {
    const { made, count } = admission();
    const phone = flow('198.51.100.1', 5_062);
    expect(made.takes(1_000, phone, request('REGISTER'))).toBe(true);
    count('hears', flow('198.51.100.1'), request('INVITE'));
    expect(count('hears', phone, request('INVITE'))).toBe(40);
    expect(count('hears', phone, request('INVITE', 'sip:112@cm.example'))).toBe(1_000);
  });

  test('takes a place in the limit only once it is proved, and the weaker proof none of the stronger', () => {
    const { count } = admission();
    count('hears', flow('198.51.100.1'), request('INVITE'));
    expect(count('takes', flow('203.0.113.1'), request('INVITE'))).toBe(20);
    expect(count('takes', flow('198.51.100.2'), request('INVITE'))).toBe(20);
    expect(count('takes', flow('198.51.100.3', 5_061, 'tls'), request('INVITE'))).toBe(20);
    expect(count('takes', flow('198.51.100.2'), request('INVITE', 'sip:112@cm.example'))).toBe(1_000);
  });

  test('from ever new addresses needs no more memory than is set, and strangers push out nobody who is known', () => {
    const { made, count } = admission();
    const host = (at: number) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
    for (let at = 0; at < mostKnownSources + 1_000; at += 1) made.takes(1_000, flow(host(at)), request('OPTIONS'));
    for (const what of [request('INVITE'), request('REGISTER'), request('INVITE', 'sip:112@cm.example')])
      for (let at = 0; at < mostSources + 1_000; at += 1) made.hears(1_000, flow(`11.${host(at).slice(3)}`), what);
    expect(made.size).toBe(mostKnownSources + 3 * mostSources);
    expect(count('hears', flow(host(mostKnownSources)), request('INVITE'), 5)).toBe(5);
  });
});
