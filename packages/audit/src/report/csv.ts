import type { AuditReport, ReportCall } from '../model/report.ts';
import { endName, shown } from './words.ts';

const columns: readonly (readonly [string, (call: ReportCall) => string | number | null])[] = [
  ['call', ({ number }) => number],
  ['verdict', ({ verdict }) => verdict],
  ['caller', ({ caller }) => endName(caller)],
  ['called', ({ called }) => endName(called)],
  ['caller addresses', ({ caller }) => caller.addresses.join(' ')],
  ['called addresses', ({ called }) => called.addresses.join(' ')],
  ['start', ({ start }) => start],
  ['answered', ({ answered }) => answered],
  ['end', ({ end }) => end],
  ['seconds', ({ durationSeconds }) => durationSeconds],
  ['heard seconds', ({ heardSeconds }) => heardSeconds],
  ['streams', ({ streams }) => streams.length],
  ['because', ({ because }) => shown(because)],
  ['findings', ({ findings }) => findings.map(({ code }) => code).join(' ')],
  ['fix', ({ fix }) => fix],
  ['claimed', ({ claimed }) => claimed?.level ?? null],
  ['claim holds', ({ claimed }) => (claimed === null ? null : claimed.holds ? 'yes' : 'no')],
  ['protection', ({ claimed }) => claimed?.protection?.says ?? null],
];

/** The calls as CSV (RFC 4180), a row for each, the worst first. */
export function csvReport({ calls }: AuditReport): string {
  const rows = [columns.map(([title]) => title), ...calls.map((call) => columns.map(([, of]) => of(call)))];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/**
 * How a cell begins that a spreadsheet takes for a formula, in full width too; or what is a cell of its own where a spreadsheet
 * parts them by semicolons or tabs, as those of many countries do.
 */
const formula = /(^|[;\t\r\n] *)([=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/g;

/** What a spreadsheet would take for a formula is marked as text: names come from the network. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = value.replaceAll(formula, "$1'$2");
  return /[",\r\n]/.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}
