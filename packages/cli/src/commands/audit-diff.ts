import { readFileSync } from 'node:fs';
import { AUDIT_REPORT_SCHEMA, type AuditReport, diffReports, diffText, verdicts } from '@trustline/audit';
import { TrustlineError } from '@trustline/base';
import type { Command } from 'commander';
import { json, type Terminal } from '../terminal.ts';

/** What it ends with where something got worse. */
const WORSE = 2;

export function addAuditDiff(audit: Command, terminal: Terminal): void {
  audit
    .command('diff')
    .description('what got better or worse from one report (JSON) to another; ends with 2 where something got worse')
    .argument('<before>', 'a report: trustline audit … --json')
    .argument('<after>', 'a later one')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline audit diff before.json after.json')
    .action((before: string, after: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<{ readonly json?: true }>();
      const diff = diffReports(readReport(before), readReport(after));
      if (diff.isWorse) terminal.exitCode = WORSE;
      terminal.out(options.json ? json(diff) : diffText(diff));
    });
}

function readReport(file: string): AuditReport {
  let report: Partial<AuditReport> | null = null;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Partial<AuditReport> | null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (report?.schema !== AUDIT_REPORT_SCHEMA || !isWhole(report)) {
    throw new TrustlineError('cli.no-report', `${file} is no report of an audit.`, {
      nextStep: 'Make one with: trustline audit capture.pcapng --json > FILE',
    });
  }
  return report as AuditReport;
}

/** That it has what is compared: it may have been cut, or written by hand. */
function isWhole({ calls, findings }: Partial<AuditReport>): boolean {
  const isMap = (value: unknown) => typeof value === 'object' && value !== null;
  const isCall = (call: Partial<AuditReport['calls'][number]>) =>
    isMap(call) &&
    verdicts.some((one) => one === call.verdict) &&
    Array.isArray(call.caller?.addresses) &&
    Array.isArray(call.called?.addresses) &&
    Array.isArray(call.findings) &&
    call.findings.every(isMap) &&
    typeof call.because === 'string';
  return Array.isArray(calls) && calls.every(isCall) && Array.isArray(findings) && findings.every(isMap);
}
