import type { CallRow } from '../call-row.ts';
import { element, type PageElement, type PageNode } from '../element.ts';
import { dayAndClock, duration, grouped, protocolName } from '../wording.ts';
import { verdictMark } from './icons.ts';

/** Calls that stand in the file as they are: to be read where the script does not run, and printed. */
export const MOST_TABLE_ROWS = 200;

export function callTable(rows: readonly CallRow[], total: number): PageElement {
  const caption =
    rows.length === total
      ? `All ${grouped(total)} calls, worst first`
      : `The first ${grouped(rows.length)} of ${grouped(total)} calls, worst first`;
  return element(
    'table',
    { class: 'call-table', id: 'call-table' },
    element('caption', {}, total === 1 ? 'The call' : caption),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ['Call', 'Verdict', 'Who, and why', 'Heard', 'Length', 'By', 'Begin (UTC)'].map((name) =>
          element('th', { scope: 'col' }, name),
        ),
      ),
    ),
    element('tbody', {}, rows.map(tableRow)),
  );
}

export function tableRow(row: CallRow): PageElement {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, row.number),
    element('td', {}, verdictMark(row.verdict)),
    element('td', {}, element('p', { class: 'ends' }, endsOf(row)), element('p', { class: 'why' }, row.because)),
    element('td', {}, heardOf(row)),
    element('td', {}, duration(row.durationSeconds)),
    element('td', {}, signallingOf(row)),
    element('td', {}, beginOf(row)),
  );
}

/** `A → B`; read aloud, `A calls B`. */
export function endsOf({ caller, called }: Pick<CallRow, 'caller' | 'called'>): PageNode[] {
  return [
    element('bdi', {}, caller),
    element('span', { class: 'to', 'aria-hidden': 'true' }, ' → '),
    element('span', { class: 'unseen' }, ' calls '),
    element('bdi', {}, called),
  ];
}

export function beginOf({ start }: CallRow): string {
  if (start === null) return 'not known';
  const { day, clock } = dayAndClock(start);
  return `${day} ${clock}`.trim();
}

/** `37 s`, and whether digits were among it. */
export function heardOf(row: CallRow): string {
  const heard = row.heardSeconds > 0 ? [duration(row.heardSeconds)] : [];
  if (row.card) heard.push('card number');
  else if (row.digits) heard.push('digits');
  return heard.join(', ') || '–';
}

export function signallingOf({ protocols }: CallRow): string {
  return protocols.map((protocol) => (protocol === 'none' ? 'Media alone' : protocolName(protocol))).join(', ');
}
