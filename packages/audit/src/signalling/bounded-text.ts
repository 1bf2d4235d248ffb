/** Longest kept of a name or number that a capture gives, in UTF-16 units: some are sent to fill memory. */
export const LONGEST_NAME = 256;

/** A piece of a text that is shorter is a text of its own in V8. */
const SHORTEST_PIECE = 13;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A word of the network, cut to what is kept of one; undefined for none. It is shown escaped, never trusted. It is a copy:
 * a piece of a text would keep all of that text in memory.
 */
export function boundedText(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length < SHORTEST_PIECE) return text.isWellFormed() ? text : text.toWellFormed();
  return decoder.decode(encoder.encode(text.length <= LONGEST_NAME ? text : text.slice(0, LONGEST_NAME)));
}
