import type { AuditReport, ReportCall, ReportStream, Verdict } from '../../../model/report.ts';
import { verdicts } from '../../../model/report.ts';
import { element, type PageElement } from '../element.ts';
import {
  cardCount,
  changeEffect,
  changesOf,
  headline,
  heardByGivenKeysAlone,
  heardSeconds,
  worstCall,
} from '../summary.ts';
import { counted, duration, endName, grouped, moment, verdictWords } from '../wording.ts';
import { endsOf } from './call-table.ts';
import { icon, verdictMark } from './icons.ts';
import { waveform } from './waveform.ts';

const MOST_FURTHER_CHANGES = 3;

/** What a stranger reads first: the verdict, the worst call, the change that helps most. */
export function overview(report: AuditReport): PageElement {
  const worst = worstCall(report.calls);
  return element(
    'section',
    { class: 'overview', 'aria-labelledby': 'headline' },
    element(
      'div',
      { class: `verdict ${report.verdict ?? 'cannot-tell'}` },
      element('h1', { id: 'headline' }, headline(report)),
      element('p', { class: 'meaning' }, meaning(report)),
      figures(report),
    ),
    element('div', { class: 'first-looks' }, worst !== undefined && worstView(worst, report), changeView(report.calls)),
    shares(report),
  );
}

function meaning({ verdict, calls }: AuditReport): string {
  if (verdict === 'heard') {
    const alone = heardByGivenKeysAlone(calls);
    const whole = 'Anybody who can see this network can listen to them, as this report did.';
    if (alone === 0) return calls.length === 1 ? whole.replace('to them', 'to it') : whole;
    return `${grouped(alone)} of them only with the keys that were given to this audit.`;
  }
  return verdict === null
    ? 'Neither signalling of a call nor media was recognised in what was captured.'
    : verdictWords[verdict].meaning;
}

function figures(report: AuditReport): PageElement | null {
  const keys = new Set(report.calls.flatMap(({ keyPath }) => keyPath.map(({ packet }) => packet))).size;
  const cards = cardCount(report.calls);
  const seconds = heardSeconds(report.calls);
  const secrets = report.disclosures.filter(({ kind }) => /password|digest|secret/.test(kind)).length;
  const denied = report.calls.filter(({ claimed }) => claimed !== null && !claimed.holds).length;
  const shown = [
    seconds > 0 && [duration(seconds), 'of audio recovered'],
    cards > 0 && [grouped(cards), cards === 1 ? 'card number' : 'card numbers'],
    keys > 0 && [grouped(keys), keys === 1 ? 'media key in the open' : 'media keys in the open'],
    secrets > 0 && [grouped(secrets), secrets === 1 ? 'password or its hash' : 'passwords or their hashes'],
    denied > 0 && [grouped(denied), denied === 1 ? 'call claimed to be safer' : 'calls claimed to be safer'],
  ].filter((one) => one !== false);
  if (shown.length === 0) return null;
  return element(
    'ul',
    { class: 'figures' },
    shown.map(([figure, of]) => element('li', {}, element('strong', {}, figure), ' ', element('span', {}, of))),
  );
}

/** The stream of a call in which most is to be heard; undefined where none was decoded. */
function loudestStream({ streams }: ReportCall): ReportStream | undefined {
  let most: ReportStream | undefined;
  for (const stream of streams) {
    if (stream.audio !== null && stream.audio.audibleSeconds > (most?.audio?.audibleSeconds ?? -1)) most = stream;
  }
  return most;
}

function worstView(call: ReportCall, { calls, includesAudio }: AuditReport): PageElement {
  const stream = loudestStream(call);
  return element(
    'article',
    { class: `worst ${call.verdict}`, 'aria-labelledby': 'worst-title' },
    element('h2', { id: 'worst-title', class: 'kicker' }, 'The worst call'),
    element('p', { class: 'ends' }, endsOf({ caller: endName(call.caller), called: endName(call.called) })),
    element('p', { class: 'line' }, verdictMark(call.verdict), call.start !== null && moment(call.start)),
    stream?.audio &&
      element(
        'div',
        { class: 'sound' },
        waveform(
          stream.audio.peaks,
          `Waveform of what a tap hears of this call: ${duration(stream.audio.audibleSeconds)} of sound in ${duration(stream.audio.seconds)}`,
        ),
        stream.audio.wav !== null &&
          element(
            'button',
            { type: 'button', class: 'play scripted-only', 'data-play': stream.number },
            icon('play'),
            'Listen to what a tap hears',
          ),
      ),
    element('p', {}, call.because),
    // Beside it stands the change that helps most calls: where that is another, what silences this one is said here.
    call.fix !== null &&
      call.fix !== changesOf(calls).changes[0]?.fix &&
      element('p', {}, element('strong', {}, 'What silences it: '), call.fix),
    element(
      'p',
      { class: 'scripted-only' },
      element('a', { href: `#call-${call.number}` }, `Open call ${call.number}`),
    ),
    call.heardSeconds > 0 &&
      !includesAudio &&
      element('p', { class: 'remark' }, 'The audio itself is not in this file: it was made without --include-audio.'),
  );
}

function changeView(calls: readonly ReportCall[]): PageElement | null {
  const all = changesOf(calls);
  const [best, ...further] = all.changes;
  if (best === undefined) return null;
  return element(
    'article',
    { class: 'change', 'aria-labelledby': 'change-title' },
    element('h2', { id: 'change-title', class: 'kicker' }, icon('change'), 'The one change'),
    element('p', { class: 'fix' }, best.fix),
    element('p', {}, changeEffect(best, all)),
    further.length > 0 && element('h3', { class: 'kicker' }, 'After that'),
    further.length > 0 &&
      element(
        'ol',
        { class: 'further' },
        further
          .slice(0, MOST_FURTHER_CHANGES)
          .map((change) =>
            element(
              'li',
              {},
              change.fix,
              ' ',
              element('span', { class: 'remark' }, counted(change.calls.length, 'call')),
            ),
          ),
      ),
  );
}

/** How many calls of which verdict: as a bar, and as a list that says the same and, with the script, filters by it. */
function shares({ counts, calls }: AuditReport): PageElement | null {
  if (calls.length === 0) return null;
  let before = 0;
  const parts = verdicts.flatMap((verdict) => {
    const width = (100 * counts[verdict]) / calls.length;
    const part = element('rect', {
      class: verdict,
      x: `${before.toFixed(3)}%`,
      width: `${width.toFixed(3)}%`,
      height: '100%',
    });
    before += width;
    return width > 0 ? [part] : [];
  });
  return element(
    'div',
    { class: 'shares' },
    element('svg', { class: 'share-bar', 'aria-hidden': 'true' }, parts),
    element(
      'ul',
      { class: 'share-list' },
      verdicts.map((verdict) => shareView(verdict, counts[verdict])),
    ),
  );
}

function shareView(verdict: Verdict, count: number): PageElement {
  return element(
    'li',
    { class: count === 0 ? 'none' : undefined },
    element('strong', {}, grouped(count)),
    verdictMark(verdict),
    element('span', { class: 'unseen' }, ` ${counted(count, 'call')}: ${verdictWords[verdict].meaning}`),
  );
}
