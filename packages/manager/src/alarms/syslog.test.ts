import { type SecurityEvent, securityEvent } from '@trustline/evidence';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framed, syslogMessage } from './syslog.ts';

const at = '2026-11-26T23:45:00.000Z';
const source = { hostname: 'cm.example.org', processId: 4711, facility: 'authpriv' } as const;
const event = (cause: string): SecurityEvent => securityEvent('certificate-expired', { at, node: 'node-1', cause });
const text = (octets: Uint8Array) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);

test('RFC 5424 §6: priority, version, time, host, program, process, kind, no structured data, BOM, text', () => {
  expect(text(syslogMessage(event('It expired.'), source))).toBe(
    `<81>1 ${at} cm.example.org trustline 4711 certificate-expired - \ufeff${at} alert certificate-expired: It expired.`,
  );
});

test('RFC 5424 §6.1: at most 2,048 octets, cut at a whole character; no control character gets through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (cause) => {
      const message = syslogMessage(event(cause.toWellFormed()), source);
      expect(message.byteLength).toBeLessThanOrEqual(2_048);
      expect(text(message)).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('a host name that is none is a dash', () => {
  const message = text(syslogMessage(event('x'), { ...source, hostname: 'ü ' }));
  expect(message).toContain(`${at} - trustline`);
});

test('RFC 6587 §3.4.1: on a stream the length in octets stands before the message', () => {
  expect(text(framed(new TextEncoder().encode('aü')))).toBe('3 aü');
});
