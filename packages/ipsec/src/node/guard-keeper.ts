import { execFile } from 'node:child_process';
import { IpsecError } from '../error.ts';
import { guardNormalForm, readGuard } from '../guard/reading.ts';
import { type GuardedPeer, type GuardPlan, guardScript, removalScript } from '../guard/ruleset.ts';
import type { ClearPackets, GuardReading, GuardRepairs } from '../proof.ts';
import { HeldGuard } from './held-guard.ts';
import { NftSession } from './nft-session.ts';

const NFT_TIMEOUT_MS = 2_000;

/** What the tunnels need of the guard, whether it is kept in this process or by the privileged helper. */
export interface GuardAccess {
  /** Closes these beside those that are closed already; it is done when this resolves. Throws `IpsecError`. */
  protect(peers: readonly GuardedPeer[]): Promise<void>;
  /** Opens the address of a gateway that has no tunnel any more. */
  release(connection: string): Promise<void>;
  /** What the guard is now. Never throws: a guard that cannot be read is not in place. */
  read(): Promise<GuardReading>;
}

type Counters = Extract<GuardReading, { inPlace: true }>;

/** Installs the guard by nft and reads it back. */
export class GuardKeeper implements GuardAccess {
  readonly #base: Omit<GuardPlan, 'peers'>;
  readonly #networkNamespace: string | undefined;
  readonly #session: NftSession;
  readonly #second: HeldGuard;
  #secondProblem: string | undefined;
  #peers: readonly GuardedPeer[] = [];
  #installed: { readonly plan: GuardPlan; readonly normalForm: string } | undefined;
  /** What was counted before the guard was put in place anew, which begins its counters at zero. */
  #earlier: Pick<Counters, 'dropped' | 'probes'> = { dropped: new Map(), probes: new Map() };
  #last: Counters | undefined;
  #repairs: GuardRepairs | undefined;
  #changing: Promise<unknown> = Promise.resolve();

  /** `networkNamespace` as for the daemon. */
  constructor(base: Omit<GuardPlan, 'peers'>, networkNamespace?: string) {
    this.#base = base;
    this.#networkNamespace = networkNamespace;
    this.#session = new NftSession(networkNamespace);
    this.#second = new HeldGuard(networkNamespace);
  }

  /** What is closed. */
  get peers(): readonly GuardedPeer[] {
    return this.#peers;
  }

  async protect(peers: readonly GuardedPeer[]): Promise<void> {
    await this.#inTurn(async () => {
      const named = new Set(peers.map(({ connection }) => connection));
      const wanted = [...this.#peers.filter(({ connection }) => !named.has(connection)), ...peers];
      const isSame = JSON.stringify(sorted(wanted)) === JSON.stringify(sorted(this.#peers));
      if (isSame && this.#installed !== undefined && (await this.#readNow()).inPlace) return;
      await this.#install(wanted);
    });
  }

  async release(connection: string): Promise<void> {
    await this.#inTurn(() => this.#install(this.#peers.filter((peer) => peer.connection !== connection)));
  }

  /** Puts the guard in place again as it should be, where somebody changed it or took it away. */
  async repair(): Promise<void> {
    await this.#inTurn(async () => {
      if (!(await this.#readNow()).inPlace) await this.#install(this.#peers);
      else if (!this.#second.isHeld) await this.#hold({ ...this.#base, peers: this.#peers });
    });
  }

  /** Whether the second table stands behind the first; without it the guard is as good as its first table. */
  get hasSecond(): boolean {
    return this.#second.isHeld;
  }

  /** Why there is no second table. */
  get secondProblem(): string | undefined {
    return this.#second.isHeld ? undefined : this.#secondProblem;
  }

  /** Probes to a gateway that the guard stopped, by either table. */
  async probesStopped(connection: string): Promise<number> {
    const first = await this.read();
    const tables = [first.inPlace ? first : undefined, await this.#second.read()];
    return tables.reduce((sum, one) => sum + (one?.probes.get(connection)?.outbound ?? 0), 0);
  }

  async read(): Promise<GuardReading> {
    // While it is being put in place anew it is neither the old one nor the new one.
    await this.#changing;
    const reading = await this.#readNow();
    return this.#repairs === undefined ? reading : { ...reading, repairs: this.#repairs };
  }

  /** Takes it away; to be done last, when the tunnels are gone and nothing will be sent any more. */
  async remove(): Promise<void> {
    await this.#inTurn(async () => {
      this.#second.close();
      await this.#run(removalScript(this.#base.table));
      this.#installed = undefined;
      this.#peers = [];
    });
  }

  /** Runs a script of nft with the rights that this has. Throws `ipsec.guard`. */
  async run(script: string): Promise<void> {
    await this.#run(script);
  }

  /** What a table of nft holds, as JSON; undefined where there is none. Throws `ipsec.guard`. */
  async list(table: string): Promise<string | undefined> {
    return await this.#session.list(table);
  }

  /** Ends what was started for the reading; the guard itself stays where it is. */
  close(): void {
    this.#session.close();
    this.#second.close();
  }

  async #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => {});
    await turn;
  }

  /** In place of an older one, in one step: there is no moment without. Where that was not as it should be, it is a repair. */
  async #install(peers: readonly GuardedPeer[]): Promise<void> {
    const plan = { ...this.#base, peers };
    const script = guardScript(plan);
    const before = this.#installed === undefined ? undefined : await this.#readNow();
    const seenAt = Date.now();
    const counted = before?.inPlace === true ? before : this.#last;
    await this.#run(script);
    if (counted !== undefined) this.#earlier = counted;
    await this.#hold(plan);
    this.#peers = peers;
    const listing = await this.#session.list(plan.table);
    const normalForm = listing === undefined ? undefined : guardNormalForm(listing);
    if (normalForm === undefined) throw unusable('The guard was installed and cannot be read back');
    this.#installed = { plan, normalForm };
    const reading = readGuard(plan, listing, normalForm);
    if (!reading.inPlace) throw unusable(`The guard was installed and is not whole: ${reading.problem}`);
    if (before?.inPlace !== false) return;
    this.#repairs = { count: (this.#repairs?.count ?? 0) + 1, problem: before.problem, at: seenAt };
  }

  /** What the second stopped while the first was away counts as well; it begins at zero, too. */
  async #hold(plan: GuardPlan): Promise<void> {
    const stopped = await this.#second.read();
    if (stopped !== undefined) {
      const { dropped, probes } = this.#earlier;
      this.#earlier = { dropped: sumOf(stopped.dropped, dropped), probes: sumOf(stopped.probes, probes) };
    }
    try {
      await this.#second.hold(plan);
      this.#secondProblem = undefined;
    } catch (error) {
      if (!(error instanceof IpsecError)) throw error;
      this.#secondProblem = error.message;
    }
  }

  async #readNow(): Promise<GuardReading> {
    if (this.#installed === undefined) return { inPlace: false, problem: 'it was not installed' };
    const { plan, normalForm } = this.#installed;
    try {
      const reading = readGuard(plan, await this.#session.list(plan.table), normalForm);
      if (!reading.inPlace) return reading;
      this.#last = {
        ...reading,
        dropped: sumOf(reading.dropped, this.#earlier.dropped),
        probes: sumOf(reading.probes, this.#earlier.probes),
      };
      return this.#last;
    } catch (error) {
      return { inPlace: false, problem: error instanceof IpsecError ? error.message : 'nft cannot be run' };
    }
  }

  async #run(script: string): Promise<void> {
    const within = this.#networkNamespace === undefined ? [] : ['ip', 'netns', 'exec', this.#networkNamespace];
    const [command = 'nft', ...parameters] = [...within, 'nft', '-f', '-'];
    await new Promise<void>((resolve, reject) => {
      const child = execFile(command, parameters, { timeout: NFT_TIMEOUT_MS }, (error, _, complaint) => {
        if (error === null) resolve();
        else reject(unusable('nft refused', complaint.trim() === '' ? error.message : complaint.trim()));
      });
      child.stdin?.on('error', () => {});
      child.stdin?.end(script);
    });
  }
}

function sorted(peers: readonly GuardedPeer[]): readonly GuardedPeer[] {
  return [...peers].sort((one, other) => (one.connection < other.connection ? -1 : 1));
}

function sumOf(
  now: ReadonlyMap<string, ClearPackets>,
  earlier: ReadonlyMap<string, ClearPackets>,
): ReadonlyMap<string, ClearPackets> {
  return new Map(
    [...now].map(([name, { inbound, outbound }]) => {
      const before = earlier.get(name) ?? { inbound: 0, outbound: 0 };
      return [name, { inbound: inbound + before.inbound, outbound: outbound + before.outbound }];
    }),
  );
}

function unusable(message: string, detail?: string): IpsecError {
  return new IpsecError('ipsec.guard', detail === undefined ? message : `${message}: ${detail.split('\n')[0]}`, {
    nextStep: 'install nftables, and run this with the rights of the administrator (CAP_NET_ADMIN)',
    ...(detail === undefined ? {} : { detail }),
  });
}
