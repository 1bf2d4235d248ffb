import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { headerValue } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import type { SipHeader, SipRequest } from '../message/types.ts';
import { type Binding, defaultRegistrarPolicy, register } from './bindings.ts';
import { RegistrationClient, type RegistrationOutput } from './client.ts';
import { GruuIssuer } from './gruu.ts';

const instance = '<urn:uuid:00000000-0000-1000-8000-00112233abcd>';
const contact = (id: string) => `<sip:1001@192.0.2.5>;+sip.instance="${instance}"${id}`;

function registration(
  contacts: readonly string[],
  headers: Readonly<Record<string, string>> = {},
  callId = 'c',
): SipRequest {
  const all = { 'Call-ID': callId, CSeq: '1 REGISTER', Supported: 'path, outbound, gruu', ...headers };
  return {
    kind: 'request',
    method: 'REGISTER',
    uri: 'sip:cm.example',
    headers: [
      ...Object.entries(all).map(([name, value]): SipHeader => ({ name, value })),
      ...contacts.map((value) => ({ name: 'Contact', value })),
    ],
    body: new Uint8Array(0),
  };
}

const twoHops = { Via: 'SIP/2.0/TLS p.example;branch=z9hG4bKa, SIP/2.0/UDP 10.0.0.5;branch=z9hG4bKb' };

describe('RFC 5626 §6: the registrar', () => {
  const statusOf = (request: SipRequest) => {
    const result = register(0, [], request);
    return result.kind === 'refused' ? result.status : 200;
  };

  test('answers 439 where the hop next to the phone keeps no flows', () => {
    expect(statusOf(registration([contact(';reg-id=1')], twoHops))).toBe(439);
    const path = (value: string) => registration([contact(';reg-id=1')], { ...twoHops, Path: value });
    expect(statusOf(path('<sip:far.example;lr;ob>, <sip:next.example;lr>'))).toBe(439);
    expect(statusOf(path('<sip:far.example;lr>, <sip:next.example;lr;ob>'))).toBe(200);
  });

  test('takes such a phone without reg-id, or without outbound, as any other', () => {
    expect(statusOf(registration([contact('')], twoHops))).toBe(200);
    expect(statusOf(registration([contact(';reg-id=1')], { ...twoHops, Supported: 'path' }))).toBe(200);
  });

  test('answers 400 to two contacts with a reg-id in one request', () => {
    expect(statusOf(registration([contact(';reg-id=1'), contact(';reg-id=2')]))).toBe(400);
  });
});

describe('RFC 5626 §4.2.1: the phone', () => {
  test('told 439, registers again without a flow of its own', () => {
    const client = new RegistrationClient({
      registrar: 'sip:cm.example',
      addressOfRecord: '<sip:1001@cm.example>',
      contact: contact(';reg-id=1'),
      random: new SeededRandom(1).bytes,
    });
    const next = (): RegistrationOutput | undefined => client.poll();
    client.start();
    const first = next();
    if (first?.kind !== 'send') throw new Error('nothing is sent');
    client.handleResponse(0, createResponse(first.request, 439, { toTag: 'x' }));
    const again = next();
    expect(again?.kind === 'send' && headerValue(again.request, 'Contact')).toBe(contact(''));
    if (again?.kind === 'send') client.handleResponse(0, createResponse(again.request, 439, { toTag: 'x' }));
    expect(next()).toMatchObject({ kind: 'failed', status: 439 });
  });

  test('keeps what it is given: its GRUU (RFC 5627 §4.2) and the Service-Route (RFC 3608 §6.1)', () => {
    const client = new RegistrationClient({
      registrar: 'sip:cm.example',
      addressOfRecord: '<sip:1001@cm.example>',
      contact: contact(';reg-id=1'),
      random: new SeededRandom(1).bytes,
    });
    client.start();
    const sent = client.poll();
    if (sent?.kind !== 'send') throw new Error('nothing is sent');
    const headers = [
      { name: 'Contact', value: `${contact(';reg-id=1')};pub-gruu="sip:1001@cm.example;gr=urn:uuid:1";expires=60` },
      { name: 'Service-Route', value: '<sip:one.example;lr>, <sip:two.example;lr>' },
    ];
    client.handleResponse(0, createResponse(sent.request, 200, { toTag: 'x', headers }));
    expect(client.poll()).toMatchObject({
      kind: 'registered',
      publicGruu: 'sip:1001@cm.example;gr=urn:uuid:1',
      serviceRoute: ['<sip:one.example;lr>', '<sip:two.example;lr>'],
    });
  });
});

describe('RFC 5627: GRUUs', () => {
  const issuer = new GruuIssuer(new Uint8Array(32).fill(1), new SeededRandom(2).bytes);
  const gruus = issuer.issue('192.0.2.1', '1001', instance, 'call');

  test('§5.1: are given to those that ask for them, whatever they write there themselves', () => {
    const policy = {
      ...defaultRegistrarPolicy,
      gruus: (of: string, callId: string) => issuer.issue('cm.example', '1001', of, callId),
    };
    const contactsOf = (request: SipRequest) => {
      const result = register(0, [], request, policy);
      return result.kind === 'registered'
        ? result.headers.filter(({ name }) => name === 'Contact').map(({ value }) => value)
        : [];
    };
    const forged = contact(';pub-gruu="sip:boss@x;gr"');
    const [given = ''] = contactsOf(registration([forged]));
    expect(given).toContain(';pub-gruu="sip:1001@cm.example;gr=urn:uuid:00000000-0000-1000-8000-00112233abcd"');
    expect(given).toMatch(/;temp-gruu="sip:tgruu\.[0-9a-f]+@cm\.example;gr"/);
    expect(given).not.toContain('boss');
    expect(contactsOf(registration([contact('')], { Supported: 'path' }))[0]).not.toContain('gruu');
    expect(contactsOf(registration(['<sip:1001@192.0.2.5>']))[0]).not.toContain('gruu');
  });

  test('§3.1.1: a public one names the instance, in any case of its letters', () => {
    const target = issuer.read(gruus.public.replace('abcd', 'ABCD'));
    expect(target?.user).toBe('1001');
    expect([target?.names(instance, 'any'), target?.names('<urn:uuid:2>', 'call')]).toEqual([true, false]);
  });

  test('§3.1.2: a temporary one names the instance while its registration lasts, and shows neither it nor the line', () => {
    expect(gruus.temporary).not.toMatch(/1001|abcd/);
    const target = issuer.read(gruus.temporary);
    expect(target?.user).toBe('1001');
    expect([target?.names(instance, 'call'), target?.names(instance, 'next call')]).toEqual([true, false]);
    expect(issuer.issue('192.0.2.1', '1001', instance, 'call').temporary).not.toBe(gruus.temporary);
  });

  test('what is altered, of another issuer, or no GRUU, names nobody', () => {
    const other = new GruuIssuer(new Uint8Array(32).fill(2), new SeededRandom(3).bytes);
    const altered = gruus.temporary.replace(/.@/, (last) => (last[0] === '0' ? '1@' : '0@'));
    const texts = [altered, 'sip:tgruu.00@x;gr', 'sip:tgruu.zz@x;gr', 'sip:1001@x', 'tel:1001', 'sip:x;gr'];
    expect([...texts.map((text) => issuer.read(text)), other.read(gruus.temporary)]).toEqual(
      Array.from({ length: 7 }, () => undefined),
    );
  });
});

test('RFC 5626 §6: another reg-id of an instance is another flow, the same takes the place of the one before', () => {
  const bindings = (current: readonly Binding[], request: SipRequest) => {
    const result = register(0, current, request);
    return result.kind === 'registered' ? result.bindings : [];
  };
  const one = bindings([], registration([contact(';reg-id=1')]));
  const two = bindings(one, registration([contact(';reg-id=2')], {}, 'd'));
  expect(two).toHaveLength(2);
  expect(bindings(two, registration([contact(';reg-id=2').replace('192.0.2.5', '192.0.2.6')], {}, 'e'))).toHaveLength(
    2,
  );
});
