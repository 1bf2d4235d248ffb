import type { ReportCall } from '../../../model/report.ts';
import { type CountedCaptures, packetsByCapture } from '../../packet-places.ts';
import { protocolsOf } from '../call-row.ts';
import { element, type PageElement } from '../element.ts';
import { counted, duration, endName, moment, protocolName, verdictWords } from '../wording.ts';
import { endsOf } from './call-table.ts';
import { findingView } from './evidence.ts';
import { icon, verdictMark } from './icons.ts';
import { ladderView } from './ladder.ts';
import { digitsView, streamView } from './stream.ts';

/** All that is known of a call. `before` and `after` are its neighbours in the list, null at its ends. */
export function callView(
  call: ReportCall,
  before: number | null,
  after: number | null,
  captures: CountedCaptures,
): PageElement {
  return element(
    'article',
    { class: `call ${call.verdict}`, 'aria-labelledby': 'call-title' },
    element(
      'nav',
      { class: 'call-nav', 'aria-label': 'Calls' },
      element('button', { type: 'button', 'data-back': true }, icon('back'), 'All calls'),
      element(
        'span',
        {},
        before !== null && element('a', { href: `#call-${before}` }, 'Previous call'),
        ' ',
        after !== null && element('a', { href: `#call-${after}` }, 'Next call'),
      ),
    ),
    element(
      'header',
      { class: `verdict ${call.verdict}` },
      element(
        'p',
        { class: 'line' },
        verdictMark(call.verdict),
        element('span', { class: 'remark' }, `Call ${call.number}`),
      ),
      element(
        'h1',
        { id: 'call-title', tabindex: '-1' },
        endsOf({ caller: endName(call.caller), called: endName(call.called) }),
      ),
      element('p', { class: 'meaning' }, verdictWords[call.verdict].meaning),
      element('p', { class: 'because' }, call.because),
      claimView(call),
    ),
    call.fix !== null &&
      element(
        'aside',
        { class: 'change', 'aria-labelledby': 'fix-title' },
        element('h2', { id: 'fix-title', class: 'kicker' }, icon('change'), 'What would have protected it'),
        element('p', { class: 'fix' }, call.fix),
      ),
    call.digits.length > 0 &&
      element(
        'section',
        { 'aria-labelledby': 'digits-title' },
        element('h2', { id: 'digits-title' }, 'Digits in the signalling'),
        call.digits.map((digits) => digitsView(digits, captures)),
      ),
    call.streams.length > 0 &&
      element(
        'section',
        { class: 'streams', 'aria-labelledby': 'streams-title' },
        element('h2', { id: 'streams-title' }, 'What a tap hears'),
        call.streams.map((stream) => streamView(call, stream, captures)),
      ),
    ladderView(call),
    call.findings.length > 0 &&
      element(
        'section',
        { 'aria-labelledby': 'call-findings-title' },
        element('h2', { id: 'call-findings-title' }, 'Findings'),
        call.findings.map((finding) => findingView(finding, captures)),
      ),
    aboutView(call, captures),
  );
}

function claimView({ claimed }: ReportCall): PageElement | null {
  if (claimed === null) return null;
  const level = claimed.holds
    ? `The call record says ${claimed.level}, and the wire agrees.`
    : `The call record says ${claimed.level}. The wire shows that it was not.`;
  // A report of an older version says nothing of it.
  const protection = claimed.protection?.says;
  return element(
    'p',
    { class: claimed.holds ? 'claim holds' : 'claim denied' },
    protection === undefined ? level : `${level} ${protection}`,
  );
}

function aboutView(call: ReportCall, captures: CountedCaptures): PageElement {
  const time = (at: string | null) => (at === null ? 'not seen' : moment(at));
  const facts: readonly (readonly [string, string])[] = [
    ['Begin', time(call.start)],
    ['Answered', time(call.answered)],
    ['End', time(call.end)],
    ['Length', duration(call.durationSeconds)],
    ['Heard', call.heardSeconds > 0 ? duration(call.heardSeconds) : 'nothing'],
    ['From', endWords(call.caller)],
    ['To', endWords(call.called)],
    [
      'Signalling',
      protocolsOf(call)
        .map((one) => (one === 'none' ? 'none was seen' : protocolName(one)))
        .join(', '),
    ],
    ...capturesOf(call, captures),
  ];
  const signalling = {
    clear: 'in the clear',
    'null-cipher': 'TLS that encrypts nothing',
    'given-key': 'read with a given key',
  };
  return element(
    'section',
    { class: 'about', 'aria-labelledby': 'about-title' },
    element('h2', { id: 'about-title' }, 'About the call'),
    element(
      'dl',
      { class: 'facts' },
      facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
    call.legs.length > 0 &&
      element(
        'details',
        {},
        element('summary', {}, counted(call.legs.length, 'leg')),
        element(
          'ol',
          { class: 'legs' },
          call.legs.map((leg) =>
            element(
              'li',
              {},
              `${protocolName(leg.protocol)} by ${leg.transport}, ${signalling[leg.signalling]}, packets ${leg.firstPacket} to ${leg.lastPacket}`,
              leg.endReason !== null && `, ended with ${leg.endReason}`,
              element('p', { class: 'remark' }, element('bdi', {}, leg.identity)),
            ),
          ),
        ),
      ),
  );
}

/** Of several captures: in which the call stands, and how the numbers of packets on this page are counted. */
function capturesOf(call: ReportCall, captures: CountedCaptures): readonly (readonly [string, string])[] {
  if (captures.length < 2) return [];
  const packets = [
    ...call.legs.flatMap(({ firstPacket, lastPacket }) => [firstPacket, lastPacket]),
    ...call.streams.flatMap(({ firstPacket, lastPacket }) => [firstPacket, lastPacket]),
  ];
  return packetsByCapture(packets, captures).map(({ index, name }) => {
    const earlier = captures.slice(0, index).reduce((sum, one) => sum + one.packets, 0);
    return ['Capture', `${name ?? 'not known'}, whose packet 1 is number ${earlier + 1} on this page`];
  });
}

function endWords(end: ReportCall['caller']): string {
  const known = [end.name, end.number, end.uri, end.device, ...end.addresses].filter((one) => one !== null);
  return known.length === 0 ? 'not known' : [...new Set(known)].join(', ');
}
