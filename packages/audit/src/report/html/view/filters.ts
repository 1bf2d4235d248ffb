import { verdicts } from '../../../model/report.ts';
import type { CallRow } from '../call-row.ts';
import { element, type PageElement } from '../element.ts';
import type { FindingGroup } from '../summary.ts';
import { grouped, protocolName } from '../wording.ts';
import { verdictMark } from './icons.ts';

/** What narrows the list. It stands in the file, and is shown where the script runs. */
export function filtersView(
  rows: readonly CallRow[],
  counts: Readonly<Record<string, number>>,
  groups: readonly FindingGroup[],
): PageElement {
  const protocols = [...new Set(rows.flatMap((row) => row.protocols))].sort();
  const starts = rows.flatMap(({ start }) => (start === null ? [] : [start.slice(0, 19)])).sort();
  const span = { min: starts[0], max: starts.at(-1), step: 1 };
  const found = groups.filter(({ calls }) => calls.length > 0);
  return element(
    'div',
    { class: 'filters scripted-only', role: 'search', 'aria-label': 'Calls' },
    element(
      'div',
      { class: 'verdict-filters', role: 'group', 'aria-label': 'Verdicts' },
      verdicts.map((verdict) =>
        element(
          'button',
          { type: 'button', 'data-verdict': verdict, 'aria-pressed': 'false', disabled: counts[verdict] === 0 },
          verdictMark(verdict),
          ' ',
          element('span', { class: 'count' }, grouped(counts[verdict] ?? 0)),
        ),
      ),
    ),
    element(
      'div',
      { class: 'fields' },
      field('Search', { class: 'search' }, (id) =>
        element('input', { id, type: 'search', autocomplete: 'off', spellcheck: 'false', 'data-filter': 'text' }),
      ),
      choice('Protocol', 'protocol', [
        ['', 'Any'],
        ...protocols.map((one) => [one, one === 'none' ? 'Media alone' : protocolName(one)] as const),
      ]),
      choice('Digits', 'digits', [
        ['any', 'Any'],
        ['with-digits', 'With digits'],
        ['with-card', 'With a card number'],
      ]),
      choice('Finding', 'finding', [['', 'Any'], ...found.map(({ code, title }) => [code, title] as const)]),
      starts.length > 0 &&
        field('From (UTC)', {}, (id) =>
          element('input', { id, type: 'datetime-local', 'data-filter': 'from', ...span }),
        ),
      starts.length > 0 &&
        field('To (UTC)', {}, (id) => element('input', { id, type: 'datetime-local', 'data-filter': 'to', ...span })),
      element('button', { type: 'button', class: 'quiet', 'data-clear': true }, 'Clear filters'),
    ),
  );
}

function field(name: string, attributes: { class?: string }, control: (id: string) => PageElement): PageElement {
  const id = `filter-${name.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return element(
    'div',
    { ...attributes, class: `field ${attributes.class ?? ''}`.trim() },
    element('label', { for: id }, name),
    control(id),
  );
}

function choice(name: string, filter: string, options: readonly (readonly [string, string])[]): PageElement {
  return field(name, {}, (id) =>
    element(
      'select',
      { id, 'data-filter': filter },
      options.map(([value, says]) => element('option', { value }, says)),
    ),
  );
}
