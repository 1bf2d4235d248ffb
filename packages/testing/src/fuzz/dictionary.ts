/** Words longer than this are sentences for people. */
const longestWord = 24;

/**
 * The constants that sources compare with, as octets: numbers in both octet orders, and words. A magic number or a
 * keyword that chance would find once in four thousand million tries is then one change away.
 */
export function dictionaryOf(sources: readonly string[]): readonly Uint8Array[] {
  const words = new Map<string, Uint8Array>();
  const add = (octets: Uint8Array) => words.set(octets.join(), octets);
  for (const source of sources) {
    const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
    for (const [literal] of code.matchAll(/\b(?:0x[0-9a-fA-F_]+|\d[\d_]*)\b/g)) {
      for (const octets of numberAsOctets(Number(literal.replaceAll('_', '')))) add(octets);
    }
    for (const [, escaped = ''] of code.matchAll(/'((?:[^'\\\n]|\\.)*)'/g)) {
      const text = escaped.replaceAll('\\r', '\r').replaceAll('\\n', '\n');
      if (text.length > 1 && text.length <= longestWord && /^[\x21-\x5b\x5d-\x7e\r\n]+$/.test(text)) {
        add(Uint8Array.from(text, (character) => character.charCodeAt(0)));
      }
    }
  }
  return [...words.values()];
}

/** As one octet if it is one, as two if it is no more, as four otherwise; the longer ones most significant first and last. */
function numberAsOctets(value: number): Uint8Array[] {
  if (!Number.isSafeInteger(value) || value < 2 || value > 0xffff_ffff) return [];
  const four = Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  const wide = value > 0xffff ? [four] : value > 0xff ? [four.slice(2)] : [four.slice(3), four.slice(2)];
  return wide.flatMap((octets) => (octets.length > 1 ? [octets, octets.toReversed()] : [octets]));
}
