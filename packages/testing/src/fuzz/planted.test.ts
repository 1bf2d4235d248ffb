/** The fuzzer is tried on bugs that were put there for it: a fuzzer that finds nothing proves nothing. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dictionaryOf } from './dictionary.ts';
import { fuzz as call } from './planted/call.fixture.ts';
import { fuzz as record } from './planted/record.fixture.ts';
import { type FuzzRun, fuzzTarget, replayInput } from './run-target.ts';

const executions = 200_000;
/** Milliseconds: an execution takes a few microseconds. */
const hangLimit = 1_000;

type Bug = 'record' | 'call' | 'options';

function planted(bug: Bug, version = ''): string {
  return new URL(`./planted/${bug}.fixture.ts${version}`, import.meta.url).href;
}

/** One seed, no samples, and the constants of the source, as `npm run fuzz` takes them from those of a room. */
function run(bug: Bug, options: Partial<FuzzRun> = {}): FuzzRun {
  const dictionary = dictionaryOf([readFileSync(fileURLToPath(planted(bug)), 'utf8')]);
  const guidedBy = new URL('./planted/', import.meta.url).href;
  return { seed: 1, executions, samples: [], dictionary, guidedBy, hangLimit, hangTries: 4, ...options };
}

test('a read past the end behind a magic and a length is found, and made as small as it can be', async () => {
  const outcome = await fuzzTarget(planted('record'), run('record'));
  if (outcome.kind !== 'failed') throw new Error(`it is ${outcome.kind}`);
  expect(outcome.error).toContain('RangeError');
  expect(() => record(outcome.input)).toThrow(RangeError);
  const [, , , length = 0] = outcome.input;
  expect([...outcome.input]).toEqual([0x5a, 0xc3, 0, length]);
  expect(length).toBeGreaterThan(0);
});

test('a sequence of operations that ends in a wrong state is found, and nothing else is left of it', async () => {
  const outcome = await fuzzTarget(planted('call'), run('call'));
  if (outcome.kind !== 'failed') throw new Error(`it is ${outcome.kind}`);
  expect(() => call(outcome.input)).toThrow('resumed a call that is elsewhere');
  expect([...outcome.input]).toEqual([0x11, 0x32, 0x53, 0x74, 0x95, 0xb6]);
});

test('a hang behind nested conditions is found, and its input hangs again', async () => {
  const outcome = await fuzzTarget(planted('options'), run('options'));
  if (outcome.kind !== 'hung') throw new Error(`it is ${outcome.kind}`);
  expect(outcome.error).toBe('it took longer than 1 s, the limit');
  expect([...outcome.input.subarray(0, 2)]).toEqual([0xc7, 0x4e]);
  expect(outcome.input.length).toBeLessThanOrEqual(outcome.firstLength);
  expect((await replayInput(planted('options'), outcome.input, hangLimit)).kind).toBe('hung');
});

test.each(['record', 'call', 'options'] as const)('nothing is found in %s once it is mended', async (bug) => {
  const outcome = await fuzzTarget(planted(bug, '?mended'), run(bug));
  expect(outcome).toMatchObject({ kind: 'passed', samples: 0 });
  expect(outcome.kind === 'passed' && outcome.executions).toBeGreaterThanOrEqual(executions);
});

test.each(['call', 'options'] as const)('without coverage %s is not found in as many executions', async (bug) => {
  expect(await fuzzTarget(planted(bug), run(bug, { guidedBy: undefined }))).toMatchObject({
    kind: 'passed',
    executions,
  });
});

test('the same seed does the same, another seed something else', async () => {
  const target = planted('call', '?mended');
  const short = run('call', { executions: 20_000 });
  const one = await fuzzTarget(target, short);
  expect(await fuzzTarget(target, short)).toEqual(one);
  expect(await fuzzTarget(target, { ...short, seed: 2 })).not.toEqual(one);
});
