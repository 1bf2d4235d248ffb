import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FuzzArguments, usage } from './arguments.ts';
import { dictionaryOf } from './dictionary.ts';
import { samplesOf, sourcesOf } from './room-files.ts';
import { type FuzzOutcome, fuzzTarget, replayInput } from './run-target.ts';
import { fuzzedRooms, keptName, type Target, targetOfKept, targetsOf } from './targets.ts';

export interface FuzzSurroundings {
  /** The repository. */
  readonly root: string;
  readonly print: (line: string) => void;
}

/** Fuzzes rooms, or replays one input. Returns the exit code. */
export async function runFuzzCommand(asked: FuzzArguments, surroundings: FuzzSurroundings): Promise<number> {
  return asked.replay === undefined ? fuzzRooms(asked, surroundings) : replay(asked, asked.replay, surroundings);
}

async function fuzzRooms(asked: FuzzArguments, { root, print }: FuzzSurroundings): Promise<number> {
  const rooms = asked.rooms.length > 0 ? asked.rooms : fuzzedRooms(root);
  if (rooms.length === 0) throw new Error('there is no fuzz target at all: the list must not be empty');
  // A room's targets take turns on one processor; each processor takes the next room that waits.
  const waiting = [...rooms];
  let failed = 0;
  const work = async () => {
    for (let room = waiting.shift(); room !== undefined; room = waiting.shift()) {
      const ofRoom = await fuzzRoom(room, asked, { root, print });
      failed += ofRoom; // read only now: the other rooms have counted meanwhile
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  print(failed === 0 ? `fuzzing: ${rooms.length} rooms, no failure` : `fuzzing: ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Fuzzes the targets of one room one after the other, and returns how many failed. */
async function fuzzRoom(room: string, asked: FuzzArguments, { root, print }: FuzzSurroundings): Promise<number> {
  const targets = targetsOf(root, room);
  if (targets.length === 0) {
    print(`${room}: no fuzz target in packages/${room}/fuzz`);
    return 1;
  }
  const seconds = Math.max(1, Math.floor(asked.seconds / targets.length));
  let failed = 0;
  for (const target of targets) {
    const outcome = await fuzz(target, asked, seconds, root);
    if (outcome.kind !== 'passed') failed += 1;
    for (const line of linesFor(target, outcome, { ...asked, seconds }, root)) print(line);
  }
  return failed;
}

function fuzz({ room, path }: Target, asked: FuzzArguments, seconds: number, root: string): Promise<FuzzOutcome> {
  const { seed, hangLimit, coverage } = asked;
  const folder = join(root, 'packages', room);
  return fuzzTarget(pathToFileURL(path).href, {
    seed,
    seconds,
    hangLimit,
    samples: samplesOf(join(folder, 'vectors')),
    dictionary: dictionaryOf(sourcesOf(join(folder, 'src'))),
    guidedBy: coverage ? `${pathToFileURL(folder).href}/` : undefined,
  });
}

/** What a person reads of a target; a failing input is kept. */
function linesFor(target: Target, outcome: FuzzOutcome, asked: FuzzArguments, root: string): readonly string[] {
  const name = `${target.room}/${target.name}`;
  if (outcome.kind === 'broken') return [`${name}: ${outcome.error}`];
  if (outcome.kind === 'passed') {
    const { executions, samples, found, coveredShare } = outcome;
    const learnt =
      coveredShare === undefined
        ? ''
        : ` and ${found.length} that reached new code, ${(coveredShare * 100).toFixed(1)} % of what was loaded ran`;
    return [`${name}: ${executions} executions in ${asked.seconds} s, corpus ${samples}${learnt}, seed ${asked.seed}`];
  }
  const { executions, input, firstLength, error } = outcome;
  const kept = keep(join(root, 'artefacts', 'fuzz'), `${keptName(target)}-${asked.seed}-${executions}.bin`, input);
  const cut = input.length < firstLength ? `, cut from ${firstLength} octets to ${input.length},` : '';
  return [
    `${name}: FAILED after ${executions} executions, seed ${asked.seed}; the input${cut} is in ${kept}`,
    `once more: npm run fuzz -- --replay ${relative(root, kept)}`,
    error,
  ];
}

function keep(folder: string, file: string, input: Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), input);
  return join(folder, file);
}

async function replay(
  { rooms, hangLimit }: FuzzArguments,
  file: string,
  { root, print }: FuzzSurroundings,
): Promise<number> {
  const input = Uint8Array.from(readFileSync(file));
  const kept = targetOfKept(root, basename(file));
  const targets = rooms.length > 0 ? rooms.flatMap((room) => targetsOf(root, room)) : kept === undefined ? [] : [kept];
  if (targets.length === 0) throw new Error(`the name of ${file} tells no target: name the room as well. ${usage}`);
  let failed = 0;
  for (const target of targets) {
    const outcome = await replayInput(pathToFileURL(target.path).href, input, hangLimit);
    if (outcome.kind !== 'over') failed += 1;
    const verdict = outcome.kind === 'over' ? 'no failure' : `FAILED\n${outcome.error}`;
    print(`${target.room}/${target.name}: ${input.length} octets of ${basename(file)}: ${verdict}`);
  }
  return failed === 0 ? 0 : 1;
}
