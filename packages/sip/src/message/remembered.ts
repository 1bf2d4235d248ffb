/** Longer texts are read anew each time: they are rare, and what is kept is to be small. */
const LONGEST = 192;
/** Readings that are kept of each kind; a power of two. */
const PLACES = 256;

/**
 * A reader that remembers what it read last: one message's addresses are asked for by every layer that it passes, and
 * those of one phone come again with each of its messages. `read` is a pure function, and what it returns is never changed.
 * A text has one place where it may be kept, so that texts of a peer's choosing cost no more than being read again.
 */
export function remembered<T>(read: (text: string) => T): (text: string) => T {
  const texts = new Array<string>(PLACES).fill('');
  const readings = new Array<T | undefined>(PLACES).fill(undefined);
  return (text) => {
    if (text.length > LONGEST) return read(text);
    const place = placeOf(text);
    const kept = readings[place];
    if (kept !== undefined && texts[place] === text) return kept;
    const made = read(text);
    texts[place] = text;
    readings[place] = made;
    return made;
  };
}

/** Of 32 of its characters at most. */
function placeOf(text: string): number {
  const stride = (text.length >> 5) + 1;
  let sum = text.length;
  for (let at = text.length - 1; at >= 0; at -= stride) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
  return (sum ^ (sum >> 8)) & (PLACES - 1);
}
