import { causes, q850 } from '@trustline/callcontrol';
import type { SipResponse } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { callInfoHeader } from './call-info.ts';
import { causeOfResponse, q850CauseOf, reasonOfCause, reasonTextOf, statusOfCause } from './cause-table.ts';

function response(status: number, reason?: string): SipResponse {
  const headers = reason === undefined ? [] : [{ name: 'Reason', value: reason }];
  return { kind: 'response', status, reason: '', headers, body: new Uint8Array(0) };
}

describe('a cause said in SIP', () => {
  test('is a final response that refuses, for every cause there is', () => {
    for (const cause of causes) {
      expect(statusOfCause(cause)).toBeGreaterThanOrEqual(400);
      expect(statusOfCause(cause)).toBeLessThan(700);
    }
  });

  test.each([
    ['unallocated-number', 404],
    ['user-busy', 486],
    ['security-required', 488],
    ['interrupted', 503],
    ['cancelled', 487],
  ] as const)('%s is %i (RFC 3398 §7.2)', (cause, status) => expect(statusOfCause(cause)).toBe(status));

  test('names its Q.850 value in a Reason header, and is read back from it (RFC 3326)', () => {
    expect(reasonOfCause('user-busy')).toBe('Q.850;cause=17;text="user-busy"');
    for (const cause of causes) {
      const read = q850CauseOf(response(480, reasonOfCause(cause)));
      expect(read === undefined ? undefined : q850(read)).toBe(q850(cause));
    }
  });
});

describe('the response of a stranger', () => {
  test.each([
    [486, 'user-busy'],
    [600, 'user-busy'],
    [404, 'unallocated-number'],
    [488, 'not-acceptable-here'],
    [606, 'not-acceptable-here'],
    [491, 'glare'],
    [302, 'call-rejected'],
  ] as const)('%i means %s', (status, cause) => expect(causeOfResponse(response(status))).toBe(cause));

  test('of an unknown number means what the first of its class does (RFC 3261 §8.1.3.2)', () => {
    expect(causeOfResponse(response(499))).toBe(causeOfResponse(response(400)));
    expect(causeOfResponse(response(599))).toBe(causeOfResponse(response(500)));
    expect(causeOfResponse(response(699))).toBe(causeOfResponse(response(600)));
  });

  test('is told more exactly by its Q.850 Reason, but no Reason hides that the description was refused', () => {
    expect(causeOfResponse(response(480, 'Q.850;cause=17'))).toBe('user-busy');
    expect(causeOfResponse(response(480, 'SIP;cause=200, Q.850'))).toBe('no-answer');
    expect(causeOfResponse(response(488, 'Q.850;cause=17'))).toBe('not-acceptable-here');
  });

  test('says with Q.850 57 that the description lacked the protection which that end demands', () => {
    expect(causeOfResponse(response(488, 'Q.850;cause=57;text="security-required"'))).toBe('security-required');
    expect(causeOfResponse(response(606, 'Q.850;cause=57'))).toBe('security-required');
  });
});

test.each([
  ['encrypted', 'Encrypted'],
  ['authenticated', 'Authenticated'],
  ['non-secure', 'NotAuthenticated'],
] as const)('%s is shown to a phone as %s', (level, word) => {
  expect(callInfoHeader(level, 'to').value).toBe(`<urn:x-cisco-remotecc:callinfo>; orientation=to; security=${word}`);
});

describe('the words of a Reason header (RFC 3326 §2)', () => {
  test.each([
    ['SIP;cause=200;text="Call completed elsewhere"', 'Call completed elsewhere'],
    ['Q.850 ; cause=16 ; text = "a \\"quoted\\" word"', 'a  quoted  word'],
    [`SIP;text="${'x'.repeat(200)}"`, 'x'.repeat(80)],
    ['SIP;cause=200', undefined],
    ['SIP;text=""', undefined],
    ['SIP;text="unfinished', undefined],
  ])('of %s', (value, words) => {
    expect(reasonTextOf(response(480, value))).toBe(words);
  });
});
