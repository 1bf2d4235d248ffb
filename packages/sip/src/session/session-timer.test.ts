import { describe, expect, test } from 'vitest';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import { SessionTimer, tooBriefSession } from './session-timer.ts';

const empty = new Uint8Array(0);
const request = (...headers: readonly SipHeader[]): SipRequest => ({
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:x',
  headers,
  body: empty,
});
const response = (status: number, ...headers: readonly SipHeader[]): SipResponse => ({
  kind: 'response',
  status,
  reason: '',
  headers,
  body: empty,
});
const expires = (value: string) => ({ name: 'Session-Expires', value });
const minSe = (value: string) => ({ name: 'Min-SE', value });
const supported = { name: 'Supported', value: 'replaces, Timer' };
const required = { name: 'Require', value: 'timer' };
const made = (interval = 1_800, minimum = 90) => new SessionTimer({ interval, minimum });

describe('RFC 4028 §9: our answer to a request', () => {
  test.each([
    ['table 2: a peer that knows the timer refreshes', [supported, expires('600')], '600;refresher=uac', true],
    ['unless it asks us to', [supported, expires('600;refresher=uas')], '600;refresher=uas', false],
    ['one that does not know it cannot', [expires('600')], '600;refresher=uas', false],
    ['the interval is never longer than asked for', [supported, expires('3600')], '1800;refresher=uac', true],
    ['without one asked for it is ours', [supported], '1800;refresher=uac', true],
    ['a peer that says nothing is watched all the same', [], '1800;refresher=uas', false],
    ['it is no shorter than the Min-SE of the request', [supported, minSe('2000')], '2000;refresher=uac', true],
    ['nobody has us send a request every second', [expires('1')], '90;refresher=uas', false],
    ['what cannot be read asks for nothing', [supported, expires('soon')], '1800;refresher=uac', true],
  ] as const)('%s', (_why, headers, value, requires) => {
    expect(made().answer(request(...headers))).toEqual([expires(value), ...(requires ? [required] : [])]);
  });

  test.each([
    [[supported, expires('60')], 90],
    [[supported, expires('90')], undefined],
    [[expires('60')], undefined],
    [[supported], undefined],
  ] as const)('a request with %j is refused 422 with Min-SE %s', (headers, minimum) => {
    expect(tooBriefSession(request(...headers), { interval: 1_800, minimum: 90 })).toBe(minimum);
  });
});

describe('our requests', () => {
  test('§7.1: leave it to the peer who refreshes, and keep to what was agreed from then on (§7.4)', () => {
    const timer = made();
    expect(timer.requestHeaders()).toEqual([expires('1800'), minSe('90')]);
    timer.took(response(200, expires('600;refresher=uas')));
    expect(timer.requestHeaders()).toEqual([expires('600;refresher=uas'), minSe('90')]);
    expect(timer.due()).toEqual({ refresh: undefined, end: 568_000 });
    timer.took(response(200, expires('600;refresher=uac')));
    expect(timer.due()).toEqual({ refresh: 300_000, end: 568_000 });
  });

  test('§7.2: a peer that does not know the timer is refreshed by us', () => {
    const timer = made(300);
    timer.took(response(200));
    expect(timer.due()).toEqual({ refresh: 150_000, end: 268_000 });
  });

  test('§7.3: a 422 raises the interval, if it names a longer one, and not for ever', () => {
    const timer = made(100);
    expect(timer.raise(response(422, minSe('3600')))).toBe(true);
    expect(timer.requestHeaders()).toEqual([expires('3600'), minSe('3600')]);
    expect(timer.raise(response(422, minSe('3600')))).toBe(false);
    expect(timer.raise(response(422))).toBe(false);
    for (const seconds of [4_000, 5_000, 6_000]) expect(timer.raise(response(422, minSe(`${seconds}`)))).toBe(true);
    expect(timer.raise(response(422, minSe('7000')))).toBe(false);
  });

  test('§10: a short session ends a third of its interval early', () => {
    const timer = made();
    timer.answer(request(supported, expires('90;refresher=uas')));
    expect(timer.due()).toEqual({ refresh: 45_000, end: 60_000 });
  });
});
