/** Further away than this, a suggestion is a guess and not a help. */
const FARTHEST = 3;

/**
 * The known name nearest to a mistyped one (Levenshtein distance, case ignored), or undefined when none is within three
 * edits and half of the name's length.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const limit = Math.min(FARTHEST, Math.ceil(name.length / 2));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { name: candidate, distance };
  }
  return best?.name;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] as number) + 1, (current[column - 1] as number) + 1, substituted));
    }
    previous = current;
  }
  return previous[b.length] as number;
}
