import type { StatusAnswer } from '@trustline/manager';
import { expect, test } from 'vitest';
import { statusBlock } from './status-block.ts';

const status = {
  version: '0.1.0',
  node: 'node-1',
  securityMode: 'mixed',
  trustNotice: null,
  noKeysBecause: null,
  state: 'running',
  dataFolder: 'data',
  listeners: [],
  provisioning: [],
  metrics: null,
  ipsec: null,
  devices: 3,
  phones: 1,
  registered: 0,
  trunks: { connected: 1, out: [], unproven: ['gw1'] },
  awaitingCertificate: 0,
  calls: 0,
  records: { entries: 0, kept: 0, lost: 0, full: false },
} as unknown as StatusAnswer;

test('gateways are not among those that could register, and one without the proof of IPsec is named', () => {
  const lines = statusBlock(status).split('\n');
  expect(lines).toContain('  devices      3 (1 phone), 0 registered');
  expect(lines).toContain(
    '  trunks       1 trunks and gateways connected; IPsec NOT PROVEN: gw1 (trustline ipsec explain)',
  );
});

test('where all are phones nothing more is said', () => {
  const phones = { ...status, devices: 1, trunks: { connected: 0, out: [], unproven: [] } };
  expect(statusBlock(phones)).toContain('  devices      1, 0 registered\n');
  expect(statusBlock(phones)).not.toContain('trunks');
});
