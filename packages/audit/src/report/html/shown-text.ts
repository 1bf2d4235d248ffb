/** Longest name, address or identity that is shown, in characters. */
export const LONGEST_NAME = 256;
/** Longest sentence that is shown, in characters. */
export const LONGEST_SENTENCE = 2_000;

/**
 * Controls, marks that turn the direction of text (Unicode Standard Annex #9), characters without width and halves of
 * surrogate pairs: a name that holds them would look like another, or move what stands beside it.
 */
const deceptive = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text from the capture as it may be shown: bounded, and with nothing in it that cannot be seen. */
export function shownText(text: string, longest: number = LONGEST_SENTENCE): string {
  const characters = text.length > longest ? [...text.slice(0, 2 * longest)] : undefined;
  const bounded =
    characters !== undefined && characters.length > longest ? `${characters.slice(0, longest).join('')}…` : text;
  return bounded.replace(deceptive, (character) => {
    const code = character.codePointAt(0) as number;
    return code === 0x0a || code === 0x09 ? ' ' : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}

/** Fields that hold names: bounded more closely than sentences. */
const names: ReadonlySet<string> = new Set([
  ...['number', 'name', 'uri', 'device', 'addresses', 'hosts', 'identity', 'subject', 'issuer', 'serverName'],
  ...['source', 'destination', 'client', 'server', 'from', 'to', 'protocol', 'codec', 'suite', 'code'],
]);

/** The same value with every text in it as it may be shown. */
export function presentable<Value>(value: Value, field = ''): Value {
  if (typeof value === 'string') return shownText(value, names.has(field) ? LONGEST_NAME : LONGEST_SENTENCE) as Value;
  if (Array.isArray(value)) return value.map((item) => presentable(item, field)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, presentable(item, key)])) as Value;
}
