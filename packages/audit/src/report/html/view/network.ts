import type { AuditReport, ReportDisclosure, ReportSecureConnection } from '../../../model/report.ts';
import type { CountedCaptures } from '../../packet-places.ts';
import { causeText, idleText } from '../../policy-words.ts';
import { element, type PageElement } from '../element.ts';
import { counted, grouped, moment, protocolName, size } from '../wording.ts';
import { packetFilter } from './evidence.ts';

/** Lines of a section that stand in the page; the JSON report has them all. */
const MOST_LINES = 500;

function section(id: string, title: string, ...children: readonly (PageElement | null)[]): PageElement {
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-title`, tabindex: '-1' },
    element('h2', { id: `${id}-title` }, title),
    children,
  );
}

function nothing(says: string): PageElement {
  return element('p', { class: 'nothing' }, says);
}

function leftOut(total: number): PageElement | null {
  if (total <= MOST_LINES) return null;
  return nothing(`${grouped(total - MOST_LINES)} more stand in the JSON report.`);
}

function table(columns: readonly string[], rows: readonly PageElement[], label: string): PageElement {
  return element(
    'div',
    { class: 'wide', role: 'region', 'aria-label': label, tabindex: '0' },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          columns.map((name) => element('th', { scope: 'col' }, name)),
        ),
      ),
      element('tbody', {}, rows),
    ),
  );
}

export function disclosuresSection(disclosures: readonly ReportDisclosure[]): PageElement {
  const shown = disclosures.slice(0, MOST_LINES);
  return section(
    'disclosures',
    'What else lies open',
    shown.length === 0
      ? nothing('Nothing beside the calls.')
      : table(
          ['What', 'Of whom', 'Detail', 'From', 'To', 'By', 'Who reads it', 'Packet'],
          shown.map((one) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, one.kind.replaceAll('-', ' ')),
              element('td', {}, element('bdi', {}, one.subject)),
              element('td', {}, one.detail),
              element('td', {}, one.from),
              element('td', {}, one.to),
              element('td', {}, protocolName(one.protocol)),
              element('td', {}, one.readableBy === 'anyone' ? 'anybody' : 'who has the given key'),
              element('td', {}, one.packet),
            ),
          ),
          'What else lies open, as a table',
        ),
    leftOut(disclosures.length),
  );
}

export function connectionsSection(
  connections: readonly ReportSecureConnection[],
  madeAt: string,
  captures: CountedCaptures,
): PageElement {
  const shown = connections.slice(0, MOST_LINES);
  return section(
    'connections',
    'Secure connections',
    shown.length === 0
      ? nothing('None were seen.')
      : element(
          'ol',
          { class: 'connections' },
          shown.map((one) => connectionView(one, madeAt, captures)),
        ),
    leftOut(connections.length),
  );
}

function connectionView(one: ReportSecureConnection, madeAt: string, captures: CountedCaptures): PageElement {
  const opened = {
    no: 'not opened',
    'null-cipher': 'encrypts nothing: anybody reads it',
    'given-key': 'opened with a key that was given',
  }[one.opened];
  const yes = (value: boolean | null) => (value === null ? 'not known' : value ? 'yes' : 'no');
  const facts: readonly (readonly [string, string | null])[] = [
    ['Suite', one.suite],
    ['Forward secrecy', yes(one.forwardSecrecy)],
    ['Both ends certified', yes(one.mutual)],
    ['Server name', one.serverName],
    ['Carries', one.carries === null ? null : protocolName(one.carries)],
    ['State', opened],
    ['Packets', `${one.firstPacket} to ${one.lastPacket}, ${size(one.octets)}`],
  ];
  return element(
    'li',
    { class: one.weaknesses.length > 0 || one.opened === 'null-cipher' ? 'connection weak' : 'connection' },
    element(
      'h3',
      {},
      one.version ?? protocolName(one.protocol),
      ' ',
      element('span', { class: 'ends' }, element('bdi', {}, one.client), ' → ', element('bdi', {}, one.server)),
    ),
    one.weaknesses.length > 0 &&
      element(
        'ul',
        { class: 'weaknesses' },
        one.weaknesses.map((weakness) => element('li', {}, weakness)),
      ),
    element(
      'dl',
      { class: 'facts' },
      facts.map(
        ([name, value]) => value !== null && element('div', {}, element('dt', {}, name), element('dd', {}, value)),
      ),
    ),
    one.certificates.length > 0 &&
      element(
        'details',
        {},
        element('summary', {}, counted(one.certificates.length, 'certificate')),
        element(
          'ol',
          { class: 'certificates' },
          one.certificates.map((certificate) => {
            const expired = certificate.notAfter < madeAt;
            return element(
              'li',
              {},
              element('p', {}, element('bdi', {}, certificate.subject)),
              element(
                'p',
                { class: 'remark' },
                'issued by ',
                element('bdi', {}, certificate.issuer),
                `, ${certificate.key}`,
              ),
              element(
                'p',
                { class: expired ? 'expired' : 'remark' },
                `${expired ? 'Expired: ' : ''}valid from ${moment(certificate.notBefore)} to ${moment(certificate.notAfter)}`,
              ),
            );
          }),
        ),
        packetFilter([one.firstPacket], 'the beginning of this connection', captures),
      ),
  );
}

export function capturesSection(report: AuditReport): PageElement {
  const ended = { complete: 'complete', truncated: 'cut off', malformed: 'malformed' };
  const counters = Object.entries(report.packets).filter(([, count]) => count > 0);
  return section(
    'captures',
    'What was looked at',
    report.captures.length === 0
      ? null
      : table(
          ['Capture', 'Format', 'Packets', 'Size', 'First (UTC)', 'Last (UTC)', 'State'],
          report.captures
            .slice(0, MOST_LINES)
            .map((one) =>
              element(
                'tr',
                {},
                element('th', { scope: 'row' }, element('bdi', {}, one.name)),
                element('td', {}, one.format),
                element('td', {}, grouped(one.packets)),
                element('td', {}, size(one.octets)),
                element('td', {}, one.first === null ? '–' : moment(one.first).replace(' UTC', '')),
                element('td', {}, one.last === null ? '–' : moment(one.last).replace(' UTC', '')),
                element('td', {}, one.note === null ? ended[one.ended] : `${ended[one.ended]}: ${one.note}`),
              ),
            ),
          'Captures, as a table',
        ),
    leftOut(report.captures.length),
    report.protocols.length === 0
      ? null
      : table(
          ['Protocol', 'Packets', 'Flows or connections'],
          report.protocols.map((one) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, protocolName(one.name)),
              element('td', {}, grouped(one.packets)),
              element('td', {}, grouped(one.connections)),
            ),
          ),
          'Protocols, as a table',
        ),
    element(
      'dl',
      { class: 'facts' },
      counters.map(([name, count]) =>
        element(
          'div',
          {},
          element('dt', {}, protocolName(name).replaceAll('-', ' ')),
          element('dd', {}, grouped(count)),
        ),
      ),
      element('div', {}, element('dt', {}, 'keys given'), element('dd', {}, grouped(report.keysGiven))),
    ),
    report.policy === undefined ? null : policyView(report.policy),
    report.limits.length === 0
      ? null
      : element(
          'div',
          { class: 'limits' },
          element('h3', {}, 'What this report leaves out'),
          element(
            'ul',
            {},
            report.limits.map((limit) => element('li', {}, limit)),
          ),
        ),
  );
}

/** What the policy made of it, and bears with: it changes the exit status, and no verdict. */
function policyView(policy: NonNullable<AuditReport['policy']>): PageElement {
  const lines = [
    ...policy.fails.map((one) => `Fails: ${causeText(one)}`),
    ...policy.undecided.map((one) => `Undecided: ${causeText(one)}`),
    ...policy.ignored.map(({ call, reason }) => `Call ${call} does not count: ${reason}`),
    ...policy.ignoredFindings.map(
      ({ call, finding, reason }) => `${finding} ${call === null ? '' : `of call ${call} `}does not count: ${reason}`,
    ),
    ...policy.idleExceptions.map(idleText),
  ];
  return element(
    'div',
    { class: 'limits' },
    element('h3', {}, 'Policy'),
    element('p', {}, element('bdi', {}, policy.name), `: exit status ${policy.exitStatus}`),
    element(
      'ul',
      {},
      lines.slice(0, MOST_LINES).map((line) => element('li', {}, line)),
    ),
    leftOut(lines.length),
  );
}
