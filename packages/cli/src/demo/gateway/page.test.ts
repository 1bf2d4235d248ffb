import { expect, test } from 'vitest';
import { encryptedRun } from '../measurement.fixture.ts';
import { PAGE_WIDTH, styleOf } from '../page.ts';
import type { GatewayMeasurement } from './measurement.ts';
import { gatewayPageOf } from './page.ts';
import { gatewayReportOf } from './report.ts';
import { judgeGateway } from './verdict.ts';

const tap = {
  interfaces: ['wire'],
  packets: 400,
  seconds: 7,
  highest: 0.01,
  lowest: 0.01,
  digits: '',
  opened: 0,
  samples: new Int16Array(0),
};
const good: GatewayMeasurement = {
  protocol: 'sip',
  scene: 'protected',
  node: 'node-1',
  version: '0.1.0',
  startedAt: '2026-11-27T23:00:00.000Z',
  seconds: 30,
  ipsecProven: true,
  proof: [{ point: 'child', holds: true, message: 'a child association is installed', nextStep: null }],
  reason: 'the call was hung up here',
  answered: true,
  level: 'encrypted',
  levelShown: 'encrypted',
  suite: 'AES_CM_128_HMAC_SHA1_80',
  signallingOverheard: undefined,
  keys: { made: 2, found: 0, named: 0 },
  wire: { ike: 10, esp: 30, media: 1_000, neighbours: 2, others: [] },
  auditor: { ...encryptedRun.auditor, verdict: 'protected' },
  tap,
  tapWithKeys: { ...tap, highest: 0.99, lowest: 0.99, opened: 1 },
  heardBack: 0.9,
  gatewayCalls: 1,
  gatewayDemarcation: 'cm1: encrypted to here',
  demarcation: 'encrypted to gateway gw1; beyond it the public network',
  records: { verdict: { ok: true, count: 30 } as never, level: 'encrypted', found: true },
  packets: 1_000,
  folder: '/evidence',
  capture: '/evidence/call.pcapng',
};
const withheld: GatewayMeasurement = {
  ...good,
  scene: 'withheld',
  ipsecProven: false,
  proof: [],
  answered: false,
  reason: 'Encryption is required and IPsec to the gateway is not proven, so it is given no keys',
  signallingOverheard: 0,
  packets: 0,
  gatewayCalls: 0,
  demarcation: null,
};
const broken = (measurement: GatewayMeasurement) =>
  judgeGateway(measurement)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

test('a good run passes', () => {
  expect(broken(good)).toEqual([]);
  expect(broken(withheld)).toEqual([]);
});

test.each<readonly [string, Partial<GatewayMeasurement>, readonly string[]]>([
  ['a key on the wire', { keys: { made: 2, found: 1, named: 0 } }, ['keys-on-wire']],
  ['no key to look for', { keys: { made: 0, found: 0, named: 0 } }, ['keys-on-wire']],
  [
    'H.323 beside the tunnel',
    { wire: { ike: 1, esp: 1, media: 1, neighbours: 0, others: ['tcp 198.51.100.1:40000 to 198.51.100.10:1720'] } },
    ['wire'],
  ],
  ['a tap that hears', { tap: { ...tap, highest: 0.9 } }, ['tap-without-keys']],
  ['a tap that found nothing', { tap: undefined }, ['tap-without-keys']],
  ['silence from the public network', { heardBack: 0 }, ['heard-back']],
  ['a phone that shows less', { levelShown: 'non-secure' }, ['level']],
  ['a record that says less', { demarcation: 'not protected to gateway gw1' }, ['demarcation']],
  ['no proof', { ipsecProven: false }, ['ipsec-proven']],
])('a run with %s does not', (_, change, names) => {
  expect(broken({ ...good, ...change })).toEqual(names);
});

test.each<readonly [string, Partial<GatewayMeasurement>, readonly string[]]>([
  ['that is answered', { answered: true }, ['call-refused']],
  ['refused for another reason', { reason: 'Busy here' }, ['call-refused']],
  ['of which a Setup has left', { signallingOverheard: 120 }, ['keys-withheld']],
])('a call to be withheld %s does not', (_, change, names) => {
  expect(broken({ ...withheld, ...change })).toEqual(names);
});

test('no line of the page is too long, and it ends with the verdict', () => {
  for (const measurement of [good, withheld, { ...good, scene: 'clear' as const }]) {
    const page = gatewayPageOf(measurement, judgeGateway(measurement), styleOf(false));
    for (const line of page.split('\n')) expect(line.length, line).toBeLessThanOrEqual(PAGE_WIDTH + 10);
  }
  expect(gatewayPageOf(good, judgeGateway(good), styleOf(false))).toMatch(/PASSED: all \d+ checks hold/);
});

test('the report has every key of the demo, with null for what was not measured', () => {
  const report = gatewayReportOf(withheld, judgeGateway(withheld));
  expect(report).toMatchObject({
    passed: true,
    mode: 'withheld',
    ipsecProven: false,
    keysOnWire: 0,
    demarcation: null,
    digitsSent: null,
    forgedSent: null,
    legs: null,
  });
  expect(gatewayReportOf(good, judgeGateway(good))).toMatchObject({ ipsecProven: true, keysOnWire: 0 });
});
