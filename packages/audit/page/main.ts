import type { ReportCall } from '../src/model/report.ts';
import { everyCall, filtered } from '../src/report/html/call-filter.ts';
import type { CallRow } from '../src/report/html/call-row.ts';
import { callView } from '../src/report/html/view/call.ts';
import { tableRow } from '../src/report/html/view/call-table.ts';
import { duration, grouped } from '../src/report/html/wording.ts';
import type { CountedCaptures } from '../src/report/packet-places.ts';
import { build, dataOf, placeOf, say } from './build.ts';
import { CallFilters } from './call-filters.ts';
import { CallList } from './call-list.ts';
import { seek, silence, toggle } from './player.ts';
import { drawSpectrogram } from './spectrogram-picture.ts';

/** More calls than this are not printed: the list can be narrowed first. */
const MOST_PRINTED_ROWS = 1_000;

document.documentElement.classList.add('scripted');
const title = document.title;
const everyRow = (dataOf('call-rows') ?? []) as readonly CallRow[];
const captures = (dataOf('captures-counted') ?? []) as CountedCaptures;
let rows = everyRow;
let opened: number | undefined;
/** Where the list was scrolled to when a call was opened. */
let scrolled = 0;

const listPlace = document.querySelector<HTMLElement>('.list');
const filtersPlace = document.querySelector<HTMLElement>('.filters');
const list = listPlace === null ? undefined : new CallList(listPlace);
const filters =
  filtersPlace === null
    ? undefined
    : new CallFilters(filtersPlace, (filter) => {
        rows = filtered(everyRow, filter);
        showRows();
      });

function showRows(): void {
  list?.show(rows);
  const result = document.getElementById('filter-result');
  if (result === null) return;
  const heard = rows.reduce((sum, row) => sum + row.heardSeconds, 0);
  const shown = `Showing ${grouped(rows.length)} of ${grouped(everyRow.length)} ${everyRow.length === 1 ? 'call' : 'calls'}`;
  result.textContent = heard > 0 ? `${shown}, ${duration(heard)} heard` : shown;
}

function openCall(number: number): void {
  const call = dataOf(`call-data-${number}`) as ReportCall | undefined;
  if (call === undefined) return;
  silence();
  if (opened === undefined) scrolled = scrollY;
  opened = number;
  const [before, after] = list?.neighbours(number) ?? [null, null];
  const place = placeOf('call');
  const view = build(callView(call, before, after, captures)) as HTMLElement;
  place.replaceChildren(view);
  place.hidden = false;
  placeOf('report').hidden = true;
  const heading = placeOf('call-title');
  document.title = `Call ${number}: ${heading.textContent}. ${title}`;
  scrollTo({ top: 0, behavior: 'instant' });
  heading.focus({ preventScroll: true });
  for (const player of view.querySelectorAll<HTMLElement>('[data-player]')) {
    const canvas = player.querySelector('canvas');
    // One after the other, after the call is seen.
    if (canvas !== null) setTimeout(drawSpectrogram, 0, canvas, player.dataset['player']);
  }
}

function closeCall(): void {
  if (opened === undefined) return;
  silence();
  const number = opened;
  opened = undefined;
  placeOf('call').hidden = true;
  placeOf('call').replaceChildren();
  placeOf('report').hidden = false;
  document.title = title;
  scrollTo({ top: scrolled, behavior: 'instant' });
  list?.focus(number);
}

/** The address says what is seen: so the browser's own way back leads back. */
function follow(): void {
  const [, number] = /^#call-(\d+)$/.exec(location.hash) ?? [];
  if (number !== undefined) {
    openCall(Number(number));
    return;
  }
  closeCall();
  const section = location.hash === '' ? null : document.getElementById(location.hash.slice(1));
  if (section === null || section.tagName !== 'SECTION' || location.hash === '#calls') return;
  section.scrollIntoView();
  section.focus({ preventScroll: true });
}

async function copy(button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(button.dataset['copy'] ?? '');
    say('Copied');
    button.classList.add('done');
    setTimeout(() => button.classList.remove('done'), 2000);
  } catch {
    const code = button.parentElement?.querySelector('code');
    if (code) getSelection()?.selectAllChildren(code);
    say('It is selected: copy it with the keys for that');
  }
}

function showFinding(code: string): void {
  filters?.set({ ...everyCall, finding: code });
  const calls = placeOf('calls');
  calls.scrollIntoView();
  calls.focus({ preventScroll: true });
}

function goTo(id: string): void {
  const place = placeOf(id);
  place.scrollIntoView();
  place.focus({ preventScroll: true });
}

document.addEventListener('click', ({ target }) => {
  const button = (target as Element).closest<HTMLElement>('button');
  if (button === null) return;
  const { play, copy: text, showFinding: code, goto: id, back, skipFilters } = button.dataset;
  if (play !== undefined) toggle(play);
  else if (text !== undefined) void copy(button);
  else if (code !== undefined) showFinding(code);
  else if (id !== undefined) goTo(id);
  else if (skipFilters !== undefined) list?.focus();
  else if (back !== undefined) location.hash = '#calls';
});
document.addEventListener('input', ({ target }) => {
  const position = target as HTMLInputElement;
  const player = position.closest<HTMLElement>('[data-player]');
  if (player !== null) seek(player.dataset['player'] ?? '', Number(position.value));
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && opened !== undefined) location.hash = '#calls';
});
addEventListener('hashchange', follow);
addEventListener('beforeprint', () => {
  const table = document.getElementById('call-table');
  const body = table?.querySelector('tbody');
  const caption = table?.querySelector('caption');
  if (!body || !caption) return;
  const printed = rows.slice(0, MOST_PRINTED_ROWS);
  body.replaceChildren(...printed.map((row) => build(tableRow(row))));
  caption.textContent = `${grouped(printed.length)} of ${grouped(everyRow.length)} calls, worst first`;
});

showRows();
follow();
