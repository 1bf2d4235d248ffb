import type { Evidence, Finding } from '../../../model/report.ts';
import { type CountedCaptures, packetsByCapture } from '../../packet-places.ts';
import { element, type PageElement } from '../element.ts';
import type { FindingGroup } from '../summary.ts';
import { counted, harmWords } from '../wording.ts';

/** What shows these packets in Wireshark when it stands in its filter line. */
export function wiresharkFilter(packets: readonly number[]): string {
  return `frame.number in {${[...new Set(packets)].join(', ')}}`;
}

/** Packets that are shown of a filter; all of them are copied. */
const MOST_PACKETS_SHOWN = 12;

/** Packets as a filter that can be copied, of several captures one for each; nothing where there are none. */
export function packetFilter(
  packets: readonly number[],
  what: string,
  captures: CountedCaptures,
): readonly PageElement[] {
  if (captures.length < 2) return packets.length === 0 ? [] : [filterLine(packets, what, undefined)];
  return packetsByCapture(packets, captures).map((one) => filterLine(one.packets, what, one.name));
}

function filterLine(packets: readonly number[], what: string, capture: string | undefined): PageElement {
  const further = packets.length - MOST_PACKETS_SHOWN;
  return element(
    'span',
    { class: 'filter-line' },
    capture !== undefined && [element('span', { class: 'remark' }, 'in ', element('bdi', {}, capture)), ' '],
    element('code', {}, wiresharkFilter(packets.slice(0, MOST_PACKETS_SHOWN))),
    further > 0 && element('span', { class: 'remark' }, `and ${counted(further, 'more packet')}`),
    element(
      'button',
      { type: 'button', class: 'quiet scripted-only', 'data-copy': wiresharkFilter(packets) },
      'Copy',
      element(
        'span',
        { class: 'unseen' },
        ` the Wireshark filter for ${what}`,
        capture !== undefined && [' in ', element('bdi', {}, capture)],
      ),
    ),
  );
}

export function evidenceList(
  evidence: readonly Evidence[],
  what: string,
  captures: CountedCaptures,
): PageElement | null {
  if (evidence.length === 0) return null;
  return element(
    'ul',
    { class: 'evidence' },
    evidence.map(({ says, packets }) =>
      element('li', {}, element('p', {}, says), packetFilter(packets, what, captures)),
    ),
  );
}

function ruleList(rules: readonly string[]): PageElement | null {
  if (rules.length === 0) return null;
  return element(
    'p',
    { class: 'rules' },
    element('span', { class: 'label' }, 'Breaks '),
    rules.map((rule, index) => [index > 0 && ' ', element('span', { class: 'rule' }, rule)]),
  );
}

function fixLine(fix: string): PageElement {
  return element('p', { class: 'fix-line' }, element('strong', {}, 'Fix: '), fix);
}

/** A finding of one call. */
export function findingView(finding: Finding, captures: CountedCaptures): PageElement {
  return element(
    'article',
    { class: `finding ${finding.harm}` },
    element('h3', {}, element('span', { class: 'harm' }, harmWords[finding.harm]), ' ', finding.title),
    element('p', {}, finding.detail),
    evidenceList(finding.evidence, finding.title, captures),
    ruleList(finding.rules),
    fixLine(finding.fix),
    element('p', { class: 'explain' }, 'More: ', element('code', {}, `trustline audit explain ${finding.code}`)),
  );
}

/** What is wrong over all calls, each thing once. */
export function findingsSection(groups: readonly FindingGroup[], captures: CountedCaptures): PageElement {
  return element(
    'section',
    { id: 'findings', 'aria-labelledby': 'findings-title', tabindex: '-1' },
    element('h2', { id: 'findings-title' }, 'Findings'),
    groups.length === 0
      ? element('p', { class: 'nothing' }, 'None.')
      : element(
          'ol',
          { class: 'findings' },
          groups.map((group) => groupView(group, captures)),
        ),
  );
}

function groupView(group: FindingGroup, captures: CountedCaptures): PageElement {
  const where = group.calls.length === 0 ? 'on the network' : `in ${counted(group.calls.length, 'call')}`;
  return element(
    'li',
    { class: `finding ${group.harm}` },
    element(
      'div',
      { class: 'finding-head' },
      element('h3', {}, element('span', { class: 'harm' }, harmWords[group.harm]), ' ', group.title),
      element('p', { class: 'where' }, where),
    ),
    element('p', {}, group.detail),
    group.fixes.map(fixLine),
    ruleList(group.rules),
    element(
      'details',
      {},
      element('summary', {}, 'Evidence'),
      evidenceList(group.evidence, group.title, captures),
      element('p', { class: 'explain' }, 'More: ', element('code', {}, `trustline audit explain ${group.code}`)),
    ),
    group.calls.length > 0 &&
      element(
        'button',
        { type: 'button', class: 'quiet scripted-only', 'data-show-finding': group.code },
        `Show ${group.calls.length === 1 ? 'this call' : `these ${counted(group.calls.length, 'call')}`}`,
        element('span', { class: 'unseen' }, `: ${group.title}`),
      ),
  );
}
