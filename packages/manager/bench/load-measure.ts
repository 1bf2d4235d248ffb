import { Redacted } from '@trustline/base';
import { type LoadResult, quantile } from '@trustline/testing';
import { LoadGenerator, type LoadPace, type LoadWork } from '@trustline/testing/node';
import type { Contender, Transport } from './load-contender.ts';
import { loadPassword, loadPhoneNames } from './load-phones.ts';

export interface LoadOptions {
  /** Of each measurement. */
  readonly seconds: number;
  /** Calls of the long run; none at 0. */
  readonly longRun: number;
  /** Told how far the long run has come. */
  readonly progress: (what: string) => void;
  /** Whether to see what becomes of twice what the server can do. */
  readonly overload: boolean;
}

/** How fast one kind of work was done, and what one of it cost the server. */
export interface Rate {
  readonly perSecond: number;
  /** Microseconds of processor time; a second of it does `perCore`. */
  readonly processor: number;
  readonly perCore: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: Readonly<Record<number, number>>;
}

export interface Cell {
  readonly transport: Transport;
  readonly devices: number;
  readonly register: Rate;
  readonly calls: Rate;
  /** At half of the calls a second that it can do. */
  readonly half: Rate;
  /** Octets of the server's memory for one of each; measured on connections, where no transaction lingers. */
  readonly memory: { readonly connection: number; readonly registration: number; readonly call: number } | undefined;
  /** Calls that were whole a second, under twice the load that it can bear, and under half of it right afterwards. */
  readonly overload:
    | {
        readonly offered: number;
        readonly goodput: number;
        readonly failed: Rate['failed'];
        readonly afterwards: Rate;
      }
    | undefined;
  readonly longRun: LongRun | undefined;
}

/** Calls in a row, and the octets of the server's memory with nothing under way: before the first, and after each tenth of them. */
export interface LongRun {
  readonly calls: number;
  readonly failed: Rate['failed'];
  readonly seconds: number;
  readonly memory: readonly number[];
}

/** REGISTERs or calls that are under way when a server is to do as much as it can. */
const atOnce = { register: 40, call: 20 } as const;
/**
 * What is done before anything is measured, as compilers and caches want to see their work first: a manager runs for months.
 * V8 goes on compiling for more than ten thousand calls, so that it is numbers that count, within these limits of time.
 */
const warmUp = { register: 20_000, call: 12_000, leastSeconds: 8, mostSeconds: 120 } as const;
/** Between two looks at how much has been done, in seconds. */
const warmUpStep = 4;
/** What is not measured is done a few at a time: a server that has just started is to refuse nobody. */
const registeredAtOnce = 10;
/** Calls held at the same time, to weigh one. */
const heldCalls = 1_000;

/** Puts a server under load with so many devices, and measures. */
export async function measureCell(
  contender: Contender,
  transport: Transport,
  devices: number,
  options: LoadOptions,
): Promise<Cell> {
  const { seconds } = options;
  const isSecure = transport === 'tls';
  const names = loadPhoneNames(isSecure ? 'secure' : 'clear', devices);
  const certificates = new Map(names.map(({ device }, at) => [device, contender.secure.certificates[at] ?? '']));
  const generator = new LoadGenerator(
    contender.target,
    isSecure
      ? {
          kind: 'tls',
          certificate: ({ device }) => ({ cert: certificates.get(device) ?? '', key: contender.secure.keyPem }),
        }
      : { kind: transport },
    { domain: '127.0.0.1', secureMedia: isSecure, talkTime: 0 },
  );
  for (const name of names) {
    generator.add(isSecure ? name : { ...name, password: new Redacted(loadPassword) });
  }
  const measure = async (work: LoadWork, pace: LoadPace, length = seconds, leadIn = 0) => {
    const before = contender.usage().processor;
    const result = await generator.run(work, pace, length, leadIn);
    return rateOf(result, contender.usage().processor - before);
  };
  const closed = (work: LoadWork): LoadPace => ({
    kind: 'closed',
    atOnce: Math.min(atOnce[work], Math.floor(devices / 2)),
  });
  const warm = async (work: LoadWork) => {
    let [done, spent] = [0, 0];
    while (spent < warmUp.leastSeconds || (done < warmUp[work] && spent < warmUp.mostSeconds)) {
      done += (await generator.run(work, closed(work), warmUpStep)).done;
      spent += warmUpStep;
    }
  };
  const idle = async () => {
    if (!(await generator.idle(40))) throw new Error('calls were left');
  };

  const before = await contender.settled();
  await generator.connect();
  const connected = await contender.settled();
  await generator.registerAll(registeredAtOnce);
  const registered = await contender.settled();
  await warm('register');
  const register = await measure('register', closed('register'));
  await warm('call');
  await idle();
  const calls = await measure('call', closed('call'));
  await idle();
  const half = await measure('call', { kind: 'open', perSecond: calls.perSecond / 2 });
  await idle();

  let memory: Cell['memory'];
  if (transport !== 'udp') {
    const unheld = await contender.settled();
    const held = Math.min(heldCalls, Math.floor(devices / 2));
    await generator.hold(held);
    const holding = await contender.settled();
    generator.hangUp();
    await idle();
    memory = {
      connection: (connected.memory - before.memory) / devices,
      registration: (registered.memory - connected.memory) / devices,
      call: (holding.memory - unheld.memory) / held,
    };
  }
  let overload: Cell['overload'];
  if (options.overload) {
    const offered = 2 * calls.perSecond;
    const beyond = await measure('call', { kind: 'open', perSecond: offered }, 2 * seconds, seconds);
    const afterwards = await measure('call', { kind: 'open', perSecond: calls.perSecond / 2 });
    overload = { offered, goodput: beyond.perSecond, failed: beyond.failed, afterwards };
    await idle();
  }
  let longRun: Cell['longRun'];
  if (options.longRun > 0) {
    const memory = [(await contender.settled()).memory];
    const failed: Record<number, number> = {};
    let [done, taken] = [0, 0];
    while (done < options.longRun) {
      const result = await generator.run('call', closed('call'), 10);
      done += result.done;
      taken += result.seconds;
      for (const [status, times] of Object.entries(result.failed))
        failed[Number(status)] = (failed[Number(status)] ?? 0) + times;
      if (done < (memory.length * options.longRun) / 10) continue;
      await idle();
      memory.push((await contender.settled()).memory);
      options.progress(`${done} calls in ${Math.round(taken)} s, ${Math.round((memory.at(-1) ?? 0) / 1e6)} MB`);
    }
    longRun = { calls: done, failed, seconds: taken, memory };
  }
  generator.close();
  return { transport, devices, register, calls, half, memory, overload, longRun };
}

function rateOf(result: LoadResult, processor: number): Rate {
  const each = (1_000 * processor) / result.done;
  return {
    perSecond: result.done / result.seconds,
    processor: each,
    perCore: 1_000_000 / each,
    p50: quantile(result, 0.5),
    p99: quantile(result, 0.99),
    failed: result.failed,
  };
}
