import type { Device } from '@trustline/callcontrol';
import type { SipRequest } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { claimIdentity, userOf } from './identity.ts';

const phone: Device = { name: 'SEP001122334403', kind: 'phone', securityMode: 'encrypted', lines: ['1003', '1013'] };
const trunk: Device = { name: 'carrier', kind: 'trunk', securityMode: 'encrypted', lines: [] };
const devicesOf = (line: string) => (line === '1004' ? ['SEP001122334404'] : []);

function request(method: string, headers: Record<string, string>): SipRequest {
  return {
    kind: 'request',
    method,
    uri: 'sip:1002@manager',
    headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
    body: new Uint8Array(),
  };
}

describe('a request is bound to the device that proved itself', () => {
  test('From is one of its lines', () => {
    expect(claimIdentity(request('INVITE', { From: '"Ada" <sip:1013@anything>;tag=1' }), phone, devicesOf)).toEqual({
      granted: true,
      caller: { number: '1013', displayName: 'Ada', anonymous: false },
    });
  });

  test('the line of another device is refused, and the operator reads whose it is', () => {
    expect(claimIdentity(request('INVITE', { From: '<sip:1004@h>;tag=1' }), phone, devicesOf)).toMatchObject({
      granted: false,
      sentence: 'the sender proved to be SEP001122334403 but line 1004 belongs to SEP001122334404',
    });
    expect(claimIdentity(request('MESSAGE', { From: '<sip:1%3004@h>;tag=1' }), phone, devicesOf).granted).toBe(false);
  });

  test('an escaped spelling of a line is that line (RFC 3261 §19.1.2)', () => {
    expect(claimIdentity(request('INVITE', { From: '<sip:10%303@h>;tag=1' }), phone, devicesOf)).toMatchObject({
      granted: true,
      caller: { number: '1003' },
    });
  });

  test('an anonymous From is vouched for by P-Preferred-Identity, and by nothing else', () => {
    const From = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1';
    expect(
      claimIdentity(request('INVITE', { From, 'P-Preferred-Identity': '<sip:1003@h>' }), phone, devicesOf),
    ).toEqual({
      granted: true,
      caller: { number: '1003', anonymous: true },
    });
    for (const headers of [{ From }, { From, 'P-Preferred-Identity': '<sip:1004@h>' }]) {
      expect(claimIdentity(request('INVITE', headers as never), phone, devicesOf).granted).toBe(false);
    }
  });

  test('the To of a REGISTER must be one of its lines too', () => {
    const From = '<sip:1003@h>;tag=1';
    expect(claimIdentity(request('REGISTER', { From, To: '<sip:1004@h>' }), phone, devicesOf).granted).toBe(false);
    expect(claimIdentity(request('REGISTER', { From, To: '<sip:1013@h>' }), phone, devicesOf).granted).toBe(true);
    expect(claimIdentity(request('REGISTER', { From }), phone, devicesOf).granted).toBe(false);
  });

  test('a trunk may name any caller', () => {
    expect(claimIdentity(request('INVITE', { From: '<tel:+49-30-123>;tag=1' }), trunk, devicesOf)).toEqual({
      granted: true,
      caller: { number: '+4930123', anonymous: false },
    });
  });

  test('RFC 3325 §5: what a trunk asserts goes before its From, what a phone asserts is nothing', () => {
    const headers = { From: '<sip:1003@h>;tag=1', 'P-Asserted-Identity': '"Ada" <sip:4711@h>, <tel:+4930123>' };
    expect(claimIdentity(request('INVITE', headers), trunk, devicesOf)).toMatchObject({
      caller: { number: '4711', displayName: 'Ada', anonymous: false },
    });
    expect(claimIdentity(request('INVITE', headers), phone, devicesOf)).toMatchObject({ caller: { number: '1003' } });
    const hidden = { From: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', Privacy: 'id;critical' };
    const asserted = { ...hidden, 'P-Asserted-Identity': '<tel:+49-30-123>' };
    expect(claimIdentity(request('INVITE', asserted), trunk, devicesOf)).toMatchObject({
      caller: { number: '+4930123', anonymous: true },
    });
  });

  test('RFC 8224 §6: what others have signed is kept of a trunk, with the Date that it covers, and not of a phone', () => {
    const headers = {
      From: '<sip:1003@h>;tag=1',
      Identity: 'ey.J.x;info=<https://c.example>',
      Date: 'Fri, 27 Nov 2026 10:00:00 GMT',
    };
    expect(claimIdentity(request('INVITE', headers), trunk, devicesOf)).toMatchObject({
      caller: { signed: { statements: [headers.Identity], date: headers.Date } },
    });
    const ofPhone = claimIdentity(request('INVITE', headers), phone, devicesOf);
    expect(ofPhone.granted && ofPhone.caller.signed).toBeUndefined();
  });

  test('what has no user names no line', () => {
    expect(userOf('sip:example.org')).toBeUndefined();
    expect(userOf('urn:service:sos')).toBeUndefined();
    expect(claimIdentity(request('INVITE', {}), phone, devicesOf).granted).toBe(false);
  });
});
