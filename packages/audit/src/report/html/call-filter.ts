import type { Verdict } from '../../model/report.ts';
import type { CallRow } from './call-row.ts';

/** What of the list is to be seen. */
export interface CallFilter {
  /** None chosen shows all. */
  readonly verdicts: ReadonlySet<Verdict>;
  /** Empty for any. */
  readonly protocol: string;
  /** Words that all have to occur in its names, numbers, addresses or reason; upper and lower case are one. */
  readonly text: string;
  readonly digits: 'any' | 'with-digits' | 'with-card';
  /** Code of a finding; empty for any. */
  readonly finding: string;
  /** Begin of the call, UTC, as `2026-03-04T10:15:00`; empty for no limit. Both ends are within. */
  readonly from: string;
  readonly to: string;
}

export const everyCall: CallFilter = {
  verdicts: new Set(),
  protocol: '',
  text: '',
  digits: 'any',
  finding: '',
  from: '',
  to: '',
};

/** Those of the rows that the filter lets through, in their order. */
export function filtered(rows: readonly CallRow[], filter: CallFilter): CallRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      (filter.verdicts.size === 0 || filter.verdicts.has(row.verdict)) &&
      (filter.protocol === '' || row.protocols.includes(filter.protocol)) &&
      (filter.digits === 'any' || (filter.digits === 'with-card' ? row.card : row.digits)) &&
      (filter.finding === '' || row.findings.includes(filter.finding)) &&
      within(row.start, filter) &&
      (words.length === 0 || mentions(row, words)),
  );
}

/** A call whose time is not known is in no span of time. */
function within(start: string | null, { from, to }: CallFilter): boolean {
  if (from === '' && to === '') return true;
  if (start === null) return false;
  // To the precision of the limit: `10:15` includes all of its seconds.
  return (from === '' || start.slice(0, from.length) >= from) && (to === '' || start.slice(0, to.length) <= to);
}

function mentions(row: CallRow, words: readonly string[]): boolean {
  const text = [row.caller, row.called, row.because, ...row.words].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}
