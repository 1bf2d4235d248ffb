import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditReport } from '@trustline/audit';
import { beforeAll, expect, test } from 'vitest';
import { trustline } from '../../command-line.fixture.ts';
import { makeScratch } from '../scratch.ts';
import type { LostTunnelFindings } from './lost-tunnel.fixture.ts';
import { SeparateNetworks } from './namespaces.ts';

/**
 * A phone of SIP and one of Skinny talk to the public network by a gateway whose tunnel goes, comes back, and goes for good:
 * phones, signed records and the auditor say the same of it. Real strongSwan in network namespaces, which needs root.
 */
const program = new URL('./lost-tunnel.fixture.ts', import.meta.url).pathname;
const gone = 'IPsec to gw1 is gone';
const back = 'IPsec to gw1 is back';
const notBack = 'IPsec to gw1 did not come back';
let found: LostTunnelFindings;
let report: AuditReport;

beforeAll(async () => {
  const networks = SeparateNetworks.make();
  const scratch = makeScratch();
  try {
    const { manager, gateway } = networks;
    const parameters = ['netns', 'exec', manager, process.execPath, program, gateway, scratch.folder];
    found = JSON.parse((await promisify(execFile)('ip', parameters)).stdout) as LostTunnelFindings;
    const [wire, records] = ['wire.pcapng', 'records.jsonl'].map((name) => join(scratch.folder, name));
    const { out } = await trustline(['audit', wire ?? '', '--records', records ?? '', '--json']);
    report = JSON.parse(out) as AuditReport;
  } finally {
    networks.remove();
    scratch.remove();
  }
}, 120_000);

test.each(['sip', 'sccp'] as const)('the %s phone is told that it goes, comes back, and did not come back', (phone) => {
  expect(found[phone]).toMatchObject({ notices: [gone, back, gone], reason: notBack, ending: 'unreachable' });
});

test('the calls go on meanwhile, encrypted, and whoever looks at them sees since when it is gone', () => {
  const of = ({ level, legs }: LostTunnelFindings['gone'][number]) => [
    level,
    ...legs.map(({ unprotected }) => unprotected?.words ?? null),
  ];
  expect(found.back.map(of)).toEqual(Array(2).fill(['encrypted', null, null]));
  expect(found.gone.map(of)).toEqual(Array(2).fill(['encrypted', null, gone]));
});

test('the records say it in the same words, with the times, and stay encrypted', () => {
  const of = [found.sip, found.sccp].map(({ call }) => found.records.find((record) => record.call === call));
  for (const record of of) {
    expect(record).toMatchObject({ level: 'encrypted', reason: 'protection-gone', cause: notBack, endedBy: 'manager' });
    expect(record?.protection?.map(({ state, cause }) => [state, cause])).toEqual([
      ['lost', gone],
      ['returned', back],
      ['lost', gone],
      ['given-up', notBack],
    ]);
  }
});

test('the auditor finds the calls on the wire, believes their records, and says it of each', () => {
  expect(report.calls.map(({ claimed }) => claimed?.call).toSorted()).toEqual(
    [found.sip.call, found.sccp.call].toSorted(),
  );
  for (const { verdict, claimed } of report.calls) {
    expect([verdict, claimed?.level, claimed?.holds]).toEqual(['protected', 'encrypted', true]);
    const record = found.records.find(({ call }) => call === claimed?.call);
    expect(claimed?.protection?.changes).toEqual(record?.protection?.map(({ leg: _, ...change }) => change));
    expect(claimed?.protection?.says).toMatch(
      /no message of it was in the clear, and its media went on as SRTP, until /,
    );
  }
});
