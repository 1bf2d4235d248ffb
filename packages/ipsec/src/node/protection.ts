import { setTimeout as delay } from 'node:timers/promises';
import { type IkeAssociation, readAssociations } from '../association.ts';
import { IpsecError } from '../error.ts';
import type { GuardPlan } from '../guard/ruleset.ts';
import {
  baselineOf,
  type CounterBaseline,
  judgeProtection,
  MAX_READING_AGE_MS,
  type Proof,
  type ProtectionReading,
  type SignallingConnection,
} from '../proof.ts';
import { Tunnel, type TunnelEvent, type TunnelState } from '../tunnel.ts';
import {
  CHILD_NAME,
  connectionMessage,
  type EspStack,
  protectedPeer,
  sharedKeyMessage,
  type TunnelConfiguration,
} from '../tunnel-configuration.ts';
import { sectionsOf } from '../vici/message.ts';
import type { GuardKeeper } from './guard-keeper.ts';
import { ViciConnection } from './vici-connection.ts';

/** Nothing waits longer for a proof. */
const PROOF_PATIENCE_MS = 2_000;
const PROOF_PAUSE_MS = 60;
const RECONNECT_MS = 1_000;

/** Events of the daemon that tell us to look; what is true is read afterwards. */
const hints = ['ike-updown', 'child-updown', 'ike-rekey', 'child-rekey'] as const;

export interface ProtectionOptions {
  readonly viciSocket: string;
  readonly stack: EspStack;
  readonly tunnels: readonly TunnelConfiguration[];
  /** DER of the key of `localCertificate`; undefined where every gateway uses a pre-shared key. */
  readonly privateKey: Uint8Array | undefined;
  /** DER of the authorities that the certificates were issued by. */
  readonly authorities: readonly Uint8Array[];
  readonly guard: GuardKeeper;
  readonly guardPlan: GuardPlan;
  /** False at the end that waits to be called: both ends initiating makes two associations. */
  readonly initiates: boolean;
  readonly onEvent: (event: TunnelEvent) => void;
}

export interface TunnelStatus {
  readonly connection: string;
  readonly profile: 'standard' | 'legacy';
  readonly state: TunnelState;
  /** Milliseconds since it came up. */
  readonly upFor: number | undefined;
  readonly associations: readonly IkeAssociation[];
}

/**
 * The tunnels of one node: loads them into the daemon, keeps them up, and answers, per call, whether a key may leave.
 * The guard is in place and the routes are trapped before the first tunnel is asked for.
 */
export class Protection {
  readonly #options: ProtectionOptions;
  readonly #tunnels: ReadonlyMap<string, Tunnel>;
  #commands: ViciConnection | undefined;
  #events: ViciConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: { readonly startedAt: number; readonly result: Promise<ProtectionReading> } | undefined;
  #stopped = false;

  private constructor(options: ProtectionOptions) {
    this.#options = options;
    this.#tunnels = new Map(
      options.tunnels.map((tunnel) => [tunnel.name, new Tunnel(protectedPeer(tunnel), Math.random)] as const),
    );
  }

  /** Installs the guard, then loads the tunnels. Throws `IpsecError`; then the guard stays where it is. */
  static async start(options: ProtectionOptions): Promise<Protection> {
    await options.guard.install(options.guardPlan);
    const protection = new Protection(options);
    await protection.#connect();
    return protection;
  }

  /** Ends the tunnels; the guard is left in place until `guard.remove()`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const name of this.#tunnels.keys()) {
      await this.#commands?.request('terminate', { ike: name, timeout: 2_000 }, { timeout: 3_000 }).catch(() => {});
    }
    this.#disconnect();
  }

  async status(): Promise<readonly TunnelStatus[]> {
    const { associations } = await this.reading();
    const now = performance.now();
    return this.#options.tunnels.map(({ name, profile }) => {
      const tunnel = this.#tunnels.get(name);
      const since = tunnel?.upSince;
      return {
        connection: name,
        profile,
        state: tunnel?.state ?? 'stopped',
        upFor: since === undefined ? undefined : now - since,
        associations: 'unreadable' in associations ? [] : associations.filter((one) => one.connection === name),
      };
    });
  }

  /** What is true now: one reading at a time, and the one of the last quarter of a second serves whoever asks. */
  async reading(): Promise<ProtectionReading> {
    return await this.#readingNotBefore(performance.now() - MAX_READING_AGE_MS / 2);
  }

  /** The counters before a connection's signalling begins, as they are now and not a moment ago. */
  async baseline(connection: string): Promise<CounterBaseline> {
    return baselineOf(await this.#readingNotBefore(performance.now()), connection);
  }

  /**
   * Whether a key may leave over this connection. Asks again for up to 2 s while it may not, since a tunnel may be coming
   * up and counters take a moment; the last answer stands.
   */
  async prove(
    gateway: string,
    signalling: SignallingConnection,
    before: CounterBaseline,
    octetsSent: number,
  ): Promise<Proof> {
    const tunnel = this.#options.tunnels.find(({ name }) => name === gateway);
    if (tunnel === undefined) {
      throw new IpsecError('ipsec.setting', `${gateway} is not a protected gateway`, { nextStep: 'add its tunnel' });
    }
    const question = { peer: protectedPeer(tunnel), signalling, before, octetsSent };
    const until = performance.now() + PROOF_PATIENCE_MS;
    for (;;) {
      const reading = await this.reading();
      const proof = judgeProtection(performance.now(), reading, question);
      if (proof.proven || performance.now() + PROOF_PAUSE_MS > until) return proof;
      await delay(PROOF_PAUSE_MS);
    }
  }

  async #readingNotBefore(earliest: number): Promise<ProtectionReading> {
    const last = this.#reading;
    if (last !== undefined && last.startedAt >= earliest) return await last.result;
    const startedAt = performance.now();
    // One at a time: whoever comes while it runs and asked for no later one shares it.
    this.#reading = { startedAt, result: this.#read(startedAt) };
    return await this.#reading.result;
  }

  async #read(takenAt: number): Promise<ProtectionReading> {
    const [associations, guard] = await Promise.all([this.#readAssociations(), this.#options.guard.read()]);
    return { takenAt, associations, guard };
  }

  async #readAssociations(): Promise<ProtectionReading['associations']> {
    if (this.#commands === undefined) return { unreadable: 'the IKE daemon is gone' };
    try {
      const answer = await this.#commands.request('list-sas', { noblock: true }, { stream: 'list-sa' });
      return answer.streamed.flatMap(readAssociations);
    } catch (error) {
      return { unreadable: error instanceof Error ? error.message : 'the IKE daemon cannot be read' };
    }
  }

  async #connect(): Promise<void> {
    const { viciSocket } = this.#options;
    const commands = await ViciConnection.open(viciSocket);
    const events = await ViciConnection.open(viciSocket);
    this.#commands = commands;
    this.#events = events;
    commands.onFailed = events.onFailed = () => this.#lost(commands);
    events.onEvent = (_, message) => {
      for (const { name } of sectionsOf(message)) this.#tunnels.get(name)?.hint(performance.now());
      this.#run();
    };
    try {
      for (const hint of hints) await events.register(hint);
      await this.#load(commands);
    } catch (error) {
      this.#lost(commands);
      throw error;
    }
    if (this.#options.initiates) for (const tunnel of this.#tunnels.values()) tunnel.start(performance.now());
    this.#run();
  }

  /** All is loaded anew: what an earlier run of ours left in the daemon is not what the configuration says now. */
  async #load(commands: ViciConnection): Promise<void> {
    const { authorities, privateKey, tunnels, stack } = this.#options;
    await commands.request('clear-creds');
    for (const data of authorities) await commands.request('load-cert', { type: 'X509', flag: 'CA', data });
    if (privateKey !== undefined) await commands.request('load-key', { type: 'any', data: privateKey });
    for (const tunnel of tunnels) {
      const shared = sharedKeyMessage(tunnel);
      if (shared !== undefined) await commands.request('load-shared', shared);
      // An association that is there keeps the configuration under which it was made: it has to go.
      await commands.request('terminate', { ike: tunnel.name, timeout: 2_000 }, { timeout: 3_000 }).catch(nothingToEnd);
      await commands.request('load-conn', connectionMessage(tunnel, stack), { timeout: 2_000 });
    }
  }

  #lost(connection: ViciConnection): void {
    if (connection !== this.#commands) return;
    this.#disconnect();
    for (const tunnel of this.#tunnels.values()) tunnel.daemonLost(performance.now());
    this.#run();
    if (!this.#stopped) this.#reconnectLater();
  }

  #reconnectLater(): void {
    setTimeout(() => {
      if (this.#stopped || this.#commands !== undefined) return;
      this.#connect().catch(() => this.#reconnectLater());
    }, RECONNECT_MS).unref();
  }

  #disconnect(): void {
    const [commands, events] = [this.#commands, this.#events];
    this.#commands = undefined;
    this.#events = undefined;
    this.#reading = undefined;
    commands?.close();
    events?.close();
  }

  #run(): void {
    for (const [name, tunnel] of this.#tunnels) {
      for (let output = tunnel.poll(); output !== undefined; output = tunnel.poll()) {
        switch (output.kind) {
          case 'event':
            this.#options.onEvent(output.event);
            break;
          case 'look':
            void this.#look(tunnel);
            break;
          case 'initiate':
            void this.#initiate(name, tunnel, output.timeout);
            break;
        }
      }
    }
    this.#arm();
  }

  async #look(tunnel: Tunnel): Promise<void> {
    const { associations } = await this.#readingNotBefore(performance.now());
    tunnel.observe(performance.now(), 'unreadable' in associations ? undefined : associations);
    this.#run();
  }

  async #initiate(name: string, tunnel: Tunnel, timeout: number): Promise<void> {
    // A connection of its own: while it waits for the far end no call has to wait for its proof.
    let failure: string | undefined;
    try {
      const connection = await ViciConnection.open(this.#options.viciSocket);
      try {
        await connection.request(
          'initiate',
          { ike: name, child: CHILD_NAME, timeout, loglevel: -1 },
          { timeout: timeout + 1_000 },
        );
      } finally {
        connection.close();
      }
    } catch (error) {
      failure = error instanceof Error ? error.message : 'the IKE daemon cannot be asked';
    }
    tunnel.initiated(performance.now(), failure);
    this.#run();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const dues = [...this.#tunnels.values()].flatMap((tunnel) => tunnel.nextDeadline() ?? []);
    if (this.#stopped || dues.length === 0) return;
    this.#timer = setTimeout(
      () => {
        for (const tunnel of this.#tunnels.values()) tunnel.timeout(performance.now());
        this.#run();
      },
      Math.max(0, Math.min(...dues) - performance.now()),
    ).unref();
  }
}

function nothingToEnd(error: unknown): void {
  // `terminate` says "no matching SAs to terminate found" where there is none, which is how it should be.
  if (!(error instanceof IpsecError && error.code === 'ipsec.refused')) throw error;
}
