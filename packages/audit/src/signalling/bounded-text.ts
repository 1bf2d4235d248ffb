/** Longest kept of a name or number that a capture gives, in UTF-16 units: some are sent to fill memory. */
export const LONGEST_NAME = 256;

/** A word of the network, cut to what is kept of one; undefined for none. It is shown escaped, never trusted. */
export function boundedText(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  return text.length <= LONGEST_NAME ? text : text.slice(0, LONGEST_NAME);
}
