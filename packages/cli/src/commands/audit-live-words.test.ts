import { Audit, type AuditReport } from '@trustline/audit';
import { CaptureReader } from '@trustline/capture';
import { expect, test } from 'vitest';
import type { Terminal } from '../terminal.ts';
import { clearCall } from './audit-call.fixture.ts';
import { LiveWords } from './audit-live-words.ts';

test('a call is told once, and again while it goes on when a card number was keyed in, masked', () => {
  const lines: string[] = [];
  const terminal: Terminal = { out: (text) => void lines.push(text), error: () => {}, environment: {}, exitCode: 0 };
  const words = new LiveWords(terminal, false);
  for (const report of reportsOf(clearCall({ digits: '4111111111111111#', seconds: 6 }))) words.look(report);
  const told = lines.filter((line) => line.includes(' heard '));
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/1001 → 5000 {2}Its voice went in the clear/);
  expect(told[1]).toMatch(/1001 → 5000 {2}A card number was heard\. .* Card: •{14}11#?\n$/);
  expect(lines.join('')).not.toContain('4111');
});

/** What is known after every twentieth packet, while the capture goes on. */
function* reportsOf(capture: Uint8Array): Generator<AuditReport> {
  const audit = new Audit();
  const reader = new CaptureReader();
  reader.push(capture);
  let packets = 0;
  for (let item = reader.next(); item !== undefined; item = reader.next()) {
    if (item.kind !== 'packet') continue;
    audit.handle(item);
    if (++packets % 20 === 0) yield audit.report({ madeAt: '2026-11-28T10:00:00.000Z', toolVersion: '', captures: [] });
  }
}
