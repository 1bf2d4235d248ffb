import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditReport } from '@trustline/audit';
import {
  appendEntry,
  type CallRecord,
  ed25519Signer,
  emptyChain,
  exportEntryLine,
  exportHeaderLine,
} from '@trustline/evidence';
import { afterAll, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';
import { clearCall } from './audit-call.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-audit-records-'));
afterAll(() => rmSync(folder, { recursive: true }));
const capture = join(folder, 'clear.pcapng');
writeFileSync(capture, clearCall());

/** Records of the call in {@link capture}, exported by a manager that claims this level. */
function exported(level: CallRecord['level'], call = 'call-1'): string {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const sign = ed25519Signer(privateKey);
  const [at, endedAt] = ['2026-11-28T10:00:00.000Z', '2026-11-28T10:00:04.000Z'];
  const leg = {
    protocol: 'sip',
    signalling: 'tls-mutual',
    proof: 'certificate',
    keying: 'sdes',
    level,
  } as const;
  const record: CallRecord = {
    schema: 1,
    node: 'node-1',
    call,
    policy: 'require',
    startedAt: at,
    answeredAt: at,
    endedAt,
    outcome: 'answered',
    cause: 'Line 1001 hung up.',
    level,
    levels: [{ at, level, cause: 'Line 5000 answered.' }],
    legs: [
      { ...leg, leg: 'a', role: 'calling', party: { line: '1001', remoteAddress: '192.0.2.10:5060' } },
      { ...leg, leg: 'b', role: 'called', party: { line: '5000', remoteAddress: '192.0.2.20:5060' } },
    ],
  };
  const salt = new Uint8Array(32).fill(1);
  const { entry } = appendEntry(emptyChain(publicKey), { kind: 'call', record }, { at: endedAt, salt, sign });
  return exportHeaderLine({ publicKey, node: 'node-1', at: endedAt, sign }) + exportEntryLine(entry);
}

async function audited(records: string): Promise<{ readonly code: number; readonly report: AuditReport }> {
  const { code, out } = await trustline(['audit', capture, '--records', records, '--json']);
  return { code, report: JSON.parse(out) as AuditReport };
}

test('a claim above what the wire shows is critical, and the first thing that is said', async () => {
  const file = join(folder, 'records.jsonl');
  writeFileSync(file, exported('encrypted'));
  const { code, report } = await audited(file);
  expect(code).toBe(2);
  const [call] = report.calls;
  expect(call?.claimed).toEqual({ call: 'call-1', level: 'encrypted', holds: false, protection: null });
  expect(call?.findings[0]).toMatchObject({ code: 'claim-above-truth', harm: 'critical' });
  expect(call?.fix).toMatch(/^Require SRTP/);
});

test('a claim that is no higher than what the wire shows holds', async () => {
  const records = join(folder, 'folder');
  mkdirSync(records);
  writeFileSync(join(records, 'one.jsonl'), exported('non-secure'));
  const { report } = await audited(records);
  expect(report.calls[0]?.claimed).toEqual({ call: 'call-1', level: 'non-secure', holds: true, protection: null });
  expect(report.calls[0]?.findings.map(({ code }) => code)).not.toContain('claim-above-truth');
});

test('a file that never was an export is told apart from one that was altered', async () => {
  const file = join(folder, 'notes.md');
  writeFileSync(file, '# Notes\n');
  const { code, error } = await trustline(['audit', capture, '--records', file]);
  expect(code).toBe(1);
  expect(error).toMatch(/notes\.md is no export of records\.\n {2}next: .*trustline records export/);
});

test('records that were altered count for nothing, and that is a finding', async () => {
  const file = join(folder, 'altered.jsonl');
  writeFileSync(file, exported('non-secure').replace('non-secure', 'encrypted'));
  const { report } = await audited(file);
  expect(report.calls[0]?.claimed).toBeNull();
  expect(report.findings.map(({ code }) => code)).toContain('records-not-verified');
});
