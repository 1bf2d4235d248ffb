import { closeSync, openSync, writeFileSync } from 'node:fs';
import {
  type Audit,
  type AuditPolicy,
  type AuditReport,
  applyPolicy,
  auditPageParts,
  csvReport,
  defaultPolicy,
  sarifReport,
  terminalPage,
} from '@trustline/audit';
import { json, type Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import type { Claims } from './audit-records.ts';

export interface AuditCommandOptions {
  readonly interface?: string;
  readonly filter?: string;
  readonly keys?: readonly string[];
  readonly records?: string;
  readonly policy?: string;
  readonly json?: true;
  readonly html?: string;
  readonly sarif?: string;
  readonly csv?: string;
  readonly out?: string;
  readonly includeAudio?: true;
  readonly reveal?: true;
  readonly all?: true;
  readonly quiet?: true;
}

/** What goes into a report beside the capture. */
export interface AuditInputs {
  readonly options: AuditCommandOptions;
  readonly policy: AuditPolicy | undefined;
  readonly claims: Claims;
}

export function makeReport(
  audit: Audit,
  captures: AuditReport['captures'],
  { options, policy, claims }: AuditInputs,
): AuditReport {
  const report = audit.report({
    madeAt: new Date().toISOString(),
    toolVersion: version,
    captures,
    isRevealed: options.reveal === true,
    claims: claims.calls,
    recordsBroken: claims.broken,
  });
  if (policy === undefined) return report;
  const outcome = applyPolicy(report, policy);
  return { ...report, policy: { name: options.policy ?? '', ...outcome } };
}

/** The report as {@link json} writes it, a call at a time: of ten thousand calls the whole takes much memory. */
export function* jsonParts(report: AuditReport): Generator<string> {
  const { calls, ...others } = report;
  const [beginning = '', end = ''] = json({ ...others, calls: [] }).split(/(?<=\n {2}"calls": \[)(?=\]\n\})/);
  yield beginning;
  for (const [at, call] of calls.entries()) {
    yield `${at === 0 ? '' : ','}\n    ${JSON.stringify(call, undefined, 2).replaceAll('\n', '\n    ')}`;
  }
  yield calls.length === 0 ? end : `\n  ${end}`;
}

/** Writes what was asked for, prints the page, and sets the exit status. `written`: files that were written before. */
export function finish(
  report: AuditReport,
  { options, policy }: AuditInputs,
  terminal: Terminal,
  written: readonly string[] = [],
): void {
  write(options.html, () => auditPageParts(report));
  write(options.sarif, () => [sarifReport(report)]);
  write(options.csv, () => [csvReport(report)]);
  terminal.exitCode = applyPolicy(report, policy ?? defaultPolicy).exitStatus;
  if (options.json) for (const part of jsonParts(report)) terminal.out(part);
  else if (!options.quiet) {
    terminal.out(
      terminalPage(report, {
        width: terminal.columns ?? 120,
        takesColour: terminal.takesColour === true,
        showsAll: options.all === true,
      }),
    );
    for (const file of [...written, options.html, options.sarif, options.csv]) {
      if (file !== undefined) terminal.out(`Written: ${file}\n`);
    }
  }
}

/** Reports tell what was said, and by whom: they are for their owner alone. Part by part: with audio they are long. */
function write(file: string | undefined, parts: () => Iterable<string>): void {
  if (file === undefined) return;
  const opened = openSync(file, 'w', 0o600);
  try {
    for (const part of parts()) writeFileSync(opened, part);
  } finally {
    closeSync(opened);
  }
}
