import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Audit, type AuditReport } from '@trustline/audit';
import { afterAll, expect, test } from 'vitest';
import { ReportRotation } from './audit-rotation.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-rotation-'));
afterAll(() => rmSync(folder, { recursive: true }));

const minute = 60_000;
const report = (madeAt: string): AuditReport => new Audit().report({ madeAt, toolVersion: '', captures: [] });
const madeAt = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as AuditReport).madeAt;

test('a report each minute, the last of them under a name of its own, and no more than an hour of them', () => {
  const out = join(folder, 'made', 'anew');
  const rotation = new ReportRotation(out, 0);
  let asked = 0;
  for (let now = 0; now <= 62 * minute; now += minute / 4) {
    rotation.offer(() => {
      asked++;
      return report(`minute ${now / minute}`);
    }, now);
  }
  expect(asked).toBe(62);
  const numbered = Array.from({ length: 60 }, (_, at) => `audit-${String(at).padStart(2, '0')}.json`);
  expect(readdirSync(out).sort()).toEqual([...numbered, 'audit.html', 'audit.json'].sort());
  expect([madeAt(join(out, 'audit-00.json')), madeAt(join(out, 'audit-02.json'))]).toEqual(['minute 61', 'minute 3']);
  expect(madeAt(join(out, 'audit.json'))).toBe('minute 62');
  for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
  expect(statSync(out).mode & 0o777).toBe(0o700);
});

test('nothing is written without a folder, nor is a report made', () => {
  const rotation = new ReportRotation(undefined, 0);
  rotation.offer(() => {
    throw new Error('made');
  }, 10 * minute);
  rotation.write(report(''), 10 * minute);
});

test('a file in place of the folder is an error before anything is captured', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => new ReportRotation(file, 0)).toThrow(/EEXIST/);
});
