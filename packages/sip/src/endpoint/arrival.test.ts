import { SeededRandom, sampleRequest } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import type { SipFlow } from '../flow.ts';
import { headerValue, prependHeader, withHeader } from '../message/headers.ts';
import { toTag } from '../message/name-addr.ts';
import { createResponse } from '../message/response.ts';
import type { SipHeader, SipMessage, SipRequest } from '../message/types.ts';
import { topVia } from '../message/via.ts';
import { SipEndpoint, type SipEndpointOptions } from './endpoint.ts';
import { stampRequest } from './hop.ts';
import type { RequestOutput, SipEndpointOutput } from './outputs.ts';

const flow: SipFlow = {
  id: 'udp-1',
  transport: 'udp',
  local: { host: '192.0.2.2', port: 5060 },
  remote: { host: '198.51.100.7', port: 40_123 },
};

function endpoint(options: Partial<SipEndpointOptions> = {}): SipEndpoint {
  return new SipEndpoint({ random: new SeededRandom(1).bytes, ...options });
}

function via(parameters: string): SipHeader {
  return { name: 'Via', value: `SIP/2.0/UDP 192.0.2.1:5060${parameters}` };
}

function arriving(method: string, parameters: string, more: readonly SipHeader[] = []): SipRequest {
  const request = sampleRequest(method, more);
  return { ...request, headers: [via(parameters), ...request.headers] };
}

function outputs(of: SipEndpoint): SipEndpointOutput[] {
  const all: SipEndpointOutput[] = [];
  for (let output = of.poll(); output !== undefined; output = of.poll()) all.push(output);
  return all;
}

/** Statuses of responses that were sent. */
function sent(of: SipEndpoint): (number | string)[] {
  return outputs(of).flatMap((output) =>
    output.kind === 'transmit'
      ? [output.message.kind === 'response' ? output.message.status : output.message.method]
      : [output.kind],
  );
}

function receivedBy(of: SipEndpoint, message: SipMessage): RequestOutput {
  of.receive(0, flow, message);
  const [output] = outputs(of);
  if (output?.kind !== 'request') throw new Error(`expected a request, not ${output?.kind}`);
  return output;
}

describe('the topmost Via of a request', () => {
  test.each([
    [';branch=z9hG4bKa', ';branch=z9hG4bKa;received=198.51.100.7'],
    [';branch=z9hG4bKb;rport', ';branch=z9hG4bKb;rport=40123;received=198.51.100.7'],
    [';rport=1;received=203.0.113.9;branch=z9hG4bKc', ';rport=40123;received=198.51.100.7;branch=z9hG4bKc'],
  ])('%s says where it really came from (RFC 3261 §18.2.1, RFC 3581 §4)', (parameters, expected) => {
    const { request } = receivedBy(endpoint(), arriving('OPTIONS', parameters));
    expect(headerValue(request, 'Via')).toBe(via(expected).value);
  });

  test('loses a `received` that its sender made up, where the address is the true one', () => {
    const request = withHeader(
      arriving('OPTIONS', ''),
      'Via',
      'SIP/2.0/UDP 198.51.100.7;received=203.0.113.9;branch=z9hG4bKa',
    );
    expect(headerValue(receivedBy(endpoint(), request).request, 'Via')).toBe(
      'SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKa',
    );
  });

  test('keeps the hops below it, also those in the same line', () => {
    const request = withHeader(
      arriving('OPTIONS', ''),
      'Via',
      'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa, SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKb',
    );
    expect(headerValue(receivedBy(endpoint(), request).request, 'Via')).toBe(
      'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa;received=198.51.100.7, SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKb',
    );
  });

  test('writes an IPv6 source so that it can be read again', () => {
    const target = endpoint();
    target.receive(0, { ...flow, remote: { host: '2001:db8::7', port: 5060 } }, arriving('OPTIONS', ';rport'));
    const [output] = outputs(target);
    if (output?.kind !== 'request') throw new Error('no request came');
    expect(topVia(output.request)?.parameters).toEqual([
      { name: 'rport', value: '5060' },
      { name: 'received', value: '2001:db8::7' },
    ]);
  });
});

describe('a request of ours', () => {
  test('carries a Via of this hop with an unguessable branch and rport, and Max-Forwards (RFC 3261 §8.1.1, RFC 3581 §3)', () => {
    const sender = endpoint({ sentBy: () => ({ host: '2001:db8::1', port: 5061 }) });
    sender.sendRequest(0, flow, sampleRequest('OPTIONS'));
    const [output] = outputs(sender);
    if (output?.kind !== 'transmit') throw new Error('nothing was sent');
    expect(headerValue(output.message, 'Via')).toMatch(
      /^SIP\/2\.0\/UDP \[2001:db8::1\]:5061;branch=z9hG4bK[0-9a-f]{32};rport$/,
    );
    expect(headerValue(output.message, 'Max-Forwards')).toBe('70');
    expect(() => sender.sendRequest(0, flow, sampleRequest('ACK'))).toThrow(
      expect.objectContaining({ code: 'sip.wrong-command' }) as Error,
    );
  });

  test('is not answered by a response with two Vias or an unknown branch (RFC 3261 §8.1.3.3, §17.1.3)', () => {
    const sender = endpoint();
    sender.sendRequest(0, flow, sampleRequest('OPTIONS'));
    const [output] = outputs(sender);
    if (output?.kind !== 'transmit' || output.message.kind !== 'request') throw new Error('nothing was sent');
    const response = createResponse(output.message, 200, { toTag: 'b' });
    sender.receive(0, flow, prependHeader(response, 'Via', 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx'));
    sender.receive(0, flow, withHeader(response, 'Via', 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx'));
    sender.receive(0, flow, withHeader(response, 'CSeq', '1 INVITE'));
    expect(outputs(sender)).toEqual([]);
    sender.receive(0, flow, response);
    expect(outputs(sender).map(({ kind }) => kind)).toEqual(['response']);
  });
});

describe('matching (RFC 3261 §17.2.3)', () => {
  test('a request with the same branch from another sent-by is another request', () => {
    const target = endpoint();
    target.receive(0, flow, arriving('OPTIONS', ';branch=z9hG4bKa'));
    const other = arriving('OPTIONS', '', [{ name: 'Call-ID', value: 'other' }]);
    target.receive(0, flow, withHeader(other, 'Via', 'SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKa'));
    expect(outputs(target).map(({ kind }) => kind)).toEqual(['request', 'request']);
  });

  test('a client of RFC 2543, without the magic cookie, is matched by its whole identity', () => {
    const target = endpoint();
    const invite = arriving('INVITE', ';branch=1');
    const { transaction, request } = receivedBy(target, invite);
    if (transaction === undefined) throw new Error('an INVITE has a transaction');
    target.receive(10, flow, invite);
    expect(outputs(target)).toEqual([]);
    target.respond(20, transaction, createResponse(request, 486, { toTag: 'b2' }));
    expect(sent(target)).toEqual([486]);
    const ack = (tag: string): SipRequest =>
      arriving('ACK', ';branch=1', [
        { name: 'To', value: `<sip:1002@example.net>;tag=${tag}` },
        { name: 'CSeq', value: '1 ACK' },
      ]);
    target.receive(30, flow, ack('not-ours'));
    expect(sent(target)).toEqual(['request']);
    target.receive(40, flow, ack('b2'));
    expect(sent(target)).toEqual(['ack']);
  });

  test('a client of RFC 2543 cancels by its whole identity', () => {
    const target = endpoint();
    receivedBy(target, arriving('INVITE', ''));
    target.receive(10, flow, arriving('CANCEL', '', [{ name: 'CSeq', value: '1 CANCEL' }]));
    expect(sent(target)).toEqual([200, 'cancelled']);
  });

  test('the same request by two ways is served once and answered 482 the second time (RFC 3261 §8.2.2.2)', () => {
    const target = endpoint();
    receivedBy(target, arriving('INVITE', ';branch=z9hG4bKa'));
    target.receive(0, flow, arriving('INVITE', ';branch=z9hG4bKb'));
    expect(sent(target)).toEqual([482]);
    const withinDialog = [{ name: 'To', value: '<sip:1002@example.net>;tag=b2' }];
    target.receive(0, flow, arriving('INVITE', ';branch=z9hG4bKc', withinDialog));
    expect(sent(target)).toEqual(['request']);
  });
});

describe('Max-Forwards', () => {
  const spent = [{ name: 'Max-Forwards', value: '0' }];

  test('that is spent is answered 483 where requests go on, except to what ends here (RFC 3261 §16.3, RFC 7332)', () => {
    for (const [method, forwards, expected] of [
      ['INVITE', true, 483],
      ['MESSAGE', true, 483],
      ['REGISTER', true, 'request'],
      ['OPTIONS', true, 'request'],
      ['INVITE', false, 'request'],
    ] as const) {
      const target = endpoint({ forwards });
      target.receive(0, flow, arriving(method, ';branch=z9hG4bKa', spent));
      expect(sent(target), method).toEqual([expected]);
    }
  });

  test('that is no number is answered 400', () => {
    const target = endpoint();
    target.receive(0, flow, arriving('INVITE', ';branch=z9hG4bKa', [{ name: 'Max-Forwards', value: 'many' }]));
    expect(sent(target)).toEqual([400]);
  });
});

describe('overload', () => {
  const limits = { serverTransactions: 2, reservedForDialogs: 1, retryAfterSeconds: 30, clientTransactions: 1 };

  test('answers 503 with Retry-After and keeps nothing, while running calls go on', () => {
    const target = endpoint({ limits });
    const storm = (number: number): SipRequest =>
      arriving('REGISTER', `;branch=z9hG4bK${number}`, [{ name: 'Call-ID', value: `call-${number}` }]);
    for (let number = 1; number <= 2; number += 1) receivedBy(target, storm(number));
    target.receive(0, flow, storm(3));
    target.receive(0, flow, storm(3));
    const refused = outputs(target).flatMap((output) => (output.kind === 'transmit' ? [output.message] : []));
    expect(refused.map((message) => message.kind === 'response' && message.status)).toEqual([503, 503]);
    expect(refused.map((message) => headerValue(message, 'Retry-After'))).toEqual(['30', '30']);
    // A stateless server gives a retransmission the same To tag (RFC 3261 §8.2.7).
    expect(new Set(refused.map((message) => toTag(message))).size).toBe(1);
    expect(target.transactions.server).toBe(2);
    target.receive(0, flow, arriving('BYE', ';branch=z9hG4bKbye', [{ name: 'To', value: '<sip:b@x>;tag=b' }]));
    expect(sent(target)).toEqual(['request']);
    target.receive(0, flow, arriving('BYE', ';branch=z9hG4bKbye2', [{ name: 'To', value: '<sip:c@x>;tag=c' }]));
    expect(sent(target)).toEqual([503]);
  });

  test('of the client side ends in a transport error at once', () => {
    const sender = endpoint({ limits });
    sender.sendRequest(0, flow, sampleRequest('OPTIONS'));
    const transaction = sender.sendRequest(0, flow, sampleRequest('OPTIONS'));
    expect(outputs(sender).at(-1)).toEqual({ kind: 'transport-error', transaction, reason: 'too-many-transactions' });
  });
});

test('RFC 5923 §5: what goes out by TLS asks for requests to come back down the same connection', () => {
  const [udp, tls] = (['udp', 'tls'] as const).map((transport) => {
    const address = { host: '192.0.2.1', port: 5060 };
    const flow = { id: transport, transport, local: address, remote: address };
    const request: SipRequest = {
      kind: 'request',
      method: 'OPTIONS',
      uri: 'sip:x',
      headers: [],
      body: new Uint8Array(0),
    };
    return headerValue(stampRequest(request, flow, address, 'z9hG4bK1'), 'Via');
  });
  expect([udp, tls]).toEqual([
    'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport',
    'SIP/2.0/TLS 192.0.2.1:5060;branch=z9hG4bK1;rport;alias',
  ]);
});
