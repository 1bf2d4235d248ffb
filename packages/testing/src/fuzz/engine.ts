import type { SeededRandom } from '../seeded-random.ts';
import { CoveredCode, type Place, reaches, type ScriptCoverage } from './covered-code.ts';
import { minimise } from './minimise.ts';
import { Mutator } from './mutator.ts';

/** How many executions lie between two looks at the coverage: few while there is news, more and more when there is none. */
const shortestBatch = 8;
const longestBatch = 512;
/** How many executions without news make a search dry: at least so many, and this share of those that brought the last. */
const leastDry = 1_024;
const dryShare = 0.25;
const longestNoise = 512;
/** A short input is executed sooner, and a change of it more often touches what matters. */
const trimmingTries = 16;

export interface EngineOptions {
  /** Runs one input; throws when it failed. */
  readonly execute: (input: Uint8Array) => void;
  /** Samples to begin with. */
  readonly samples: readonly Uint8Array[];
  readonly dictionary?: readonly Uint8Array[];
  readonly random: SeededRandom;
  /** Without it every input is made of the samples alone. */
  readonly coverage?: { take(): readonly ScriptCoverage[] } | undefined;
}

/**
 * Executes inputs made of the samples, and of what reached code that nothing had reached before.
 *
 * Everything follows from the seed and the code under test, never from the clock: the same seed gives the same
 * executions in the same order, and the clock says no more than when they end.
 */
export class Engine {
  executions = 0;
  /** Inputs that were made here and reached new code. */
  readonly found: Uint8Array[] = [];
  readonly #options: EngineOptions;
  readonly #mutator: Mutator;
  readonly #covered = new CoveredCode();
  readonly #corpus: Uint8Array[] = [];
  /** The part of the corpus that reached something first. */
  readonly #finders: Uint8Array[] = [];
  /** How many executions there had been when something new was reached last. */
  #newsAt = 0;
  #batchSize = shortestBatch;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#mutator = new Mutator(options.random, options.dictionary);
  }

  /** The share of the watched sources that ran; undefined when nobody watched. */
  get coveredShare(): number | undefined {
    return this.#options.coverage === undefined ? undefined : this.#covered.share;
  }

  /** Takes over what another engine found. */
  add(found: readonly Uint8Array[]): void {
    this.#corpus.push(...found);
    this.#finders.push(...found);
  }

  /**
   * Until it is enough, which is asked before each execution, or until nothing new was reached for long, or until
   * `execute` throws.
   */
  run(enough: (executions: number) => boolean, { untilDry = false } = {}): void {
    const isEnough = () => enough(this.executions);
    if (this.executions === 0) this.#begin();
    const from = this.executions;
    while (!isEnough() && !(untilDry && this.#isDrySince(from))) {
      const batch: Uint8Array[] = [];
      while (batch.length < this.#batchSize && !isEnough()) {
        const input = this.#next();
        batch.push(input);
        this.#execute(input);
      }
      this.#learn(batch);
    }
  }

  #isDrySince(from: number): boolean {
    return this.executions - Math.max(from, this.#newsAt) >= Math.max(leastDry, this.#newsAt * dryShare);
  }

  #begin(): void {
    const { coverage, samples } = this.#options;
    // What loading the sources ran is nobody's finding.
    if (coverage !== undefined) this.#covered.add(this.#covered.unseen(coverage.take()));
    for (const sample of [new Uint8Array(0), ...samples]) {
      this.#execute(sample);
      this.#corpus.push(sample);
      if (this.#reachesNew()) this.#finders.push(sample);
    }
  }

  /** Keeps what of the batch reached new code. */
  #learn(batch: readonly Uint8Array[]): void {
    const { coverage } = this.#options;
    if (coverage === undefined) return;
    const places = this.#covered.unseen(coverage.take());
    this.#batchSize = places.length > 0 ? shortestBatch : Math.min(this.#batchSize * 2, longestBatch);
    if (places.length === 0) return;
    this.#attribute(batch, places);
    // What cannot be brought about again has its cause in an earlier execution: it is not looked for a second time.
    this.#covered.add(places);
  }

  /** Runs halves again, and halves of these, until it is known which inputs reached the places. */
  #attribute(inputs: readonly Uint8Array[], places: readonly Place[]): void {
    const { coverage } = this.#options;
    const left = places.filter((place) => !this.#covered.has(place));
    const [first] = inputs;
    if (left.length === 0 || first === undefined || coverage === undefined) return;
    if (inputs.length === 1) {
      this.#execute(first);
      this.#keepIfNew(first, coverage);
      return;
    }
    const half = inputs.slice(0, inputs.length >> 1);
    for (const input of half) this.#execute(input);
    const taken = coverage.take();
    this.#attribute(
      half,
      left.filter((place) => reaches(taken, place)),
    );
    this.#attribute(inputs.slice(half.length), left);
  }

  /** Keeps an input that was just executed if it reached something new: as little of it as does. */
  #keepIfNew(input: Uint8Array, coverage: { take(): readonly ScriptCoverage[] }): void {
    const places = this.#covered.unseen(coverage.take());
    if (places.length === 0) return;
    const reachesAll = (candidate: Uint8Array) => {
      this.#execute(candidate);
      const taken = coverage.take();
      return places.every((place) => reaches(taken, place));
    };
    const kept = minimise(input, reachesAll, { tries: trimmingTries });
    this.#covered.add(places);
    this.found.push(kept);
    this.add([kept]);
    this.#newsAt = this.executions;
  }

  /** Whether what ran since the last look includes something new, which then is no longer new. */
  #reachesNew(): boolean {
    const { coverage } = this.#options;
    if (coverage === undefined) return false;
    const places = this.#covered.unseen(coverage.take());
    this.#covered.add(places);
    return places.length > 0;
  }

  #execute(input: Uint8Array): void {
    this.executions += 1;
    this.#options.execute(input);
  }

  #next(): Uint8Array {
    const { random } = this.#options;
    if (random.below(32) === 0) return random.bytes(random.below(longestNoise));
    return this.#mutator.mutate(this.#parent(), this.#corpus[random.below(this.#corpus.length)] ?? new Uint8Array(0));
  }

  /** Mostly one that reached something, and often one of the last that did: they are nearest to what was not yet. */
  #parent(): Uint8Array {
    const { random } = this.#options;
    const list = this.#finders.length > 0 && random.chance(0.75) ? this.#finders : this.#corpus;
    let at = random.below(list.length);
    if (random.chance(0.5)) for (at = list.length - 1; at > 0 && random.chance(0.5); ) at -= 1;
    return list[at] ?? new Uint8Array(0);
  }
}
