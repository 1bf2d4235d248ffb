import { expect, test } from 'vitest';
import { catalogue, catalogueEntry } from './catalogue.ts';

test.each(['card-number-heard', 'digits-in-clear-media'])('%s is mended by settings that encrypt', (code) => {
  const { asterisk, freeswitch, gateway, cucm } = catalogueEntry(code)?.how ?? {};
  expect(asterisk).toMatch(/media_encryption=sdes.*protocol=tls/);
  expect(freeswitch).toMatch(/rtp_secure_media=mandatory.*tls-only=true/);
  expect(gateway).toMatch(/srtp.*tls/);
  expect(cucm).toContain('Encrypted');
  expect(gateway).not.toContain('rtp-nte');
});

test('no finding of media or signalling cites a rule about TLS that is obsolete (RFC 7525 by RFC 9325)', () => {
  expect(catalogue.filter(({ rules }) => rules.some((rule) => rule.startsWith('RFC 7525')))).toEqual([]);
  expect(catalogueEntry('voice-in-the-clear')?.rules).toContain('RFC 3550 §9.1');
});
