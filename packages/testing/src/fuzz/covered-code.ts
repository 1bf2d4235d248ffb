/** What V8 says of one script: functions, outer before inner, each with ranges, outer before inner. */
export interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
  }[];
}

/** A stretch of source that ran for the first time. */
export interface Place {
  readonly url: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Which characters of which sources have run so far.
 *
 * Characters, not ranges: V8 joins neighbouring ranges that ran equally often, so the ranges of one take say nothing
 * about those of the next, while "this character had never run" means the same at every take.
 */
export class CoveredCode {
  readonly #scripts = new Map<string, { seen: Uint8Array; end: number }>();

  /** What of this never ran before. */
  unseen(scripts: readonly ScriptCoverage[]): readonly Place[] {
    const places: Place[] = [];
    for (const script of scripts) {
      const { seen } = this.#known(script);
      for (const [from, to] of stretches(script)) {
        for (let start = seen.indexOf(0, from); start >= 0 && start < to; ) {
          const next = seen.indexOf(1, start);
          const end = next < 0 ? to : Math.min(next, to);
          places.push({ url: script.url, start, end });
          start = seen.indexOf(0, end);
        }
      }
    }
    return places;
  }

  add(places: readonly Place[]): void {
    for (const { url, start, end } of places) this.#scripts.get(url)?.seen.fill(1, start, end);
  }

  has({ url, start }: Place): boolean {
    return this.#scripts.get(url)?.seen[start] === 1;
  }

  /** The share of the loaded sources that ran, from 0 to 1; comments count as what they stand in. */
  get share(): number {
    let ran = 0;
    let all = 0;
    for (const { seen, end } of this.#scripts.values()) {
      all += end;
      for (let offset = 0; offset < end; offset += 1) ran += seen[offset] as number;
    }
    return all === 0 ? 0 : ran / all;
  }

  #known({ url, functions }: ScriptCoverage): { seen: Uint8Array; end: number } {
    let end = 0;
    for (const { ranges } of functions) end = Math.max(end, ranges[0]?.endOffset ?? 0);
    const known = this.#scripts.get(url) ?? { seen: new Uint8Array(0), end: 0 };
    this.#scripts.set(url, known);
    if (end > known.end) {
      const grown = new Uint8Array(end);
      grown.set(known.seen);
      known.seen = grown;
      known.end = end;
    }
    return known;
  }
}

/** Whether what ran includes the beginning of that place: the innermost range around it decides. */
export function reaches(scripts: readonly ScriptCoverage[], { url, start }: Place): boolean {
  let count = 0;
  for (const script of scripts) {
    if (script.url !== url) continue;
    for (const { ranges } of script.functions) {
      for (const range of ranges) if (range.startOffset <= start && start < range.endOffset) count = range.count;
    }
  }
  return count > 0;
}

/** The stretches that ran, in order, one for each range or rest of one: ranges nest, and an inner one overrules. */
function* stretches({ functions }: ScriptCoverage): Generator<readonly [from: number, to: number]> {
  const open: { readonly endOffset: number; readonly count: number }[] = [];
  let from = 0;
  const closeUpTo = function* (offset: number): Generator<readonly [number, number]> {
    for (let top = open.at(-1); top !== undefined && top.endOffset <= offset; top = open.at(-1)) {
      if (top.count > 0 && top.endOffset > from) yield [from, top.endOffset];
      from = Math.max(from, top.endOffset);
      open.pop();
    }
  };
  for (const { ranges } of functions) {
    for (const range of ranges) {
      yield* closeUpTo(range.startOffset);
      if ((open.at(-1)?.count ?? 0) > 0 && range.startOffset > from) yield [from, range.startOffset];
      from = Math.max(from, range.startOffset);
      open.push(range);
    }
  }
  yield* closeUpTo(Number.POSITIVE_INFINITY);
}
