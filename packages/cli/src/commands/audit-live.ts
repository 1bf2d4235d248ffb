import type { Audit, AuditReport } from '@trustline/audit';
import { type AuditedCapture, auditSources, reportCapture } from '@trustline/audit/node';
import { startLiveCapture } from '@trustline/capture/node';
import { onInterruption } from '../interruption.ts';
import type { Terminal } from '../terminal.ts';
import { LiveWords } from './audit-live-words.ts';
import { type AuditInputs, finish, makeReport } from './audit-report.ts';
import { ReportRotation } from './audit-rotation.ts';

/** How often the calls are looked at. */
const LOOK_MILLISECONDS = 1_000;

/** Listens to an interface until Ctrl-C: a line for each call whose verdict is new or in which a card number is, reports each minute, the page at the end. */
export async function runLiveAudit(
  audit: Audit,
  interfaceName: string,
  inputs: AuditInputs,
  terminal: Terminal,
): Promise<void> {
  const { options } = inputs;
  const rotation = new ReportRotation(options.out, performance.now());
  const capture = await startLiveCapture(interfaceName, options.filter);
  const said = new LiveWords(terminal, options.quiet === true || options.json === true);
  let octets = 0;
  let looking: NodeJS.Timeout | undefined;
  const look = () => {
    const begun = performance.now();
    const report = soFar(makeReport(audit, [], inputs), capture.source.name, octets);
    said.look(report);
    try {
      rotation.offer(() => report, begun);
    } catch (error) {
      // A full disk is no reason to stop listening; what is wrong with it at the end is a failure.
      said.failure(error);
    }
    // Of very many calls a look takes its time: the packets have most of it.
    looking = setTimeout(look, Math.max(LOOK_MILLISECONDS, 10 * (performance.now() - begun)));
  };
  looking = setTimeout(look, LOOK_MILLISECONDS);
  const letGo = onInterruption(
    () => capture.stop(),
    () => process.exit(1),
  );
  let summaries: readonly AuditedCapture[] = [];
  said.line(`Listening on ${interfaceName}; Ctrl-C ends it.`);
  try {
    summaries = await auditSources(audit, [capture.source], {
      onProgress: (read) => {
        octets = read;
      },
    });
  } finally {
    clearTimeout(looking);
    letGo();
  }
  const remarks = await capture.remarks();
  const captures = summaries.map(reportCapture).map((one) => {
    const notes = [...(one.note === null ? [] : [one.note]), ...remarks];
    return { ...one, note: notes.length === 0 ? null : notes.join(' ') };
  });
  const report = makeReport(audit, captures, inputs);
  rotation.write(report, performance.now());
  finish(report, inputs, terminal, rotation.files);
}

/** With what was captured until now in place of a capture that is over. */
function soFar(report: AuditReport, name: string, octets: number): AuditReport {
  const packets = Object.values(report.packets).reduce((sum, count) => sum + count, 0);
  const capture = {
    name,
    format: 'pcapng',
    packets,
    octets,
    first: null,
    last: null,
    ended: 'complete',
    note: null,
  } as const;
  return { ...report, captures: [capture] };
}
