import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { parseSipUri, type SipUri } from '../message/uri.ts';
import { type DnsQuestion, type DnsRecords, orderServers } from './records.ts';
import { ServerLocation, type ServerTransport } from './server-location.ts';

const all: readonly ServerTransport[] = ['tls', 'tcp', 'udp'];
const naptr = (order: number, service: string, replacement: string, flags = 's') => ({
  order,
  preference: 1,
  flags,
  service,
  replacement,
});
const srv = (priority: number, target: string, port = 5060, weight = 0) => ({ priority, weight, port, target });

/** The zone of the examples. */
const zone: Readonly<Record<string, DnsRecords[DnsQuestion['type']]>> = {
  'NAPTR example.com': [
    naptr(90, 'SIP+D2U', '_sip._udp.example.com'),
    naptr(50, 'SIPS+D2T', '_sips._tcp.example.com'),
    naptr(60, 'SIP+D2W', '_sip._ws.example.com'),
    naptr(10, 'E2U+sip', '!^.*$!sip:x@y!', 'u'),
  ],
  'SRV _sips._tcp.example.com': [srv(20, 'second.example.com', 5071), srv(10, 'first.example.com', 5061)],
  'SRV _sip._udp.example.com': [srv(1, 'first.example.com')],
  'A first.example.com': ['192.0.2.1', '192.0.2.2'],
  'AAAA first.example.com': ['2001:db8::1'],
  'A second.example.com': ['192.0.2.3'],
  'A plain.example.com': ['192.0.2.9'],
  'SRV _sip._tcp.gone.example.com': [srv(0, '.')],
};

/** What is asked, and what it comes to. */
function locate(uri: string, transports = all) {
  const location = new ServerLocation(parseSipUri(uri) as SipUri, { transports, random: () => 0 });
  const asked: string[] = [];
  for (let question = location.question(); question !== undefined; question = location.question()) {
    const key = `${question.type} ${question.name}`;
    asked.push(key);
    if (asked.length > 50) throw new Error('it asks without end');
    location.answer(question, (zone[key] ?? []) as never);
  }
  const targets = location.targets.map(({ transport, host, port }) => `${transport} ${host} ${port}`);
  return { asked, targets, domains: new Set(location.targets.map(({ domain }) => domain)) };
}

describe('RFC 3263 §4.1, §4.2', () => {
  test('NAPTR says by which transports, SRV which servers, and each has its addresses', () => {
    const { asked, targets, domains } = locate('sip:bob@example.com');
    expect(asked.slice(0, 3)).toEqual(['NAPTR example.com', 'SRV _sips._tcp.example.com', 'SRV _sip._udp.example.com']);
    expect(targets).toEqual([
      'tls 2001:db8::1 5061',
      'tls 192.0.2.1 5061',
      'tls 192.0.2.2 5061',
      'tls 192.0.2.3 5071',
      'udp 2001:db8::1 5060',
      'udp 192.0.2.1 5060',
      'udp 192.0.2.2 5060',
    ]);
    // What a certificate must be for is the domain, and never what DNS said of it (RFC 5922 §7.1).
    expect([...domains]).toEqual(['example.com']);
  });

  test('what we do not speak is left out', () => {
    expect(locate('sip:example.com', ['udp']).targets).toEqual([
      'udp 2001:db8::1 5060',
      'udp 192.0.2.1 5060',
      'udp 192.0.2.2 5060',
    ]);
  });

  test('a SIPS URI leads to TLS alone', () => {
    expect(locate('sips:example.com').targets.every((target) => target.startsWith('tls'))).toBe(true);
    expect(locate('sips:example.com', ['udp', 'tcp']).targets).toEqual([]);
  });

  test('a transport in the URI leaves NAPTR out', () => {
    const { asked, targets } = locate('sip:example.com;transport=udp');
    expect(asked[0]).toBe('SRV _sip._udp.example.com');
    expect(targets[0]).toBe('udp 2001:db8::1 5060');
    expect(locate('sip:example.com;transport=tls').targets[0]).toBe('tls 2001:db8::1 5061');
  });

  test('an address, or a port, leaves SRV out', () => {
    expect(locate('sip:192.0.2.7')).toMatchObject({ asked: [], targets: ['udp 192.0.2.7 5060'] });
    expect(locate('sip:[2001:db8::7]:5070;transport=tcp').targets).toEqual(['tcp 2001:db8::7 5070']);
    expect(locate('sips:192.0.2.7').targets).toEqual(['tls 192.0.2.7 5061']);
    const { asked, targets } = locate('sip:plain.example.com:5080');
    expect(asked).toEqual(['AAAA plain.example.com', 'A plain.example.com']);
    expect(targets).toEqual(['udp 192.0.2.9 5080']);
  });

  test('without NAPTR every transport is asked for, and without SRV the name itself', () => {
    const { asked, targets } = locate('sip:plain.example.com');
    expect(asked).toEqual([
      'NAPTR plain.example.com',
      ...['_sips._tcp', '_sip._tcp', '_sip._udp'].map((service) => `SRV ${service}.plain.example.com`),
      'AAAA plain.example.com',
      'A plain.example.com',
    ]);
    expect(targets).toEqual(['udp 192.0.2.9 5060']);
  });

  test('RFC 2782: a target of “.” says that the service is not there', () => {
    expect(locate('sip:gone.example.com;transport=tcp').targets).toEqual([]);
  });
});

describe('RFC 2782: the order of servers', () => {
  test('by priority, and among equals by weight and chance', () => {
    const random = new SeededRandom(7);
    const records = [srv(2, 'last'), srv(1, 'heavy', 1, 90), srv(1, 'light', 1, 10)];
    const firsts = Array.from({ length: 1_000 }, () =>
      orderServers(records, () => random.next()).map(({ target }) => target),
    );
    expect(firsts.every((order) => order.length === 3 && order[2] === 'last')).toBe(true);
    const heavy = firsts.filter(([first]) => first === 'heavy').length;
    expect(heavy).toBeGreaterThan(850);
    expect(heavy).toBeLessThan(950);
  });

  test('one without weight has a small chance, not none', () => {
    const records = [srv(1, 'zero', 1, 0), srv(1, 'ten', 1, 10)];
    expect(orderServers(records, () => 0).map(({ target }) => target)).toEqual(['zero', 'ten']);
    expect(orderServers(records, () => 0.99).map(({ target }) => target)).toEqual(['ten', 'zero']);
  });
});
