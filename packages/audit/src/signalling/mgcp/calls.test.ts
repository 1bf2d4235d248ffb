import type { TransportAddress } from '@trustline/capture';
import { expect, test } from 'vitest';
import { clear } from '../../model/exposure.ts';
import { Observations } from '../../model/observations.ts';
import type { DatagramReader } from '../reader.ts';
import { agent, conversation, description, first, wire } from './conversation.fixture.ts';
import { mgcpReaders } from './readers.ts';

class Ear {
  readonly observations = new Observations();
  readonly #reader = mgcpReaders.openDatagrams?.({
    observations: this.observations,
    exposure: clear,
  }) as DatagramReader;
  #number = 0;

  hear(from: TransportAddress, to: TransportAddress, text: string, microsecondsLater = 500_000): this {
    const octets = wire(text);
    expect(mgcpReaders.recogniseDatagram?.(octets)).toBe(true);
    this.#number++;
    this.#microseconds += microsecondsLater;
    this.#reader.datagram(from, to, octets, { number: this.#number, microseconds: this.#microseconds }, false);
    return this;
  }

  #microseconds = 0;
}

test('a call between two gateways of an agent has both, the number that was dialled, and how it ended (RFC 3435 §F)', () => {
  const ear = new Ear();
  for (const { from, to, text } of conversation) ear.hear(from, to, text);
  const [leg, ...others] = ear.observations.legs();
  expect(others).toEqual([]);
  expect(leg?.identity).toBe('a3c47f21456789f0@192.0.2.1');
  expect(leg?.caller).toEqual({ device: 'aaln/1@gw1.example', number: '5550001', name: 'Alice, Ms' });
  expect(leg?.called).toEqual({ device: 'aaln/1@gw2.example', number: '5512' });
  expect(leg?.descriptions.map(({ end, receives }) => [end, receives.port])).toEqual([
    ['caller', 3456],
    ['called', 1297],
  ]);
  expect(leg?.messages.map(({ name, detail }) => [name, detail])).toEqual([
    ['CRCX', undefined],
    ['200 OK', 'to CRCX; audio 192.0.2.11:3456 RTP/AVP PCMU'],
    ['CRCX', 'audio 192.0.2.11:3456 RTP/AVP PCMU'],
    ['200 OK', 'to CRCX; audio 192.0.2.12:1297 RTP/AVP PCMU'],
    ['RQNT', undefined],
    ['MDCX', 'audio 192.0.2.12:1297 RTP/AVP PCMU'],
    ['200 OK', 'to MDCX'],
    ['NTFY', undefined],
    ['DLCX', undefined],
    ['250 OK', 'to DLCX'],
  ]);
  expect(leg?.digits).toMatchObject([{ how: 'mgcp', digits: '42', end: 'caller' }]);
  expect([leg?.answered?.number, leg?.ended?.number]).toEqual([9, 12]);
});

test('keys of SRTP in its descriptions are read, also as Cisco gateways write them; k: is told', () => {
  const key = 'MTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5QUJjZGVm';
  const ear = new Ear()
    .hear(agent, first, 'CRCX 9 S0/SU1/DS1-0/1@gw MGCP 0.1\nC: D000000001\nL: p:20, a:PCMU, k:clear:hush\nM: recvonly')
    .hear(
      first,
      agent,
      `200 9 OK\nI: 1\n${description('192.0.2.11', 3456, `\na=X-crypto:AES_CM_128_HMAC_SHA1_32 inline:${key}|2^48`).replace('AVP', 'SAVP')}`,
    );
  const [leg] = ear.observations.legs();
  expect(leg?.descriptions[0]).toMatchObject({
    profile: 'RTP/SAVP',
    keying: ['sdes'],
    suites: ['AES_CM_128_HMAC_SHA1_32'],
    keys: [{ profile: 'AES_CM_128_HMAC_SHA1_32', source: { how: 'mgcp', place: { number: 2 } } }],
  });
  expect(leg?.messages.map(({ carriesKey }) => carriesKey)).toEqual([false, true]);
  expect(ear.observations.disclosures()).toMatchObject([{ kind: 'clear-password', secret: 'clear:hush' }]);
});

test('an answer names the endpoint that a wildcard stood for; a refused connection ends the call', () => {
  const ear = new Ear()
    .hear(agent, first, 'CRCX 31 ds/ds1-1/$@gw MGCP 1.0\nC: 1\nM: inactive')
    .hear(first, agent, '100 31 Pending')
    .hear(first, agent, '200 31 OK\nZ: ds/ds1-1/7@gw\nI: 5')
    .hear(agent, first, 'CRCX 32 ds/ds1-1/$@gw MGCP 1.0\nC: 2\nM: inactive')
    .hear(first, agent, '403 32 The endpoint has no resources')
    .hear(first, agent, 'DLCX 77 ds/ds1-1/7@gw MGCP 1.0\nC: 1\nI: 5\nE: 900 - Hardware error');
  const [one, two] = ear.observations.legs();
  expect(one?.caller.device).toBe('ds/ds1-1/7@gw');
  expect(one?.endReason).toBe('DLCX; 900 - Hardware error');
  expect(two?.endReason).toBe('CRCX; 403 The endpoint has no resources');
});

test('messages that share a datagram are read one by one; what is captured twice counts once (RFC 3435 §3.5.5)', () => {
  const both = '200 2005 OK\n.\nDLCX 1244 card23/21@gw MGCP 1.0\nC: 9';
  const ear = new Ear().hear(agent, first, both).hear(agent, first, both, 40);
  expect(ear.observations.legs().map(({ messages }) => messages.length)).toEqual([1]);
});

test.each(['200 OK\r\n', 'CRCX 12 aaln/1@gw SIP/2.0\r\n', '\u0000\u0001', ''])(
  'what is no MGCP is not taken for it: %j',
  (text) => {
    const isIt = mgcpReaders.recogniseDatagram?.(new TextEncoder().encode(text));
    expect(isIt).toBe(false);
  },
);
