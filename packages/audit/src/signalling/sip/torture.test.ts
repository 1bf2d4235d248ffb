import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, fuzz } from '../../../fuzz/sip.ts';
import { clear } from '../../model/exposure.ts';
import { Observations } from '../../model/observations.ts';
import { partyOf } from './address.ts';
import { messagesOf } from './datagram.ts';
import { headerOf } from './message.ts';
import { alice, proxy } from './messages.fixture.ts';
import { sipReaders } from './readers.ts';

const folder = new URL('../../../../sip/vectors/rfc4475/', import.meta.url);
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith('.dat'))
  .map((name) => ({
    name: name.slice(0, -4),
    octets: new Uint8Array(readFileSync(new URL(name, folder))),
  }));

/** What is not taken for SIP at all: a status of ten digits (§3.1.2.19), and a file without any version. */
const none = new Set(['bigcode', 'test']);
/** §3.3.1 has no Call-ID; that of §3.1.1.11 does not name its section. */
const otherwiseNamed = new Set(['insuf', 'mpart01']);

describe('of the torture messages of RFC 4475, refused or not by those who receive them, a listener', () => {
  test.each(vectors)('reads $name', ({ name, octets }) => {
    expect(sipReaders.recogniseDatagram?.(octets)).toBe(!none.has(name));
    const messages = messagesOf(octets);
    if (none.has(name)) return expect(messages).toEqual([]);
    const [message] = messages;
    expect(messages).toHaveLength(name === 'dblreq' ? 2 : 1);
    if (message === undefined || otherwiseNamed.has(name)) return;
    expect(headerOf(message, 'call-id')).toMatch(new RegExp(`^${name}\\.`, 'i'));
    expect(headerOf(message, 'cseq')).toMatch(/^\d+\s+\S/);
    expect(partyOf(headerOf(message, 'from') ?? '').uri).toMatch(/:\S/);
  });

  test('keeps what is folded, quoted and escaped (§3.1.1)', () => {
    const from = (name: string, header = 'from') => {
      const octets = vectors.find((vector) => vector.name === name)?.octets ?? new Uint8Array(0);
      const [message] = messagesOf(octets);
      return message === undefined ? undefined : partyOf(headerOf(message, header) ?? '');
    };
    expect(from('wsinv')).toEqual({ number: 'jdrosen', name: 'J Rosenberg \\"', uri: 'sip:jdrosen@example.com' });
    expect(from('esc01')?.number).toBe('I have spaces');
    expect(from('lwsdisp')?.name).toBe('caller');
    expect(from('quotbal', 'to')).toEqual({ number: 'j.user', name: 'Mr. J. User', uri: 'sip:j.user@example.com' });
  });
});

describe('nothing that comes makes a reader throw, or keep more than it states', () => {
  /** A sample with a few octets changed, taken out or put in. */
  const mutated = (sample: Uint8Array) => {
    const edit = fc.record({ at: fc.nat(sample.length), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
    return fc.array(edit, { maxLength: 4 }).map((edits) => {
      let octets = sample;
      for (const { at, remove, insert } of edits) {
        octets = Uint8Array.from([...octets.subarray(0, at), ...insert, ...octets.subarray(at + remove)]);
      }
      return octets;
    });
  };

  test('of random octets, of every sample with some changed, of every truncation', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), fuzz), { numRuns: 300 });
    for (const sample of corpus()) {
      fc.assert(fc.property(mutated(sample), fuzz), { numRuns: 60 });
      for (let length = 0; length < sample.length; length += 7) fuzz(sample.subarray(0, length));
    }
  });

  test('of the torture messages, in datagrams and in segments', () => {
    for (const { octets } of vectors) for (const way of [0, 1, 5, 13]) fuzz(Uint8Array.of(way, 127, ...octets));
  });

  test.each([
    ['spaces', ' '],
    ['line ends', '\n'],
    ['semicolons', ';'],
    ['quotes', '"'],
    ['brackets', '<'],
    ['commas', ','],
    ['spaces and semicolons', '; '],
  ])('of 64 kB of %s wherever they may stand', (_name, filler) => {
    const long = filler.repeat(60_000 / filler.length);
    const head = 'INVITE sip:1@a SIP/2.0\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n';
    for (const name of [
      'From',
      'Contact',
      'Diversion',
      'Session-ID',
      'Authorization: Digest',
      'Content-Type',
      'Refer-To',
    ]) {
      const separator = name.includes(':') ? ' ' : ': ';
      messages(`${head}${name}${separator}${long}\r\n\r\n`);
    }
    messages(`INVITE ${long} SIP/2.0\r\nCall-ID: 1\r\n\r\n`);
    messages(`INVITE sip:1@a SIP/2.0${long}\r\nCall-ID: 1\r\n\r\n`);
    for (const type of ['application/sdp', 'application/dtmf-relay', 'multipart/mixed;boundary=b']) {
      messages(
        `${head.replaceAll('INVITE', 'INFO')}Content-Type: ${type}\r\n\r\nv=0\r\na=crypto:${long}\r\n--b\r\n${long}`,
      );
    }
  });

  function messages(text: string): void {
    fuzz(Uint8Array.of(0, 255, ...new TextEncoder().encode(text).subarray(0, 500)));
    const octets = new TextEncoder().encode(text);
    const reader = sipReaders.openDatagrams?.({ observations: new Observations(), exposure: clear });
    reader?.datagram(alice, proxy, octets, { number: 1, microseconds: 0 }, false);
  }
});
