import { cardNumbers, mask } from './card-number.ts';

/** Digits in a row, or in groups of four as they stand on a card; with the sign of a telephone number in front, if it has one. */
const runs = /\+?(?:[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}|[0-9]{13,})/g;
/** Telephone numbers have no more digits (ITU-T E.164 §6.2.1). */
const LONGEST_TELEPHONE_NUMBER = 15;
/** Of a text that is searched, in UTF-16 units. */
const LONGEST_SEARCHED = 65_536;

/** The numbers in a text that look like those of cards, without what parts their groups. */
export function cardsInText(text: string): readonly string[] {
  const found: string[] = [];
  for (const [run] of text.slice(0, LONGEST_SEARCHED).matchAll(runs)) {
    if (isTelephoneNumber(run)) continue;
    for (const { digits } of cardNumbers(run.replaceAll(/[^0-9]/g, ''))) found.push(digits);
  }
  return found;
}

/** The text with all runs of digits masked in which a card's number stands. */
export function maskCardsInText(text: string): string {
  if (!/[0-9]{4}/.test(text)) return text;
  return text.replaceAll(runs, (run) => (cardsInText(run).length === 0 ? run : mask(run.replaceAll(/[^0-9]/g, ''))));
}

/** The same of all texts within a value of JSON, but those of the named fields. */
export function maskCardsWithin<Value>(value: Value, except: ReadonlySet<string>): Value {
  if (typeof value === 'string') return maskCardsInText(value) as Value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return (typeof value[0] === 'number' ? value : value.map((one) => maskCardsWithin(one, except))) as Value;
  }
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    except.has(name) ? one : maskCardsWithin(one, except),
  ]);
  return Object.fromEntries(entries) as Value;
}

function isTelephoneNumber(run: string): boolean {
  return run.startsWith('+') && run.replaceAll(/[^0-9]/g, '').length <= LONGEST_TELEPHONE_NUMBER;
}
