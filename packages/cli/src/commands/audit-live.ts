import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Audit, type AuditReport, type ReportCall, renderAuditPage } from '@trustline/audit';
import { auditSources, reportCapture } from '@trustline/audit/node';
import { type CaptureSummary, startLiveCapture } from '@trustline/capture/node';
import { onInterruption } from '../interruption.ts';
import { json, printable, type Terminal } from '../terminal.ts';
import { type AuditInputs, finish, makeReport } from './audit-report.ts';

/** How often the calls are looked at, and a report is written. */
const LOOK_MILLISECONDS = 2_000;
const REPORT_MILLISECONDS = 60_000;
/** Reports that are kept beside the last: an hour of them. */
const MOST_REPORTS = 60;

/** Listens to an interface until Ctrl-C: a line for each call whose verdict is new, reports each minute, the page at the end. */
export async function runLiveAudit(
  audit: Audit,
  interfaceName: string,
  inputs: AuditInputs,
  terminal: Terminal,
): Promise<void> {
  const { options } = inputs;
  const capture = await startLiveCapture(interfaceName);
  if (options.out !== undefined) mkdirSync(options.out, { recursive: true, mode: 0o700 });
  const rotation = new Rotation(options.out);
  const known = new Map<string, string>();
  const live: AuditReport['captures'] = [
    {
      name: capture.source.name,
      format: 'pcapng',
      packets: 0,
      octets: 0,
      first: null,
      last: null,
      ended: 'complete',
      note: null,
    },
  ];
  let looking: NodeJS.Timeout | undefined;
  const look = () => {
    const begun = performance.now();
    const report = makeReport(audit, live, inputs);
    if (!options.quiet && !options.json) for (const call of report.calls) say(call, known, terminal);
    rotation.offer(report);
    // Of very many calls a look takes its time: the packets have most of it.
    looking = setTimeout(look, Math.max(LOOK_MILLISECONDS, 10 * (performance.now() - begun)));
  };
  looking = setTimeout(look, LOOK_MILLISECONDS);
  const letGo = onInterruption(
    () => capture.stop(),
    () => process.exit(1),
  );
  let summaries: readonly CaptureSummary[] = [];
  if (!options.quiet && !options.json) terminal.error(`Listening on ${interfaceName}; Ctrl-C ends it.\n`);
  try {
    summaries = await auditSources(audit, [capture.source]);
  } finally {
    clearTimeout(looking);
    letGo();
  }
  const report = makeReport(audit, summaries.map(reportCapture), inputs);
  rotation.write(report);
  finish(report, inputs, terminal);
}

/** A call is said once, and again when it gets worse. */
function say(call: ReportCall, known: Map<string, string>, terminal: Terminal): void {
  const { caller, called, start, verdict, because, streams } = call;
  const who = `${caller.number ?? caller.addresses[0] ?? '?'} → ${called.number ?? called.addresses[0] ?? '?'}`;
  const key = `${who} ${start ?? streams[0]?.ssrc ?? ''}`;
  if (known.get(key) === verdict) return;
  known.set(key, verdict);
  terminal.out(`${(start ?? '').slice(11, 19)}  ${verdict.padEnd(13)}  ${printable(who)}  ${printable(because)}\n`);
}

/** Reports in a folder: `audit-00.json` and so on in turn, and the last one as `audit.json` and `audit.html`. */
class Rotation {
  readonly #folder: string | undefined;
  #at = 0;
  #writtenAt = performance.now();

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  offer(report: AuditReport): void {
    if (performance.now() - this.#writtenAt >= REPORT_MILLISECONDS) this.write(report);
  }

  write(report: AuditReport): void {
    if (this.#folder === undefined) return;
    this.#writtenAt = performance.now();
    const number = String(this.#at % MOST_REPORTS).padStart(2, '0');
    this.#at++;
    this.#put(`audit-${number}.json`, json(report));
    this.#put('audit.json', json(report));
    this.#put('audit.html', renderAuditPage(report));
  }

  /** Whole or not at all: who reads it meanwhile has the one before. */
  #put(name: string, content: string): void {
    const file = join(this.#folder ?? '', name);
    writeFileSync(`${file}.new`, content, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}
