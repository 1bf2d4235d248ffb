import { writeFileSync } from 'node:fs';
import { type AuditReport, renderAuditPage, type Verdict } from '@trustline/audit';
import { auditSources, reportCapture, startAudit } from '@trustline/audit/node';
import type { TransportAddress } from '@trustline/capture';
import { captureSources } from '@trustline/capture/node';
import { version } from '@trustline/manager';

/** What `trustline audit` says of the capture of a run, without any key. */
export interface AuditorsView {
  /** Of the call of the phone; null where the auditor found no such call. */
  readonly verdict: Verdict | null;
  /** Why, in a sentence. */
  readonly because: string | null;
  /** Of all that was captured. */
  readonly counts: AuditReport['counts'];
  /** The report as a page; absolute. */
  readonly page: string;
}

/** Audits the capture of a run, looks for the call of who sent from an address, and writes the page of it, with the sound that was heard or the noise. */
export async function auditCapture(capture: string, page: string, speaker: TransportAddress): Promise<AuditorsView> {
  const audit = await startAudit({ includesAudio: true });
  const summaries = await auditSources(audit, await captureSources(capture));
  const report = audit.report({
    madeAt: new Date().toISOString(),
    toolVersion: version,
    captures: summaries.map(reportCapture),
  });
  // It may hold what was said: for its owner alone.
  writeFileSync(page, renderAuditPage(report), { mode: 0o600 });
  const source = `${speaker.address}:${speaker.port}`;
  const call = report.calls.find(({ streams }) => streams.some((stream) => stream.source === source));
  return { verdict: call?.verdict ?? null, because: call?.because ?? null, counts: report.counts, page };
}
