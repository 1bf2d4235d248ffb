import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SIP_LIMITS } from './limits.ts';
import { parseDatagram } from './parse.ts';
import { invite, octets, options } from './samples.ts';
import { type StreamEvent, StreamParser } from './stream.ts';

/** Pushes `bytes` cut at the given places. */
function pushed(bytes: Uint8Array, cuts: readonly number[], parser = new StreamParser()): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  let start = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    const chunk = bytes.slice(start, Math.max(cut, start));
    events.push(...parser.push(chunk));
    chunk.fill(0x58); // the socket may use its buffer again
    start = Math.max(cut, start);
  }
  return events;
}

function kinds(events: readonly StreamEvent[]): readonly string[] {
  return events.map((event) => (event.kind === 'error' ? event.failure.error.code : event.kind));
}

describe('framing', () => {
  const stream = octets(`${invite}${options}\r\n\r\n${invite}`);
  const messages = [invite, options, invite].map((text) => {
    const result = parseDatagram(octets(text));
    return result.ok ? result.message : expect.fail(result.error.message);
  });

  test('any fragmentation gives the same messages', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const found = pushed(stream, cuts).flatMap((event) => (event.kind === 'message' ? [event.message] : []));
        expect(found).toEqual(messages);
      }),
    );
  });

  test('one octet at a time gives the same events as all at once', () => {
    const single = pushed(stream, Array.from(stream.keys()));
    expect(kinds(single)).toEqual(['message', 'message', 'ping', 'message']);
    expect(single).toEqual(pushed(stream, []));
  });

  test('a message has begun until it has ended', () => {
    const parser = new StreamParser();
    expect(parser.partial).toBe(false);
    const bytes = octets(invite);
    for (let at = 0; at < bytes.length - 1; at++) {
      parser.push(bytes.subarray(at, at + 1));
      expect(parser.partial).toBe(true);
    }
    expect(kinds(parser.push(bytes.subarray(-1)))).toEqual(['message']);
    expect(parser.partial).toBe(false);
  });
});

describe('keep-alives', () => {
  test('a server hears CRLF CRLF as a ping, wherever it is cut (RFC 5626 §4.4.1)', () => {
    for (const cut of [1, 2, 3, 4]) expect(kinds(pushed(octets('\r\n\r\n'), [cut]))).toEqual(['ping']);
    expect(kinds(pushed(octets('\r\n'), []))).toEqual([]);
  });

  test('a client hears CRLF as a pong at once', () => {
    const parser = new StreamParser({ role: 'client' });
    expect(kinds(parser.push(octets('\r\n')))).toEqual(['pong']);
  });

  test('a flood of pings at once is answered once', () => {
    expect(kinds(pushed(octets('\r\n'.repeat(10_000)), []))).toEqual(['ping']);
  });

  test('the line break after a message does not join a later one to a ping', () => {
    expect(kinds(pushed(octets(`\r\n${options}\r\n`), []))).toEqual(['message']);
  });
});

describe('a bad stream ends', () => {
  test.each([
    [
      'without Content-Length (RFC 3261 §18.3)',
      options.replace('Content-Length: 0\r\n', ''),
      'sip.missing-content-length',
    ],
    ['with a TLS handshake, at its first octet (RFC 8446 §5.1)', '\x16', 'sip.tls-record'],
    ['with garbage', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'sip.bad-start-line'],
    [
      'with a body beyond the limit, before it comes',
      options.replace('Length: 0', 'Length: 999999'),
      'sip.body-too-large',
    ],
    [
      'with a head beyond the limit, before it ends',
      `OPTIONS ${'x'.repeat(DEFAULT_SIP_LIMITS.head)}`,
      'sip.header-too-large',
    ],
    ['with two lengths that differ', options.replace('\r\n\r\n', '\r\nl: 5\r\n\r\n'), 'sip.bad-content-length'],
  ])('%s', (_, text, code) => {
    const parser = new StreamParser();
    expect(kinds(parser.push(octets(text)))).toEqual([code]);
    expect(parser.ended).toBe(true);
    expect(parser.push(octets(options))).toEqual([]);
  });

  test('a head of ten megabytes is refused at its limit', () => {
    const parser = new StreamParser();
    const chunk = octets('X'.repeat(1_024));
    let sent = 0;
    let events: readonly StreamEvent[] = [];
    while (events.length === 0 && sent < 10_000_000) {
      events = parser.push(chunk);
      sent += chunk.length;
    }
    expect(kinds(events)).toEqual(['sip.header-too-large']);
    expect(sent).toBeLessThanOrEqual(DEFAULT_SIP_LIMITS.head + 2 * chunk.length);
  });

  test('and the request that ended it can be answered', () => {
    const [event] = new StreamParser().push(octets(options.replace('OPTIONS\r\n', 'INVITE\r\n')));
    expect(event).toMatchObject({
      failure: { error: { code: 'sip.cseq-method-mismatch' }, respondable: { status: 400 } },
    });
  });
});

test('any octets in any pieces give declared events only', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), (chunks) => {
      const parser = new StreamParser();
      for (const chunk of chunks) {
        for (const event of parser.push(chunk)) expect(['message', 'ping', 'pong', 'error']).toContain(event.kind);
      }
    }),
  );
});
