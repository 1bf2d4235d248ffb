import { expect, test } from 'vitest';
import { type MetricsSnapshot, metricsText } from './metrics.ts';

const snapshot: MetricsSnapshot = {
  node: 'node-1',
  version: '0.1.0',
  securityMode: 'mixed',
  isDraining: false,
  startedAt: 1_764_200_000_500,
  devices: 2,
  registered: 1,
  calls: 0,
  transcodedCalls: 0,
  connections: 3,
  events: new Map([['started', 1]]),
  records: { entries: 7, kept: 0, lost: 0, full: false },
  ipsec: { tunnels: 2, protected: 1, isGuardInPlace: true, dropped: { inbound: 3, outbound: 0 } },
  certificates: [{ role: 'callmanager-rsa', notAfter: 1_921_880_000_000 }],
};

test('every metric has its help and type before its samples, as the text format wants', () => {
  const lines = metricsText(snapshot).split('\n');
  expect(lines.pop()).toBe('');
  let name = '';
  for (const line of lines) {
    const comment = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line);
    if (comment === null) expect(line).toMatch(new RegExp(`^${name}(\\{\\w+="[^"]*"(,\\w+="[^"]*")*\\})? -?[0-9.]+$`));
    else if (comment[1] === 'HELP') name = comment[2] ?? '';
    else expect([comment[2], comment[3]]).toEqual([name, expect.stringMatching(/^(gauge|counter)$/)]);
  }
  expect(lines).toContain('trustline_registered_devices 1');
  expect(lines).toContain('trustline_events_total{kind="started"} 1');
  expect(lines).toContain('trustline_ipsec_protected 1');
  expect(lines).toContain('trustline_ipsec_clear_packets_dropped_total{direction="inbound"} 3');
  expect(lines).toContain('trustline_start_time_seconds 1764200000.5');
  expect(lines).toContain('trustline_certificate_expiry_timestamp_seconds{role="callmanager-rsa"} 1921880000');
});

test('where IPsec is not enabled nothing is said of it', () => {
  expect(metricsText({ ...snapshot, ipsec: undefined })).not.toContain('ipsec');
});

test('a text in a label cannot end the label or the line', () => {
  expect(metricsText({ ...snapshot, node: 'a"b\\c\nd' })).toContain('{node="a\\"b\\\\c\\nd",version=');
});
