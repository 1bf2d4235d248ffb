/**
 * SRTP beside that of others, in one run and in turn: `npm run bench -- srtp`, `--help` for options.
 *
 * libsrtp as Debian builds it, what an SRTP on OpenSSL 3 could reach, werift-rtp of npm, and SRTP as one writes it on
 * node:crypto at first. Everybody first proves to make the same packets.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileDriver, contenderProcess, DrivenContender } from './drivers/driver.ts';
import { kernelTargets } from './kernel-targets.ts';
import { type Cell, measureCell } from './measure.ts';
import type { Allocations, Footprint } from './memory.ts';
import { nodeCryptoContenders } from './node-crypto.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { ours } from './ours.ts';
import { json, LIBSRTP, memoryTable, OPENSSL, type OurMemory, type Result, ratios, table } from './report.ts';
import { runTiming, timingOptions } from './timing.ts';
import { timingTargets } from './timing-targets.ts';
import { installCompetitors, weriftContenders } from './werift.ts';

/** Streams that are opened to be weighed. */
const WEIGHED = 5_000;

async function run(): Promise<void> {
  const timing = timingOptions(process.argv.slice(2));
  if (timing !== undefined) {
    process.exitCode = runTiming([...timingTargets, ...kernelTargets], timing);
    return;
  }
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) return console.log(usage);
  const folder = mkdtempSync(join(tmpdir(), 'trustline-srtp-bench-'));
  const contenders: DrivenContender[] = [];
  try {
    contenders.push(...start(folder, options));
    await compare(contenders, options);
  } finally {
    for (const contender of contenders) contender.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(contenders: readonly DrivenContender[], { cells, effort, json: asJson }: BenchOptions) {
  const say = asJson ? console.error : console.log;
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
  say(`${machine.cpu}, ${machine.cores} cores; Node.js ${machine.node}`);
  const descriptions: Record<string, string> = {};
  for (const contender of contenders) {
    descriptions[contender.name] = await contender.describe();
    say(`  ${contender.name.padEnd(26)}${descriptions[contender.name]}`);
  }

  const results: Result[] = [];
  for (const row of rowsOf(cells)) {
    const measured: Result[] = [];
    for (const cell of row) {
      const able = await those(contenders, cell.profile);
      measured.push({ cell, measured: await measureCell(able, cell, effort) });
    }
    results.push(...measured);
    say(table(measured));
  }

  const memories: OurMemory[] = [];
  for (const profile of new Set(cells.map((cell) => cell.profile))) {
    const own = (await those(contenders, profile)).filter(({ name }) => Object.hasOwn(ours, name));
    for (const { name } of own) memories.push(await weigh(name, profile));
  }
  if (asJson) return console.log(json(machine, descriptions, results, memories));
  console.log(`${memoryTable(memories)}\n`);
  console.log(
    'Time a packet, ours divided by theirs (below 1 ours is faster; no build has tables: GCM stands for both):',
  );
  for (const [name, ratio] of Object.entries(ratios(results))) console.log(`  ${name}: ${ratio ?? 'not measured'}`);
}

/** Everybody that can be had, ours first; who is missing is named, and the others go on without. */
function start(folder: string, { isWanted }: BenchOptions): DrivenContender[] {
  const starters: Record<string, () => DrivenContender> = {};
  for (const name of Object.keys(ours)) starters[name] = () => contenderProcess(name);
  starters[LIBSRTP] = () => new DrivenContender(LIBSRTP, compileDriver('libsrtp', folder));
  starters[OPENSSL] = () => new DrivenContender(OPENSSL, compileDriver('openssl', folder));
  for (const name of Object.keys(weriftContenders)) {
    starters[name] = () => {
      installCompetitors(console.error);
      return contenderProcess(name);
    };
  }
  for (const name of Object.keys(nodeCryptoContenders)) starters[name] = () => contenderProcess(name);
  return Object.entries(starters).flatMap(([name, starter]) => {
    if (!isWanted(name)) return [];
    try {
      return [starter()];
    } catch (error) {
      console.error(`without ${name}: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  });
}

/** Those who perform this profile. */
async function those(contenders: readonly DrivenContender[], profile: string): Promise<DrivenContender[]> {
  const able: DrivenContender[] = [];
  for (const contender of contenders) {
    if (await contender.performs(profile)) able.push(contender);
  }
  return able;
}

/** Cells that differ in the number of streams alone are one table. */
function rowsOf(cells: readonly Cell[]): Cell[][] {
  const rows = Map.groupBy(cells, ({ profile, direction, octets }) => `${profile} ${direction} ${octets}`);
  return [...rows.values()];
}

/** In processes of their own, so that nothing from before is in the way. */
async function weigh(contender: string, profile: string): Promise<OurMemory> {
  const fresh = async <T>(ask: (process: DrivenContender) => Promise<T>): Promise<T> => {
    const process = contenderProcess(contender);
    try {
      return await ask(process);
    } finally {
      process.close();
    }
  };
  const allocated = (direction: 'protect' | 'unprotect') =>
    fresh(async (process) => {
      await process.setup(profile, 1, 172);
      for (let warming = 0; warming < 100; warming++) await process.slice(direction, 4_000);
      return JSON.parse(await process.ask(`allocations ${direction}`)) as Allocations;
    });
  const held = (direction: 'protect' | 'unprotect') =>
    fresh(
      async (process) => JSON.parse(await process.ask(`footprint ${direction} ${profile} ${WEIGHED}`)) as Footprint,
    );
  const [sender, both] = [await held('protect'), await held('unprotect')];
  return {
    contender,
    profile,
    allocations: { protect: await allocated('protect'), unprotect: await allocated('unprotect') },
    sender,
    // Receivers are opened with the senders that feed them.
    receiver: {
      heap: both.heap - sender.heap,
      external: both.external - sender.external,
      resident: both.resident - sender.resident,
    },
  };
}

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
