import type { SipFlow } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { assertedIdentity, callerAddress, reasonOfCancel, refusalHeaders, warningHeader } from './leg-headers.ts';

const at = { host: '2001:db8::1', port: 5061 };
const flow: SipFlow = { id: 'f', transport: 'tls', local: at, remote: at };
const ada = { number: '1001', displayName: 'Ada "A"', anonymous: false };
const hidden = { ...ada, anonymous: true };
const signed = { statements: ['ey.J.x;info=<https://c.example>', 'ey.K.y;info=<https://d.example>'], date: 'today' };

describe('who calls', () => {
  test('RFC 3325 §9.1: is asserted to phones and trunks', () => {
    const asserted = [{ name: 'P-Asserted-Identity', value: '"Ada  A" <sip:1001@[2001:db8::1]>' }];
    expect([assertedIdentity(ada, flow, false), assertedIdentity(ada, flow, true)]).toEqual([asserted, asserted]);
  });

  test('RFC 3325 §7, RFC 3323 §4.1: a caller that withholds it is told to a trunk alone, which hears that too', () => {
    expect(callerAddress(hidden, flow)).toBe('"Anonymous" <sip:anonymous@anonymous.invalid>');
    expect(assertedIdentity({ ...hidden, signed }, flow, false)).toEqual([]);
    expect(assertedIdentity(hidden, flow, true).map(({ name }) => name)).toEqual(['P-Asserted-Identity', 'Privacy']);
  });

  test('RFC 8224: what others have signed goes on unchanged, every statement', () => {
    const headers = assertedIdentity({ ...ada, signed }, flow, false);
    expect(headers.slice(1)).toEqual([
      { name: 'Identity', value: signed.statements[0] },
      { name: 'Identity', value: signed.statements[1] },
      { name: 'Date', value: 'today' },
    ]);
  });

  test('one without a number is asserted to nobody', () => {
    expect(assertedIdentity({ number: '', anonymous: false }, flow, true)).toEqual([]);
  });
});

describe('why', () => {
  test('RFC 3261 §20.43: a Warning is one quoted sentence, whatever stands in it', () => {
    expect(warningHeader(flow, 'say "no"\r\nVia: x \\').value).toBe(`399 [2001:db8::1]:5061 "say 'no'  Via: x  "`);
  });

  test('RFC 3326 §2: a refusal says its cause, an overload when to come again', () => {
    expect(refusalHeaders(flow, 'user-busy', 'busy').map(({ name }) => name)).toEqual(['Warning', 'Reason']);
    expect(refusalHeaders(flow, 'service-unavailable', 'later').map(({ name }) => name)).toContain('Retry-After');
    expect(reasonOfCancel('answered-elsewhere')).toBe('SIP;cause=200;text="Call completed elsewhere"');
  });
});
