export interface MinimiseOptions {
  /** How many candidates may be tried. */
  readonly tries: number;
  /** Told of each improvement: a candidate that never returns must not cost those before it. */
  readonly onSmaller?: (smaller: Uint8Array) => void;
}

/**
 * Makes an input smaller as long as it still does what it is kept for: cuts pieces out, large ones first, and then
 * sets pieces to zero. Not the smallest there is, but nearly every octet that is left has a part in it.
 */
export function minimise(
  input: Uint8Array,
  stillDoes: (candidate: Uint8Array) => boolean,
  options: MinimiseOptions,
): Uint8Array {
  const search = candidates(input, options);
  let step = search.next();
  while (step.done !== true) step = search.next(stillDoes(step.value));
  return step.value;
}

/** The same for a question that takes time, such as whether an input hangs. */
export async function minimiseSlowly(
  input: Uint8Array,
  stillDoes: (candidate: Uint8Array) => Promise<boolean>,
  options: MinimiseOptions,
): Promise<Uint8Array> {
  const search = candidates(input, options);
  let step = search.next();
  while (step.done !== true) step = search.next(await stillDoes(step.value));
  return step.value;
}

/** Gives candidates, is told whether each still does it, and returns the smallest that does. */
function* candidates(
  input: Uint8Array,
  { tries, onSmaller = () => {} }: MinimiseOptions,
): Generator<Uint8Array, Uint8Array, boolean> {
  let best = input;
  let left = tries;
  for (let size = best.length; size > 0; size = smaller(size)) {
    // From the end: what follows the fault is cut first, and what leads to it stays in its place.
    for (let end = best.length; end > 0; end -= size) {
      if (left === 0) return best;
      left -= 1;
      const candidate = without(best, Math.max(0, end - size), end);
      if (!(yield candidate)) continue;
      best = candidate;
      onSmaller(best);
    }
  }
  for (let size = best.length; size > 0; size = smaller(size)) {
    for (let start = 0; start < best.length; start += size) {
      if (best.subarray(start, start + size).every((octet) => octet === 0)) continue;
      if (left === 0) return best;
      left -= 1;
      const candidate = best.slice().fill(0, start, start + size);
      if (!(yield candidate)) continue;
      best = candidate;
      onSmaller(best);
    }
  }
  return best;
}

function without(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const cut = new Uint8Array(bytes.length - (end - start));
  cut.set(bytes.subarray(0, start));
  cut.set(bytes.subarray(end), start);
  return cut;
}

function smaller(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}
