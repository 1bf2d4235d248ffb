import type { ReportCall, ReportDigits } from '../model/report.ts';

/** All that was keyed in, by signalling and in media. */
export function digitsOf({ digits, streams }: ReportCall): readonly ReportDigits[] {
  return [...digits, ...streams.flatMap((stream) => stream.digits)];
}

/** Numbers that look like cards, each once: it may have been sent both ways, or by events and by tones. */
export function cardsOf(call: ReportCall): readonly ReportDigits[] {
  const cards = new Map<string, ReportDigits>();
  for (const one of digitsOf(call)) {
    // The key that ends a number is not heard everywhere.
    const number = one.digits.replace(/[#*]+$/, '');
    if (one.looksLikeCard && !cards.has(number)) cards.set(number, one);
  }
  return [...cards.values()];
}
