import type { CallRow } from '../call-row.ts';
import { element, type PageElement } from '../element.ts';
import { dayAndClock, duration } from '../wording.ts';
import { endsOf, heardOf, signallingOf } from './call-table.ts';
import { verdictMark } from './icons.ts';

/** A call as a line of the list. Its link covers the whole line. */
export function listRow(row: CallRow, index: number): PageElement {
  const { day, clock } = row.start === null ? { day: 'not seen', clock: '' } : dayAndClock(row.start);
  return element(
    'div',
    { class: `row ${row.verdict}`, role: 'row', 'aria-rowindex': index + 2 },
    element('span', { class: 'cell', role: 'gridcell' }, verdictMark(row.verdict)),
    element(
      'span',
      { class: 'cell ends', role: 'gridcell' },
      element('a', { href: `#call-${row.number}`, tabindex: '-1', 'data-index': index }, endsOf(row)),
      element('span', { class: 'why' }, row.because),
    ),
    element(
      'span',
      { class: 'cell got', role: 'gridcell' },
      row.card ? element('strong', {}, heardOf(row)) : heardOf(row),
    ),
    element('span', { class: 'cell length', role: 'gridcell' }, duration(row.durationSeconds)),
    element('span', { class: 'cell by', role: 'gridcell' }, signallingOf(row)),
    element(
      'span',
      { class: 'cell begin', role: 'gridcell' },
      clock === '' ? day : [element('span', {}, clock), ' ', element('span', { class: 'day' }, day)],
    ),
  );
}

export const listColumns = ['Verdict', 'Call', 'Heard', 'Length', 'By', 'Begin (UTC)'] as const;
