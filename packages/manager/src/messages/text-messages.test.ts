/** Phones that write to each other, against the whole core of the manager on a virtual clock: no sockets. */

import { Redacted } from '@trustline/base';
import {
  createResponse,
  DigestClient,
  digestHa1,
  headerValue,
  parseWarnings,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { type SimulatedPhone, Simulation, type SimulationOptions, simulatedRealm } from '../simulation.fixture.ts';

const words = 'Meet me at the usual place';
const agent = { methods: ['MESSAGE'] };

function setUp(options: SimulationOptions = {}) {
  const clock = new VirtualClock(1_000);
  const lab = new Simulation(clock, new SeededRandom(5).bytes, options);
  const alice = lab.phone('SEP000000000001', '1001', { agent });
  const bob = lab.phone('SEP000000000002', '1002', { agent });
  const took: SipRequest[] = [];
  for (const phone of [alice, bob]) {
    phone.register();
    phone.onRequest = (request) => {
      took.push(request);
      return createResponse(request, 200);
    };
  }
  return { clock, lab, alice, bob, took };
}

let sequence = 0;
function write(
  lab: Simulation,
  from: SimulatedPhone,
  uri: string,
  text = words,
  headers: readonly SipHeader[] = [],
): SipResponse {
  sequence += 1;
  const request = from.request(
    'MESSAGE',
    [
      { name: 'Call-ID', value: `message-${sequence}` },
      { name: 'CSeq', value: '1 MESSAGE' },
      { name: 'Content-Type', value: 'text/plain;charset=UTF-8' },
      ...headers,
    ],
    uri,
  );
  lab.act((now) => from.agent.sendRequest(now, from.flow, { ...request, body: new TextEncoder().encode(text) }));
  return from.answerTo('MESSAGE');
}

const warning = (response: SipResponse) => parseWarnings(headerValue(response, 'Warning') ?? '')?.[0]?.text;

/** A phone without TLS, whose password answers what the manager asks. */
function clearPhone(lab: Simulation, name: string, line: string): SimulatedPhone {
  const ha1 = (algorithm: 'MD5' | 'SHA-256') => digestHa1(algorithm, name, simulatedRealm, 'secret');
  const password = { sha256: ha1('SHA-256'), md5: ha1('MD5') };
  const phone = lab.phone(name, line, { agent, securityMode: 'non-secure', transport: 'udp', password });
  const client = new DigestClient({
    username: name,
    password: new Redacted('secret'),
    random: new SeededRandom(3).bytes,
  });
  let asked: SipRequest | undefined;
  phone.alter = (message) => {
    if (message.kind === 'request' && !message.headers.some(({ name }) => name === 'Authorization')) asked = message;
    return [message];
  };
  phone.onResponse = (response) => {
    if (response.status !== 401 || asked === undefined) return;
    const authorization = client.answer(asked, response);
    if (authorization === undefined) return;
    const again = asked.headers.map(({ name, value }) =>
      name === 'CSeq'
        ? { name, value: value.replace(/^\d+/, (number) => String(Number(number) + 1)) }
        : { name, value },
    );
    const request = { ...asked, headers: [...again.filter(({ name }) => name !== 'Via'), authorization] };
    phone.agent.sendRequest(lab.time.now, phone.flow, request);
  };
  phone.register();
  return phone;
}

describe('a message between lines (RFC 3428)', () => {
  test('reaches the phone with the proved sender, as it was written, and the 200 says that the phone has it', () => {
    const { lab, alice, took } = setUp();
    expect(write(lab, alice, 'sip:1002@cm.example').status).toBe(200);
    const [message] = took;
    expect(new TextDecoder().decode(message?.body)).toBe(words);
    expect(headerValue(message as SipRequest, 'From')).toMatch(/^<sip:1001@192\.0\.2\.1>;tag=/);
    expect(headerValue(message as SipRequest, 'Content-Type')).toBe('text/plain;charset=UTF-8');
    expect(headerValue(message as SipRequest, 'Contact')).toBeUndefined();
    expect(lab.core.textMessageCount).toBe(0);
  });

  test('that is not the sender’s line is refused at the gate', () => {
    const { lab, alice, took } = setUp();
    const forged = alice.request(
      'MESSAGE',
      [
        { name: 'Call-ID', value: 'forged' },
        { name: 'CSeq', value: '1 MESSAGE' },
      ],
      'sip:1002@cm.example',
    );
    const headers = forged.headers.map((header) =>
      header.name === 'From' ? { name: 'From', value: '<sip:1002@cm.example>;tag=x' } : header,
    );
    lab.act((now) => alice.agent.sendRequest(now, alice.flow, { ...forged, headers }));
    expect(alice.answerTo('MESSAGE').status).toBe(403);
    expect(took).toEqual([]);
  });

  test('rings on every phone of the line: the first that takes it answers, of refusals the last', () => {
    const { lab, alice, bob } = setUp();
    const second = lab.phone('SEP000000000003', '1002', { agent });
    second.register();
    second.onRequest = (request) => createResponse(request, 486);
    expect(write(lab, alice, 'sip:1002@cm.example').status).toBe(200);
    bob.onRequest = (request) => createResponse(request, 415);
    expect([415, 486]).toContain(write(lab, alice, 'sip:1002@cm.example').status);
    bob.onRequest = (request) => createResponse(request, 202);
    expect(write(lab, alice, 'sip:1002@cm.example').status).toBe(202);
  });

  test('goes where a call may go: rights and translations count, and the refusal says why', () => {
    const entries = [
      { pattern: '1002', target: { kind: 'lines' }, partition: 'board' },
      { pattern: '77', target: { kind: 'translation', prefix: '1001', discardAccessCode: true } },
    ] as const;
    const { lab, alice, bob, took } = setUp({ numbering: { entries: entries.map((entry) => entry) } });
    const barred = write(lab, alice, 'sip:1002@cm.example');
    expect([barred.status, warning(barred)]).toEqual([
      403,
      'The calling line has no right to dial this number (partition board)',
    ]);
    expect(write(lab, alice, 'sip:7777@cm.example').status).toBe(404);
    expect(took).toEqual([]);
    expect(write(lab, bob, 'sip:1001@cm.example').status).toBe(200);
  });

  test('to a line whose phones are not there is 480', () => {
    const { lab, alice, bob } = setUp();
    bob.register(0);
    const response = write(lab, alice, 'sip:1002@cm.example');
    expect([response.status, warning(response)]).toEqual([480, 'No phone of the line is registered']);
  });

  test('that no phone answers is 480 and never 408 (RFC 4320 §4.2); nothing is left of it', () => {
    const { clock, lab, alice, bob } = setUp();
    bob.isDeaf = true;
    const statuses: number[] = [];
    alice.onResponse = ({ status }) => statuses.push(status);
    sequence += 1;
    const headers = [
      { name: 'Call-ID', value: `message-${sequence}` },
      { name: 'CSeq', value: '1 MESSAGE' },
    ];
    lab.act((now) =>
      alice.agent.sendRequest(now, alice.flow, alice.request('MESSAGE', headers, 'sip:1002@cm.example')),
    );
    clock.advance(60_000);
    expect(statuses).not.toContain(408);
    expect(lab.core.textMessageCount).toBe(0);
  });

  test('that is too long is 413 and an event that does not say what it said', () => {
    const { lab, alice, took } = setUp();
    const long = words.repeat(60);
    const response = write(lab, alice, 'sip:1002@cm.example', long);
    expect([response.status, warning(response)]).toEqual([413, 'A message may have 1300 octets']);
    expect(lab.eventsOf('request-refused')).toMatchObject([{ device: 'SEP000000000001', reason: 'message-too-large' }]);
    expect(JSON.stringify(lab.events)).not.toContain(words);
    expect(took).toEqual([]);
  });

  test('is one of so many a second, of each device by itself', () => {
    const { clock, lab, alice, bob } = setUp();
    const statuses = Array.from({ length: 12 }, () => write(lab, alice, 'sip:1002@cm.example').status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(lab.eventsOf('request-refused')).toMatchObject([
      { reason: 'too-many-messages' },
      { reason: 'too-many-messages' },
    ]);
    expect(write(lab, bob, 'sip:1001@cm.example').status).toBe(200);
    clock.advance(1_000);
    expect(write(lab, alice, 'sip:1002@cm.example').status).toBe(200);
  });

  test('over TLS to a phone without it: as the policy of the number says, and never under `require` or to sips:', () => {
    for (const [policy, scheme, status] of [
      ['prefer', 'sip', 200],
      ['require', 'sip', 488],
      ['prefer', 'sips', 488],
    ] as const) {
      const { lab, alice } = setUp({ policy });
      const clear = clearPhone(lab, 'SEP000000000009', '1009');
      const heard: SipRequest[] = [];
      clear.onRequest = (request) => {
        heard.push(request);
        return createResponse(request, 200);
      };
      expect(write(lab, alice, `${scheme}:1009@cm.example`).status).toBe(status);
      expect(heard).toHaveLength(status === 200 ? 1 : 0);
      expect(lab.eventsOf('request-refused')).toHaveLength(status === 200 ? 0 : 1);
    }
  });

  test('from a phone without TLS is not taken under `require`', () => {
    const { lab, took } = setUp({ policy: 'require' });
    const clear = clearPhone(lab, 'SEP000000000009', '1009');
    expect(write(lab, clear, 'sip:1002@cm.example').status).toBe(488);
    expect(took).toEqual([]);
    expect(lab.eventsOf('request-refused')).toMatchObject([{ reason: 'message-not-protected' }]);
  });

  test('of who withholds the number names nobody (RFC 3323)', () => {
    const { lab, alice, took } = setUp();
    expect(write(lab, alice, 'sip:1002@cm.example', words, [{ name: 'Privacy', value: 'id' }]).status).toBe(200);
    expect(headerValue(took[0] as SipRequest, 'From')).toMatch(/^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/);
    expect(headerValue(took[0] as SipRequest, 'P-Asserted-Identity')).toBeUndefined();
  });
});
