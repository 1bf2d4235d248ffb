import type { SignalledDigits, WrittenCard } from '../model/leg.ts';
import type { Finding, ReportDigits } from '../model/report.ts';
import { cardNumbers, mask } from '../signal/card-number.ts';
import { cardsInText } from '../signal/card-text.ts';
import type { CallFacts } from './call-facts.ts';
import { findingOf } from './catalogue.ts';
import { mediaDigitsRemedy, remedyOf } from './remedy.ts';
import { protocols, remedyWords } from './remedy-words.ts';
import { countText, wordsFor } from './verdict.ts';

/** Digits of signalling are of one number while the next is keyed within so long, in microseconds. */
const LONGEST_PAUSE = 15_000_000;

/** What was keyed in, as the report shows it: one entry for each number, by who keyed it and how. */
export function signalledDigits(digits: readonly SignalledDigits[], isRevealed: boolean): readonly ReportDigits[] {
  const runs = new Map<string, { how: SignalledDigits['how']; digits: string; packets: number[]; last: number }[]>();
  // The same key press passes each hop of a proxy; the readers count it once for each leg.
  for (const one of digits) {
    const key = `${one.how} ${one.end}`;
    const list = runs.get(key) ?? [];
    const run = list.at(-1);
    if (run !== undefined && one.place.microseconds - run.last <= LONGEST_PAUSE) {
      run.digits += one.digits;
      run.packets.push(one.place.number);
      run.last = one.place.microseconds;
    } else {
      list.push({ how: one.how, digits: one.digits, packets: [one.place.number], last: one.place.microseconds });
    }
    runs.set(key, list);
  }
  return [...runs.values()].flat().map(({ how, digits: keyed, packets }) => ({
    digits: isRevealed ? keyed : mask(keyed),
    count: keyed.length,
    how,
    looksLikeCard: cardNumbers(keyed).length > 0,
    packets: packets.slice(0, 40),
  }));
}

/** What digits give away. `keyed`: those of signalling, as the report has them. */
export function* digitFindings(facts: CallFacts, keyed: readonly ReportDigits[]): Generator<Finding> {
  const { openDigits, digitStreams, givenStreams } = facts;
  const inMedia = digitStreams.flatMap(({ report }) => report.digits);
  const cards = [...keyed, ...inMedia, ...givenStreams.flatMap(({ report }) => report.digits)].filter(
    (one) => one.looksLikeCard,
  );
  const [card] = cards;
  if (card !== undefined) {
    const detail = `${card.digits}, keyed in by ${digitWords(card.how)}.`;
    yield findingOf('card-number-heard', detail, [{ packets: card.packets, says: 'digits of the number' }], {
      fix: cardRemedy(facts),
    });
  }
  const [written] = writtenCards(facts);
  if (card === undefined && written !== undefined) {
    const detail = `${mask(written.digits)}, in ${written.where}.`;
    yield findingOf('card-number-heard', detail, [
      { packets: [written.place.number], says: 'the number stands in it' },
    ]);
  }
  const [signalled] = openDigits;
  if (signalled !== undefined) {
    const count = openDigits.reduce((sum, { digits }) => sum + digits.length, 0);
    const packets = openDigits.map(({ place }) => place.number);
    const detail = `${countText(count, 'digit')} by ${wordsFor[signalled.how]}.`;
    const signalling = protocols.filter((protocol) => facts.openLegs.some((leg) => leg.protocol === protocol));
    yield findingOf('digits-in-clear-signalling', detail, [{ packets, says: 'a key press' }], {
      // SIP has events within SRTP besides, which the catalogue names.
      ...(signalling.includes('sip') ? {} : { fix: remedyWords({ media: false, signalling }) }),
    });
  }
  if (inMedia.length > 0) {
    const count = inMedia.reduce((sum, one) => sum + one.count, 0);
    const [first] = inMedia;
    const detail = `${countText(count, 'digit')} by ${digitWords(first?.how ?? 'rfc4733')}.`;
    yield findingOf(
      'digits-in-clear-media',
      detail,
      [{ packets: inMedia.flatMap(({ packets }) => packets), says: 'key presses in media' }],
      { fix: mediaDigitsRemedy(facts) },
    );
  }
}

/** What keeps the number from being read: of digits that only a given key showed nothing is said here. */
function cardRemedy(facts: CallFacts): string | undefined {
  if (facts.openDigits.length > 0) return remedyOf(facts);
  return facts.digitStreams.length > 0 ? mediaDigitsRemedy(facts) : undefined;
}

/** Card numbers that stood in messages of the call, or in place of a name or number of an end. */
function* writtenCards({ legs }: CallFacts): Generator<Pick<WrittenCard, 'place' | 'digits' | 'where'>> {
  for (const leg of legs) {
    yield* leg.cards;
    for (const end of ['caller', 'called'] as const) {
      const { number, name, uri } = leg[end];
      for (const digits of cardsInText([number, name, uri].join(' | '))) {
        yield { place: leg.first, digits, where: `the name or number of the ${end}` };
      }
    }
  }
}

/** The way by which digits went, in words. */
export function digitWords(how: ReportDigits['how']): string {
  if (how === 'rfc4733') return 'events (RFC 4733)';
  return how === 'in-band-tones' ? 'tones in the audio' : wordsFor[how];
}
