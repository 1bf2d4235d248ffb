import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type IpsecIdentity, makeIpsecAuthority, makeTwoNamespaces } from '@trustline/testing/node';
import type { IpsecEndSettings } from '../src/interop/ipsec-end-settings.fixture.ts';

/** Milliseconds from the beginning of a call, before its connection is opened. */
export interface SetUpDelay {
  /** Until the far end rings. */
  readonly ringing: Quantiles;
  /** Until media may go both ways: with H.245 by a connection of its own, which has a proof of its own. */
  readonly media: Quantiles;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** The same calls through the same tunnel, with both ends proving each connection and with neither. */
export interface ProofDelay {
  /** Of each kind. */
  readonly calls: number;
  readonly without: SetUpDelay;
  readonly with: SetUpDelay;
  /** What the proof adds to each quantile. */
  readonly added: SetUpDelay;
}

interface End {
  readonly child: ChildProcess;
  readonly told: Readonly<Record<string, unknown>>[];
  say(word: string): void;
}

interface SetUp {
  readonly ringing: number;
  readonly media: number;
}

const patience = 20_000;
const callMilliseconds = 400;

/**
 * Measures what the proof adds to the set-up of a call, between two network namespaces with strongSwan at both ends.
 *
 * @param calls of each kind, in turn
 * @throws {Error} without the rights of the administrator, strongSwan or nft
 */
export async function measureProof(calls: number): Promise<ProofDelay> {
  const world = makeTwoNamespaces();
  const ends: End[] = [];
  try {
    const authority = await makeIpsecAuthority();
    const [own, far] = [await authority.issue('manager.example'), await authority.issue('gw1.example')];
    const start = async (end: 'manager' | 'gateway', identity: IpsecIdentity, other: IpsecIdentity) => {
      const peer = end === 'manager' ? 'gateway' : 'manager';
      const settings: IpsecEndSettings = {
        calls: end === 'manager',
        folder: join(world.folder, end),
        address: world[end].address,
        mediaAddress: world[end].others[1],
        identity: identity.identity,
        certificate: base64(identity.certificate),
        privateKey: base64(identity.privateKey),
        authority: base64(authority.certificate),
        peer: peer === 'gateway' ? 'gw1' : 'manager',
        peerAddress: world[peer].address,
        peerIdentity: other.identity,
        sockets: 2 * calls + 10,
        callMilliseconds,
      };
      const program = new URL('../src/interop/ipsec-end.fixture.ts', import.meta.url).pathname;
      const one = hear(world.run(end, process.execPath, [program, JSON.stringify(settings)]));
      ends.push(one);
      await told(one, 'ready');
      return one;
    };
    const gateway = await start('gateway', far, own);
    const manager = await start('manager', own, far);
    await told(manager, 'hold');
    const [without, proven]: [SetUp[], SetUp[]] = [[], []];
    for (let call = 0; call < calls; call += 1) {
      without.push(await setUp(manager, gateway, 'trusts'));
      proven.push(await setUp(manager, gateway, 'proves'));
    }
    return summary(without, proven);
  } finally {
    for (const { child, say } of ends) {
      if (child.exitCode !== null) continue;
      const over = new Promise((resolve) => child.once('exit', resolve));
      say('stop');
      await Promise.race([over, delay(patience)]);
    }
    world.close();
  }
}

/** One call, when the last is over at both ends and its reading of the tunnel is as old as it may happen to be. */
async function setUp(manager: End, gateway: End, word: 'proves' | 'trusts'): Promise<SetUp> {
  for (const end of [gateway, manager]) {
    end.told.length = 0;
    end.say(word);
    await told(end, 'proves');
  }
  await delay(Math.random() * 300);
  manager.say('call');
  const [rang, opened] = [await told(manager, 'rang'), await told(manager, 'opened')];
  await told(manager, 'ended');
  await told(gateway, 'ended');
  return { ringing: Number(rang['after']), media: Number(opened['after']) };
}

function hear(child: ChildProcess): End {
  const told: Readonly<Record<string, unknown>>[] = [];
  child.stderr?.on('data', (octets) => told.push({ said: String(octets) }));
  if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line)));
  return { child, told, say: (word) => void child.stdin?.write(`${word}\n`) };
}

async function told(end: End, what: string): Promise<Readonly<Record<string, unknown>>> {
  return await eventually(what, () => {
    if (end.child.exitCode !== null) throw new Error(JSON.stringify(end.told.slice(-5)));
    return end.told.find((one) => what in one);
  });
}

function summary(without: readonly SetUp[], proven: readonly SetUp[]): ProofDelay {
  const [before, after] = [delays(without), delays(proven)];
  const less = (one: Quantiles, other: Quantiles) => ({ p50: one.p50 - other.p50, p99: one.p99 - other.p99 });
  const added = { ringing: less(after.ringing, before.ringing), media: less(after.media, before.media) };
  return { calls: proven.length, without: before, with: after, added };
}

function delays(setUps: readonly SetUp[]): SetUpDelay {
  return {
    ringing: quantiles(setUps.map(({ ringing }) => ringing)),
    media: quantiles(setUps.map(({ media }) => media)),
  };
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

const base64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64');
