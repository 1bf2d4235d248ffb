import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MESSAGE_ERRORS } from './codes.ts';
import { headerValue, headerValues } from './headers.ts';
import { DEFAULT_SIP_LIMITS } from './limits.ts';
import { parseDatagram } from './parse.ts';
import { invite, octets, options } from './samples.ts';
import { serializeMessage } from './serialize.ts';
import type { SipMessage } from './types.ts';
import { validateMessage } from './validate.ts';

function code(text: string | Uint8Array, limits = DEFAULT_SIP_LIMITS): string {
  const result = parseDatagram(typeof text === 'string' ? octets(text) : text, limits);
  return result.ok ? 'ok' : result.error.code;
}

describe('start line', () => {
  test('reads a version in any case (RFC 3261 §7.1)', () => {
    expect(code(options.replace('SIP/2.0\r\n', 'sip/2.0\r\n'))).toBe('ok');
  });

  test('ignores line breaks before it (RFC 3261 §7.5)', () => {
    expect(code(`\r\n\r\n${options}`)).toBe('ok');
  });

  test('tells a keep-alive from a message (RFC 5626 §4.4.1)', () => {
    expect(code('\r\n\r\n')).toBe('sip.no-message');
    expect(code('')).toBe('sip.no-message');
  });

  test.each(['99', '700', '2OO', '20', '-20', ''])('refuses the status %j', (status) => {
    expect(code(`SIP/2.0 ${status} OK\r\n\r\n`)).toBe('sip.bad-start-line');
  });

  test('refuses a folded one', () => {
    expect(code(options.replace(' SIP/2.0\r\n', '\r\n SIP/2.0\r\n'))).toBe('sip.bad-start-line');
  });
});

describe('headers', () => {
  test('expands compact forms and gives known headers one spelling (RFC 3261 §7.3.3)', () => {
    const result = parseDatagram(octets(options.replace('Call-ID', 'i').replace('CSeq', 'cseq').replace('Via', 'v')));
    expect(result.ok && result.message.headers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Call-ID', 'CSeq', 'Via']),
    );
  });

  test('keeps an unknown header as it was spelled', () => {
    const result = parseDatagram(octets(options.replace('CSeq', 'x-CuStOm:  a  b \r\nCSeq')));
    expect(result.ok && result.message.headers).toContainEqual({ name: 'x-CuStOm', value: 'a  b' });
    expect(result.ok && headerValue(result.message, 'X-Custom')).toBe('a  b');
  });

  test('reads Latin-1 where octets are no UTF-8, rather than lose the call', () => {
    const bytes = octets(options.replace('Alice', 'Ren#'));
    bytes[bytes.indexOf(35)] = 0xe9;
    const result = parseDatagram(bytes);
    expect(result.ok && headerValue(result.message, 'From')).toContain('"René"');
  });

  test.each(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Type', 'Expires', 'Replaces'])(
    'refuses a second %s, for two readers would each take another one',
    (name) => {
      const header = `${name}: ${name === 'CSeq' ? '1 OPTIONS' : '1'}\r\n`;
      expect(code(options.replace('\r\n\r\n', `\r\n${header}${header}\r\n`))).toBe('sip.duplicate-header');
    },
  );

  test('refuses a second header in its compact form too', () => {
    expect(code(options.replace('\r\n\r\n', '\r\nf: <sip:mallory@example.com>;tag=1\r\n\r\n'))).toBe(
      'sip.duplicate-header',
    );
  });

  test.each([
    ['a bare LF', '\nX: 1', 'sip.bad-line-ending'],
    ['a bare CR', '\rX: 1', 'sip.bad-line-ending'],
    ['NUL', '\0', 'sip.bad-control-character'],
    ['a line without a colon', '\r\nX', 'sip.bad-header'],
    ['a line without a name', '\r\n: x', 'sip.bad-header'],
    ['a name with a space', '\r\nX Y: x', 'sip.bad-header'],
  ])('refuses %s', (_, inserted, expected) => {
    expect(code(options.replace('\r\n\r\n', `${inserted}\r\n\r\n`))).toBe(expected);
  });

  test.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('needs %s (RFC 3261 §8.1.1)', (name) => {
    expect(code(options.replace(`${name}:`, `X-${name}:`))).toBe('sip.missing-header');
  });
});

describe('body', () => {
  test('reaches to the end of a datagram without Content-Length (RFC 3261 §18.3)', () => {
    const result = parseDatagram(octets(`${options.replace('Content-Length: 0\r\n', '')}hello`));
    expect(result.ok && new TextDecoder().decode(result.message.body)).toBe('hello');
  });

  test('takes equal lengths for one, and refuses different ones', () => {
    expect(code(options.replace('\r\n\r\n', '\r\nl: 0\r\n\r\n'))).toBe('ok');
    expect(code(options.replace('\r\n\r\n', '\r\nl: 4\r\n\r\nbody'))).toBe('sip.bad-content-length');
  });

  test.each(['+0', '0x0', '0 0', '', '1e1', '99999999999'])('refuses the length %j', (value) => {
    expect(code(options.replace('Content-Length: 0', `Content-Length: ${value}`))).toBe('sip.bad-content-length');
  });
});

describe('limits', () => {
  const limits = { startLine: 60, headerCount: 8, header: 90, head: 600, body: 10 };
  const insert = (headers: string) => options.replace('\r\n\r\n', `\r\n${headers}\r\n`);

  test.each([
    ['the start line', options.replace('sip:1002', `sip:${'1'.repeat(80)}`), 'sip.start-line-too-long', 414],
    ['one header', insert(`X: ${'x'.repeat(100)}\r\n`), 'sip.header-too-large', 513],
    ['one folded header', insert(`X: x${'\r\n x'.repeat(40)}\r\n`), 'sip.header-too-large', 513],
    ['the number of headers', insert('X: x\r\n'.repeat(9)), 'sip.too-many-headers', 513],
    ['the whole head', insert(`X: ${'x'.repeat(700)}\r\n`), 'sip.header-too-large', 513],
    [
      'the body',
      options.replace('Content-Length: 0\r\n\r\n', 'Content-Length: 11\r\n\r\n01234567890'),
      'sip.body-too-large',
      513,
    ],
  ])('hold for %s', (_, text, expected, status) => {
    const result = parseDatagram(octets(text), limits);
    expect(result.ok ? 'ok' : result.error.code).toBe(expected);
    if (result.ok) return;
    if (result.respondable !== undefined) expect(result.respondable.status).toBe(status);
  });

  test('let a message through that meets them', () => {
    expect(code(options, { ...limits, head: options.length })).toBe('ok');
  });
});

describe('answers to refused requests', () => {
  test('an ACK and a response get none (RFC 3261 §17.1.1.3)', () => {
    for (const text of [options.replaceAll('OPTIONS', 'ACK'), options.replace(/^.*/, 'SIP/2.0 200 OK')]) {
      const result = parseDatagram(octets(text.replace('Content-Length: 0', 'Content-Length: x')));
      expect(result).toMatchObject({ ok: false, respondable: undefined });
    }
  });

  test('carry every Via and the first of a doubled header', () => {
    const doubled = options.replace('\r\n\r\n', '\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCall-ID: other\r\n\r\n');
    const result = parseDatagram(octets(doubled));
    const request = result.ok ? undefined : result.respondable?.request;
    if (request === undefined) return expect.fail('not respondable');
    expect(headerValues(request, 'Via')).toHaveLength(2);
    expect(headerValues(request, 'Call-ID')).toEqual(['a84b4c76e66710@192.0.2.11']);
  });
});

/** Judges octets as a server does; anything but a declared outcome is a bug. */
function judged(bytes: Uint8Array): string {
  const result = parseDatagram(bytes);
  if (!result.ok) return result.error.code;
  const again = parseDatagram(serializeMessage(result.message));
  if (!again.ok) return `round trip: ${again.error.code}`;
  return validateMessage(result.message)?.error.code ?? 'ok';
}

describe('sweeps', () => {
  const declared = new Set<string>(['ok', ...Object.keys(MESSAGE_ERRORS)]);
  const sample = octets(invite);

  test('every truncation has a declared outcome', () => {
    const odd: string[] = [];
    for (let length = 0; length < sample.length; length++) {
      const outcome = judged(sample.subarray(0, length));
      if (!declared.has(outcome) || outcome === 'ok') odd.push(`${length}: ${outcome}`);
    }
    expect(odd).toEqual([]);
  });

  test('every flip of a bit, and every octet made NUL, CR, LF or 0xFF, has a declared outcome', () => {
    const odd: string[] = [];
    for (let at = 0; at < sample.length; at++) {
      const old = sample[at] ?? 0;
      for (const octet of [0, 10, 13, 255, 1, 2, 4, 8, 16, 32, 64, 128].map((v, i) => (i < 4 ? v : old ^ v))) {
        sample[at] = octet;
        const outcome = judged(sample);
        if (!declared.has(outcome)) odd.push(`${at}=${octet}: ${outcome}`);
      }
      sample[at] = old;
    }
    expect(odd).toEqual([]);
  });

  test('any octets have a declared outcome', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => declared.has(judged(bytes))));
  });
});

const token = fc.stringMatching(/^[a-zA-Z0-9.!%*_+`'~-]{1,20}$/);
const value = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/\p{Cc}/gu, ' ').trim());
const extension = fc.record({ name: token.map((name) => `X-${name}`), value });

/** Messages that are well-formed, whatever stands in the headers we do not read. */
const anyMessage: fc.Arbitrary<SipMessage> = fc
  .record({
    method: token,
    extra: fc.array(extension),
    body: fc.uint8Array(),
    status: fc.integer({ min: 100, max: 699 }),
    isRequest: fc.boolean(),
    reason: value,
  })
  .map(({ method, extra, body, status, isRequest, reason }) => {
    const headers = [
      { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1' },
      { name: 'From', value: '<sip:a@example.com>;tag=1' },
      { name: 'To', value: '<sip:b@example.com>' },
      { name: 'Call-ID', value: 'x' },
      { name: 'CSeq', value: `1 ${method}` },
      ...extra,
      { name: 'Content-Length', value: `${body.length}` },
    ];
    return isRequest
      ? { kind: 'request', method, uri: 'sip:b@example.com', headers, body }
      : { kind: 'response', status, reason, headers, body };
  });

test('what was written reads back as the same message', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      expect(parseDatagram(serializeMessage(message))).toEqual({ ok: true, message });
    }),
  );
});
