import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { usualHangLimit } from './run-target.ts';

export const usage =
  'Usage: npm run fuzz -- [room …] [--seconds 30] [--seed N] [--limit SECONDS] [--no-coverage] [--replay FILE]';

/** What `--help` prints. */
export const help = `${usage}

Fuzzes every decoder and machine of the rooms named, or of all that have targets (packages/<room>/fuzz).

  --seconds N     for each room, shared by its targets (30)
  --seed N        begins as an earlier run did; each run prints its own
  --limit N       seconds after which one execution is taken for a hang (${usualHangLimit / 1000})
  --no-coverage   inputs are not chosen by the code that they reach
  --replay FILE   executes one input alone, such as a failing one that was kept under artefacts/fuzz
  --help

The exit code is 0 where nothing failed, and 1 otherwise.`;

export interface FuzzArguments {
  /** None stands for all. */
  readonly rooms: readonly string[];
  /** For each room, shared by its targets. */
  readonly seconds: number;
  readonly seed: number;
  /** Milliseconds after which one execution is taken for a hang. */
  readonly hangLimit: number;
  readonly coverage: boolean;
  /** A file whose octets alone are executed. */
  readonly replay: string | undefined;
}

/**
 * Returns undefined where help was asked for, wherever in the line.
 *
 * @throws Error with a sentence for the person who typed it.
 */
export function readArguments(args: readonly string[], root: string, seed: number): FuzzArguments | undefined {
  if (args.includes('--help') || args.includes('-h')) return undefined;
  const rooms: string[] = [];
  const read = { seconds: 30, seed: seed >>> 0, hangLimit: usualHangLimit, coverage: true };
  let replay: string | undefined;
  const rest = args[Symbol.iterator]();
  for (const word of rest) {
    if (word === '--seconds') read.seconds = wholeNumber(rest.next().value, word);
    else if (word === '--seed') read.seed = wholeNumber(rest.next().value, word) >>> 0;
    else if (word === '--limit') read.hangLimit = 1000 * Math.max(1, wholeNumber(rest.next().value, word));
    else if (word === '--no-coverage') read.coverage = false;
    else if (word === '--replay') {
      replay = rest.next().value;
      if (replay === undefined) throw new Error(`--replay takes a file. ${usage}`);
    } else if (!word.startsWith('-') && existsSync(join(root, 'packages', word))) rooms.push(word);
    else throw new Error(`${word} is ${word.startsWith('-') ? 'no option' : 'no room'}. ${usage}`);
  }
  return { ...read, rooms, replay };
}

function wholeNumber(text: string | undefined, option: string): number {
  if (!/^\d+$/.test(text ?? '')) throw new Error(`${option} takes a whole number`);
  return Number(text);
}
