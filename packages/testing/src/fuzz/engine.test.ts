import { expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import type { ScriptCoverage } from './covered-code.ts';
import { Engine } from './engine.ts';

/** A program of four blocks, each entered when the next octet of a word is right, and what of it ran. */
class Program {
  readonly #word = [0x41, 0x42, 0x43, 0x44];
  #reached = -1;

  readonly run = (input: Uint8Array): void => {
    let depth = 0;
    while (depth < this.#word.length && input[depth] === this.#word[depth]) depth += 1;
    this.#reached = Math.max(this.#reached, depth);
    if (depth === this.#word.length) throw new Error('found');
  };

  /** Block n lies at the characters from 10 n to 10 n + 10. */
  take(): readonly ScriptCoverage[] {
    const reached = this.#reached;
    this.#reached = -1;
    if (reached < 0) return [];
    const whole = { startOffset: 0, endOffset: 50, count: 1 };
    const rest = { startOffset: 10 * (reached + 1), endOffset: 50, count: 0 };
    return [{ url: 'file:///program.ts', functions: [{ ranges: [whole, rest] }] }];
  }
}

function engineFor(program: Program, isGuided: boolean): Engine {
  const random = new SeededRandom(1);
  return new Engine({ execute: program.run, samples: [], random, coverage: isGuided ? program : undefined });
}

test('inputs that reached new code are kept, as little of them as reaches it, and lead on', () => {
  const engine = engineFor(new Program(), true);
  expect(() => engine.run((executions) => executions >= 100_000)).toThrow('found');
  expect(engine.found.map((input) => String.fromCharCode(...input))).toEqual(['A', 'AB', 'ABC']);
  expect(engine.coveredShare).toBeCloseTo(0.8);
});

test('without coverage nothing is kept', () => {
  const engine = engineFor(new Program(), false);
  engine.run((executions) => executions >= 100_000);
  expect(engine).toMatchObject({ executions: 100_000, found: [], coveredShare: undefined });
});

test('a search that brings nothing new is dry, and goes on when asked again', () => {
  const still: ScriptCoverage[] = [];
  const coverage = { take: () => still };
  const engine = new Engine({ execute: () => {}, samples: [], random: new SeededRandom(1), coverage });
  engine.run(() => false, { untilDry: true });
  const { executions } = engine;
  expect(executions).toBeGreaterThan(1_000);
  engine.run(() => false, { untilDry: true });
  expect(engine.executions).toBeGreaterThan(executions);
});

test('what another engine found is a parent too', () => {
  const program = new Program();
  const engine = engineFor(program, false);
  engine.run((executions) => executions >= 1_000);
  engine.add([Uint8Array.of(0x41, 0x42, 0x43)]);
  expect(() => engine.run((executions) => executions >= 50_000)).toThrow('found');
});
