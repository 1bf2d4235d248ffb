import { createHash } from 'node:crypto';
import type { AuditReport, ReportCall } from '../../model/report.ts';
import { callRow } from './call-row.ts';
import { element, type PageNode } from './element.ts';
import { pageScript, pageStyle } from './generated/page-assets.ts';
import { escaped, inlineJson, markupOf } from './markup.ts';
import { withinRoom } from './page-room.ts';
import { presentable } from './shown-text.ts';
import { findingGroups, headline } from './summary.ts';
import { callTable, MOST_TABLE_ROWS } from './view/call-table.ts';
import { findingsSection } from './view/evidence.ts';
import { filtersView } from './view/filters.ts';
import { iconSheet } from './view/icons.ts';
import { listColumns } from './view/list-row.ts';
import { capturesSection, connectionsSection, disclosuresSection } from './view/network.ts';
import { overview } from './view/overview.ts';
import { grouped, moment } from './wording.ts';

/**
 * The report as a page: one HTML file that opens anywhere without a network. Nothing that came from the capture can run
 * in it: it stands as escaped text or as JSON, the policy of the page (CSP level 3) lets its own script and style alone
 * in, by their hashes, and what is shown later is made of elements and text.
 */
export function renderAuditPage(report: AuditReport): string {
  return [...auditPageParts(report)].join('');
}

/** The same page in parts, one after the other: with much audio it is longer than a string may be. */
export function* auditPageParts(whole: AuditReport): Generator<string> {
  const report = withinRoom(whole);
  const shown = presentable({ ...report, calls: report.calls.map(withoutAudio) });
  const rows = shown.calls.map(callRow);
  const groups = findingGroups(shown);
  yield head(shown);
  yield '<body>';
  yield markupOf(iconSheet());
  yield markupOf(
    element(
      'header',
      { class: 'page-head' },
      element('a', { class: 'skip', href: '#calls' }, 'Skip to the calls'),
      element('p', { class: 'brand' }, element('strong', {}, 'Trustline'), ' audit: what a tap hears'),
      element(
        'nav',
        { 'aria-label': 'Sections' },
        [
          ['calls', 'Calls'],
          ['findings', 'Findings'],
          ['disclosures', 'Also open'],
          ['connections', 'Connections'],
          ['captures', 'Capture'],
        ].map(([id, name]) => element('a', { href: `#${id}` }, name)),
      ),
    ),
  );
  yield '<main>';
  yield markupOf(element('div', { id: 'call', class: 'call-place', hidden: true }));
  yield '<div id="report">';
  yield* shown.revealed ? [markupOf(revealedNotice)] : [];
  yield markupOf(overview(shown));
  yield markupOf(
    element(
      'section',
      { id: 'calls', 'aria-labelledby': 'calls-title', tabindex: '-1' },
      element('h2', { id: 'calls-title' }, 'Calls'),
      rows.length === 0
        ? element('p', { class: 'nothing' }, 'None were found.')
        : [
            element(
              'button',
              { type: 'button', class: 'skip scripted-only', 'data-skip-filters': true },
              'Skip the filters',
            ),
            filtersView(rows, shown.counts, groups),
            element('p', { id: 'filter-result', class: 'scripted-only', role: 'status' }),
            listPlace(),
            callTable(rows.slice(0, MOST_TABLE_ROWS), rows.length),
          ],
    ),
  );
  for (const section of [
    findingsSection(groups, shown.captures),
    disclosuresSection(shown.disclosures),
    connectionsSection(shown.secureConnections, shown.madeAt, shown.captures),
    capturesSection(shown),
  ]) {
    yield markupOf(section);
  }
  yield '</div></main>';
  yield markupOf(foot(shown));
  yield markupOf(element('div', { id: 'said', class: 'unseen', role: 'status' }));
  yield data('call-rows', rows);
  yield data(
    'captures-counted',
    shown.captures.map(({ name, packets }) => ({ name, packets })),
  );
  for (const [index, call] of shown.calls.entries()) {
    yield data(`call-data-${call.number}`, call);
    for (const { number, audio } of (report.calls[index] as ReportCall).streams) {
      if (audio !== null && audio.wav !== null) yield data(`wav-${number}`, audio.wav);
    }
  }
  yield `<script>${pageScript}</script></body></html>\n`;
}

/** Audio stands beside the calls, in a place of its own: it is read only when it is played. */
function withoutAudio(call: ReportCall): ReportCall {
  return {
    ...call,
    streams: call.streams.map((stream) => ({
      ...stream,
      audio: stream.audio === null ? null : { ...stream.audio, wav: stream.audio.wav === null ? null : '' },
    })),
  };
}

function data(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${inlineJson(value)}</script>\n`;
}

/** Nothing but the page's own script and style, known by their hashes, and sound and pictures that it holds itself. */
function policy(): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(pageScript)}`,
    `style-src ${hash(pageStyle)}`,
    'media-src data: blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function head(report: AuditReport): string {
  return [
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escaped(policy()).replaceAll('&#39;', "'")}">`,
    '<meta name="referrer" content="no-referrer">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(`${headline(report)} Trustline audit`)}</title>`,
    `<style>${pageStyle}</style></head>`,
  ].join('\n');
}

const revealedNotice = element(
  'p',
  { class: 'revealed', role: 'note' },
  element('strong', {}, 'This report shows secrets. '),
  'Card digits and passwords were not masked, because whoever made it asked for that. Keep it as you would keep them.',
);

/** Where the script puts the list: lines that are in sight, of as many as there are. */
function listPlace(): PageNode {
  return element(
    'div',
    { class: 'list scripted-only', role: 'grid', 'aria-labelledby': 'calls-title', 'aria-describedby': 'list-keys' },
    element(
      'div',
      { class: 'row list-head', role: 'row', 'aria-rowindex': 1 },
      listColumns.map((name) => element('span', { class: 'cell', role: 'columnheader' }, name)),
    ),
    element('div', { class: 'lines' }, element('div', { class: 'rows', role: 'rowgroup' })),
    element('p', { id: 'list-keys', class: 'unseen' }, 'Arrow keys move from call to call, Enter opens one.'),
  );
}

function foot(report: AuditReport): PageNode {
  return element(
    'footer',
    {},
    `Made ${moment(report.madeAt)} by Trustline ${report.tool.version} from ${grouped(report.captures.reduce((sum, { packets }) => sum + packets, 0))} packets. `,
    report.includesAudio ? 'Audio is included: keep this file as you would keep the calls. ' : '',
    'This file holds all that it shows; it asks no network for anything.',
  );
}
