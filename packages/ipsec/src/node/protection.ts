import { setTimeout as delay } from 'node:timers/promises';
import { type IkeAssociation, readAssociations } from '../association.ts';
import { IpsecError } from '../error.ts';
import type { GuardedPeer } from '../guard/ruleset.ts';
import { type GuardEvent, GuardWatch } from '../guard/watch.ts';
import { type InitiationFailure, initiationFailure } from '../initiation-failure.ts';
import {
  baselineOf,
  type CounterBaseline,
  type GuardReading,
  judgeProtection,
  MAX_READING_AGE_MS,
  type Proof,
  type ProofFailure,
  type ProtectionReading,
  type SignallingConnection,
  unprotected,
} from '../proof.ts';
import { type HoldOutput, ProtectionHold } from '../protection-hold.ts';
import { Tunnel, type TunnelEvent, type TunnelState } from '../tunnel.ts';
import {
  CHILD_NAME,
  connectionMessage,
  type EspStack,
  protectedPeer,
  sharedKeyMessage,
  type TunnelConfiguration,
} from '../tunnel-configuration.ts';
import { encodeViciMessage, sectionsOf, textAt, type ViciMessage } from '../vici/message.ts';
import type { GuardAccess } from './guard-keeper.ts';
import { ViciConnection } from './vici-connection.ts';

/** Nothing waits longer for a proof. */
const PROOF_PATIENCE_MS = 2_000;
/** Between readings: a packet is counted within a moment, a tunnel comes up in many; each pause is twice the last. */
const PROOF_PAUSE_MS = { first: 1, longest: 64 } as const;
/** A reading takes some milliseconds; behind one that takes longer than this nobody waits for the next. */
const READING_PATIENCE_MS = 300;
const RECONNECT_MS = 1_000;
/** Between two looks at the guard while no call asks. */
const GUARD_LOOK_MS = { inPlace: 1_000, gone: 100 } as const;

/** The last pause before a reading that shows all is given up; the pauses are 1, 2, 4 ms and so on. */
const LONGEST_BUSY_MS = 32;

/** Lines that the daemon writes while it tries once. */
const MAX_LOG_LINES = 200;

/** Events of the daemon that tell us to look; what is true is read afterwards. */
const hints = ['ike-updown', 'child-updown', 'ike-rekey', 'child-rekey'] as const;

export interface ProtectionOptions {
  readonly viciSocket: string;
  readonly stack: EspStack;
  readonly credentials: TunnelCredentials;
  readonly guard: GuardAccess;
  /** False at the end that waits to be called: both ends initiating makes two associations. */
  readonly initiates: boolean;
  /** Milliseconds for which media that are keyed go on while their gateway is not protected. */
  readonly mediaPatience: number;
  readonly onEvent: (event: ProtectionEvent) => void;
  readonly onHold: (gateway: string, output: HoldOutput) => void;
}

/** What the ends of tunnels show and believe; all DER. */
export interface TunnelCredentials {
  /** The key of the certificates that are shown; undefined where every tunnel uses a pre-shared key. */
  readonly privateKey: Uint8Array | undefined;
  /** The authorities by which far ends are believed. */
  readonly authorities: readonly Uint8Array[];
  /** Lists of what these have revoked. */
  readonly revocationLists?: readonly Uint8Array[];
}

export type ProtectionEvent =
  | TunnelEvent
  | GuardEvent
  /** Neither tunnels nor guard can be seen to; it is tried again every second. Told once until it works. */
  | { readonly kind: 'ipsec-unreachable'; readonly reason: string; readonly nextStep: string | undefined };

/** A tunnel, and what may go beside it. */
export interface ProtectedTunnel {
  readonly tunnel: TunnelConfiguration;
  readonly mediaPorts?: GuardedPeer['mediaPorts'];
}

interface Held {
  tunnel: TunnelConfiguration;
  readonly mediaPorts?: GuardedPeer['mediaPorts'];
  readonly machine: Tunnel;
  readonly hold: ProtectionHold;
  /** What the daemon has of it from us, so that nothing is torn down which is as it should be. */
  loaded?: Uint8Array;
  lastCause: string;
  /** Why it did not come up when it was tried last. */
  lastFailure?: InitiationFailure;
}

interface Reading {
  readonly startedAt: number;
  isRunning: boolean;
  readonly result: Promise<ProtectionReading>;
}

export interface TunnelStatus {
  readonly connection: string;
  readonly tunnel: TunnelConfiguration;
  readonly state: TunnelState;
  readonly isProtected: boolean;
  /** Milliseconds since it came up. */
  readonly upFor: number | undefined;
  readonly associations: readonly IkeAssociation[];
  /** Why it did not come up when it was tried last; undefined where it did. */
  readonly lastFailure: InitiationFailure | undefined;
}

/**
 * The tunnels of one node: loads them into the daemon, keeps them up, and answers, per call, whether a key may leave.
 * The guard is in place and the routes are trapped before the first tunnel is asked for.
 */
export class Protection {
  readonly #options: ProtectionOptions;
  readonly #tunnels = new Map<string, Held>();
  readonly #watch = new GuardWatch();
  #credentials: TunnelCredentials;
  #commands: ViciConnection | undefined;
  #events: ViciConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #guardTimer: NodeJS.Timeout | undefined;
  #unreachable: string | undefined;
  #reading: Reading | undefined;
  /** What is read when that is done, for all who came while it ran and want to see what is later. */
  #next: Promise<ProtectionReading> | undefined;
  #stopped = false;

  private constructor(options: ProtectionOptions) {
    this.#options = options;
    this.#credentials = options.credentials;
  }

  /**
   * Closes the guard, then loads the tunnels. Where that cannot be done it is told as an event and tried again, for ever:
   * until it is done nothing is proven. Throws `ipsec.setting` for a tunnel that cannot be as it is written.
   */
  static async start(options: ProtectionOptions, tunnels: readonly ProtectedTunnel[]): Promise<Protection> {
    const protection = new Protection(options);
    for (const one of tunnels) protection.#hold(one);
    await protection.#reconnect();
    await protection.#lookAtGuard();
    return protection;
  }

  /** Adds a tunnel, or changes one of that name: its guard first. */
  async add(one: ProtectedTunnel): Promise<void> {
    if (this.#tunnels.has(one.tunnel.name)) await this.#unload(one.tunnel.name);
    const held = this.#hold(one);
    // Without a connection it is done when there is one.
    if (this.#commands === undefined) return;
    await this.#options.guard.protect([guardedPeer(held)]);
    await this.#load(this.#commands, held);
    held.machine.start(performance.now());
    this.#run();
  }

  /**
   * Shows and believes these from now on, each tunnel as it is given here. Those that use certificates are made anew, so
   * that each end is judged anew.
   */
  async renew(credentials: TunnelCredentials, tunnels: readonly ProtectedTunnel[]): Promise<void> {
    this.#credentials = credentials;
    for (const { tunnel } of tunnels) {
      const held = this.#tunnels.get(tunnel.name);
      if (held !== undefined) held.tunnel = tunnel;
    }
    const commands = this.#commands;
    if (commands === undefined) return;
    await this.#loadCredentials(commands);
    for (const held of this.#tunnels.values()) {
      if (held.tunnel.authentication.kind === 'certificate') delete held.loaded;
      await this.#load(commands, held);
      held.machine.hint(performance.now());
    }
    this.#run();
  }

  /** Takes a tunnel away, and at last its guard. */
  async remove(name: string): Promise<void> {
    await this.#unload(name);
    await this.#options.guard.release(name);
  }

  /** Ends the tunnels; the guard is left in place until `guard.remove()`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#guardTimer);
    for (const name of this.#tunnels.keys()) {
      await this.#commands?.request('terminate', { ike: name, timeout: 2_000 }, { timeout: 3_000 }).catch(() => {});
    }
    this.#disconnect();
  }

  /** Of one reading, by default one that begins now. */
  async status(reading?: ProtectionReading): Promise<readonly TunnelStatus[]> {
    const { associations } = reading ?? (await this.reading());
    const now = performance.now();
    // What is shown and what is done about it are of one reading.
    for (const { machine } of this.#tunnels.values()) {
      machine.observe(now, 'unreadable' in associations ? undefined : associations);
    }
    this.#run();
    return [...this.#tunnels].map(([name, { tunnel, machine, hold, lastFailure }]) => {
      const since = machine.upSince;
      return {
        connection: name,
        tunnel,
        state: machine.state,
        isProtected: hold.isProtected,
        upFor: since === undefined ? undefined : now - since,
        lastFailure,
        associations: 'unreadable' in associations ? [] : associations.filter((one) => one.connection === name),
      };
    });
  }

  /** What is true now, and not a moment ago: for people, who may just have changed something. */
  async reading(): Promise<ProtectionReading> {
    return await this.#wholeReading([...this.#tunnels]);
  }

  /**
   * A reading that begins now and shows each of these that is up: the daemon leaves out, for some milliseconds, what it
   * works on. Where one stays away, the last reading.
   */
  async #wholeReading(tunnels: readonly (readonly [string, Held])[]): Promise<ProtectionReading> {
    for (let pause = 1; ; pause *= 2) {
      const reading = await this.#readingNotBefore(performance.now());
      const { associations } = reading;
      if ('unreadable' in associations || pause > LONGEST_BUSY_MS) return reading;
      const shown = new Set(associations.map(({ connection }) => connection));
      if (tunnels.every(([name, { machine }]) => machine.state !== 'up' || shown.has(name))) return reading;
      await delay(pause);
    }
  }

  /** The counters before a connection's signalling begins, as they are now and not a moment ago. */
  async baseline(connection: string): Promise<CounterBaseline> {
    const held = this.#tunnels.get(connection);
    // Counters that were not shown would count as nothing, and whatever went before as what this connection sent.
    return baselineOf(await this.#wholeReading(held === undefined ? [] : [[connection, held]]), connection);
  }

  /**
   * Whether a key may leave over this connection. A reading of a moment ago will do where it shows that; else one is taken
   * at once, and again for up to 2 s, since a tunnel may be coming up and counters take a moment; the last answer stands.
   */
  async prove(
    gateway: string,
    signalling: SignallingConnection,
    before: CounterBaseline,
    octetsSent: number,
  ): Promise<Proof> {
    const tunnel = this.#tunnels.get(gateway)?.tunnel;
    if (tunnel === undefined) return unprotected(gateway);
    const question = { peer: protectedPeer(tunnel), signalling, before, octetsSent };
    const asked = performance.now();
    const until = asked + PROOF_PATIENCE_MS;
    let notBefore = asked - MAX_READING_AGE_MS / 2;
    let pause: number = PROOF_PAUSE_MS.first;
    let said: Proof | undefined;
    for (;;) {
      const reading = await this.#readingWithin(notBefore, Math.max(1, until - performance.now()));
      const isLate = reading === undefined;
      const judged = judgeProtection(performance.now(), reading ?? unreadable(performance.now()), question);
      // What came too late says nothing of the gateway: what was found before it is the reason.
      const proof = isLate || isTooOld(judged) ? (said ?? judged) : judged;
      said = proof;
      if (isLate) return proof;
      if (proof.proven || isFinal(proof.failure) || performance.now() + pause > until) return proof;
      // What was read before the connection was there has not counted it.
      if (reading.takenAt >= asked) {
        await delay(pause);
        pause = Math.min(2 * pause, PROOF_PAUSE_MS.longest);
      }
      notBefore = performance.now();
    }
  }

  /** Undefined for one that does not come in time: it has shown nothing. */
  async #readingWithin(notBefore: number, milliseconds: number): Promise<ProtectionReading | undefined> {
    const patience = new AbortController();
    const late = delay(milliseconds, undefined, { signal: patience.signal }).catch(() => undefined);
    try {
      return await Promise.race([this.#readingNotBefore(notBefore), late]);
    } finally {
      patience.abort();
    }
  }

  /** Whether the gateway is protected, as far as was seen last; only `prove` says whether a key may leave. */
  isProtected(gateway: string): boolean {
    return this.#tunnels.get(gateway)?.hold.isProtected === true;
  }

  /** Throws `ipsec.setting` where the gateway has no tunnel. */
  tunnelOf(gateway: string): TunnelConfiguration {
    return this.#heldOf(gateway).tunnel;
  }

  #heldOf(gateway: string): Held {
    const held = this.#tunnels.get(gateway);
    if (held !== undefined) return held;
    throw new IpsecError('ipsec.setting', `${gateway} is not a protected gateway`, { nextStep: 'add its tunnel' });
  }

  #hold(one: ProtectedTunnel): Held {
    const { stack, initiates, mediaPatience } = this.#options;
    // What cannot be written must not be found out when the daemon is back.
    connectionMessage(one.tunnel, stack);
    const machine = new Tunnel(protectedPeer(one.tunnel), { random: Math.random, initiates });
    const held: Held = { ...one, machine, hold: new ProtectionHold(mediaPatience), lastCause: 'it was never up' };
    this.#tunnels.set(one.tunnel.name, held);
    return held;
  }

  async #readingNotBefore(earliest: number): Promise<ProtectionReading> {
    const last = this.#reading;
    if (last !== undefined && last.startedAt >= earliest) return await last.result;
    const isStuck = last !== undefined && performance.now() - last.startedAt > READING_PATIENCE_MS;
    if (isStuck) this.#next = undefined;
    if (last?.isRunning !== true || isStuck) return await this.#begin();
    this.#next ??= last.result.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return await this.#next;
  }

  /** One at a time: whoever comes while it runs, and wants none that begins later, shares it. */
  async #begin(): Promise<ProtectionReading> {
    const startedAt = performance.now();
    const reading: Reading = { startedAt, isRunning: true, result: this.#read(startedAt) };
    this.#reading = reading;
    try {
      return await reading.result;
    } finally {
      reading.isRunning = false;
    }
  }

  async #read(takenAt: number): Promise<ProtectionReading> {
    const [associations, guard] = await Promise.all([this.#readAssociations(), this.#options.guard.read()]);
    this.#observeGuard(guard);
    return { takenAt, associations, guard };
  }

  /** Whoever asked for the reading: a guard that was seen to be gone is told of and counts as gone. */
  #observeGuard(guard: GuardReading): void {
    if (this.#stopped) return;
    const now = performance.now();
    const before = this.#watch.inPlace;
    const events = this.#watch.observe(now, guard);
    for (const event of events) this.#options.onEvent(event);
    const lost = events.find((event) => event.kind === 'ipsec-guard-lost');
    if (lost !== undefined) {
      for (const [name, held] of this.#tunnels) {
        held.lastCause = lost.problem;
        // Gone and back between two looks: what was proven before is to be proven anew.
        held.hold.observe(now, false, lost.problem);
        this.#tellHold(name, held);
      }
    }
    if (lost !== undefined || before !== this.#watch.inPlace) this.#run();
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
    commands.onFailed = events.onFailed = ({ message }) => this.#lost(commands, message);
    events.onEvent = (_, message) => {
      for (const { name } of sectionsOf(message)) this.#tunnels.get(name)?.machine.hint(performance.now());
      this.#run();
    };
    try {
      for (const hint of hints) await events.register(hint);
      await this.#loadCredentials(commands);
      for (const held of this.#tunnels.values()) await this.#load(commands, held);
    } catch (error) {
      this.#lost(commands, error instanceof Error ? error.message : 'its tunnels cannot be loaded');
      throw error;
    }
    for (const { machine } of this.#tunnels.values()) machine.start(performance.now());
    this.#run();
  }

  async #loadCredentials(commands: ViciConnection): Promise<void> {
    const { authorities, revocationLists = [], privateKey } = this.#credentials;
    await commands.request('clear-creds');
    for (const data of authorities) await commands.request('load-cert', { type: 'X509', flag: 'CA', data });
    for (const data of revocationLists) await commands.request('load-cert', { type: 'X509_CRL', flag: 'NONE', data });
    if (privateKey !== undefined) await commands.request('load-key', { type: 'any', data: privateKey });
  }

  /** What an earlier run of ours left in the daemon is not what the configuration says now, unless it is the very same. */
  async #load(commands: ViciConnection, held: Held): Promise<void> {
    const { tunnel } = held;
    const message: ViciMessage = connectionMessage(tunnel, this.#options.stack);
    const shared = sharedKeyMessage(tunnel);
    if (shared !== undefined) await commands.request('load-shared', shared);
    const encoded = encodeViciMessage(message);
    // An association that is there keeps the configuration under which it was made: it has to go.
    if (held.loaded === undefined || Buffer.compare(held.loaded, encoded) !== 0) {
      await commands.request('terminate', { ike: tunnel.name, timeout: 2_000 }, { timeout: 3_000 }).catch(nothingToEnd);
    }
    await commands.request('load-conn', message, { timeout: 2_000 });
    held.loaded = encoded;
  }

  async #unload(name: string): Promise<void> {
    const held = this.#heldOf(name);
    this.#tunnels.delete(name);
    held.machine.daemonLost(performance.now());
    const commands = this.#commands;
    if (commands === undefined) return;
    await commands.request('terminate', { ike: name, timeout: 2_000 }, { timeout: 3_000 }).catch(nothingToEnd);
    await commands.request('unload-conn', { name }).catch(nothingToEnd);
    if (sharedKeyMessage(held.tunnel) !== undefined) await commands.request('unload-shared', { id: name });
  }

  #lost(connection: ViciConnection, reason: string): void {
    if (connection !== this.#commands) return;
    this.#disconnect();
    for (const { machine } of this.#tunnels.values()) machine.daemonLost(performance.now());
    this.#run();
    this.#tellUnreachable(reason, undefined);
    this.#reconnectLater();
  }

  #tellUnreachable(reason: string, nextStep: string | undefined): void {
    if (this.#stopped || this.#unreachable !== undefined) return;
    this.#unreachable = reason;
    this.#options.onEvent({ kind: 'ipsec-unreachable', reason, nextStep });
  }

  async #reconnect(): Promise<void> {
    if (this.#stopped || this.#commands !== undefined) return;
    try {
      // Before there is a tunnel, nothing may leave beside one.
      await this.#options.guard.protect([...this.#tunnels.values()].map(guardedPeer));
      await this.#connect();
      this.#unreachable = undefined;
    } catch (error) {
      if (!(error instanceof IpsecError)) throw error;
      this.#tellUnreachable(error.message, error.nextStep);
      this.#reconnectLater();
    }
  }

  #reconnectLater(): void {
    if (!this.#stopped) setTimeout(() => void this.#reconnect(), RECONNECT_MS).unref();
  }

  async #lookAtGuard(): Promise<void> {
    await this.reading();
    if (this.#stopped) return;
    // It is put back within a moment, and until that is seen no key goes.
    const pause = this.#watch.inPlace ? GUARD_LOOK_MS.inPlace : GUARD_LOOK_MS.gone;
    this.#guardTimer = setTimeout(() => void this.#lookAtGuard(), pause).unref();
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
    for (const [name, held] of this.#tunnels) {
      this.#runTunnel(name, held);
      this.#runHold(name, held);
    }
    this.#arm();
  }

  #runTunnel(name: string, held: Held): void {
    const { machine } = held;
    for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
      switch (output.kind) {
        case 'event':
          if (output.event.kind === 'ipsec-down') held.lastCause = output.event.reason;
          if (output.event.kind === 'ipsec-up') delete held.lastFailure;
          this.#options.onEvent(output.event);
          break;
        case 'look':
          void this.#look(machine);
          break;
        case 'initiate':
          void this.#initiate(name, held, output.timeout);
          break;
      }
    }
  }

  #runHold(name: string, held: Held): void {
    const { machine, hold, lastCause } = held;
    hold.observe(performance.now(), machine.state === 'up' && this.#watch.inPlace, lastCause);
    this.#tellHold(name, held);
  }

  #tellHold(name: string, { hold }: Held): void {
    for (let output = hold.poll(); output !== undefined; output = hold.poll()) this.#options.onHold(name, output);
  }

  async #look(tunnel: Tunnel): Promise<void> {
    const { associations } = await this.#readingNotBefore(performance.now());
    tunnel.observe(performance.now(), 'unreadable' in associations ? undefined : associations);
    this.#run();
  }

  async #initiate(name: string, held: Held, timeout: number): Promise<void> {
    // A connection of its own: while it waits for the far end no call has to wait for its proof.
    let failure: InitiationFailure | undefined;
    const log: string[] = [];
    try {
      const connection = await ViciConnection.open(this.#options.viciSocket);
      connection.onEvent = (_, message) => {
        if (log.length < MAX_LOG_LINES) log.push(textAt(message, 'msg') ?? '');
      };
      try {
        // What the daemon writes while it tries says why it failed; its answer does not.
        await connection.register('control-log');
        await connection.request(
          'initiate',
          { ike: name, child: CHILD_NAME, timeout, loglevel: 1 },
          { timeout: timeout + 1_000 },
        );
      } finally {
        connection.close();
      }
    } catch (error) {
      failure = initiationFailure(log, error instanceof Error ? error.message : 'the IKE daemon cannot be asked');
    }
    if (failure !== undefined) held.lastFailure = failure;
    held.machine.initiated(performance.now(), failure?.reason);
    this.#run();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const machines = [...this.#tunnels.values()].flatMap(({ machine, hold }) => [machine, hold]);
    const dues = machines.flatMap((machine) => machine.nextDeadline() ?? []);
    if (this.#stopped || dues.length === 0) return;
    this.#timer = setTimeout(
      () => {
        for (const machine of machines) machine.timeout(performance.now());
        this.#run();
      },
      Math.max(0, Math.min(...dues) - performance.now()),
    ).unref();
  }
}

function isTooOld(proof: Proof): boolean {
  return !proof.proven && proof.failure === 'reading-too-old';
}

/** Packets that were dropped are not undone by waiting. */
function isFinal(failure: ProofFailure): boolean {
  return failure === 'clear-packets-seen' || failure === 'answered-in-the-clear';
}

function unreadable(takenAt: number): ProtectionReading {
  const problem = 'it was not told in time';
  return { takenAt, associations: { unreadable: problem }, guard: { inPlace: false, problem } };
}

function guardedPeer({ tunnel, mediaPorts }: ProtectedTunnel): GuardedPeer {
  const peer = { connection: tunnel.name, address: tunnel.remoteAddress };
  return mediaPorts === undefined ? peer : { ...peer, mediaPorts };
}

function nothingToEnd(error: unknown): void {
  // `terminate` says "no matching SAs to terminate found" where there is none, which is how it should be.
  if (!(error instanceof IpsecError && error.code === 'ipsec.refused')) throw error;
}
