import { randomFillSync } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SipFlow, SipHostPort } from '@trustline/sip';
import { SipDriver } from '@trustline/sip/node';
import {
  LoadFleet,
  type LoadFleetOptions,
  type LoadOutcome,
  type LoadOutput,
  type LoadPhone,
  type LoadPhoneOptions,
} from '../load/load-fleet.ts';
import { LoadCount, type LoadResult } from '../load/load-result.ts';

/** How phones reach the server. With TLS each may show a certificate of its own. */
export type LoadTransport =
  | { readonly kind: 'udp' }
  | { readonly kind: 'tcp' }
  | { readonly kind: 'tls'; certificate(phone: LoadPhone): { readonly cert: string; readonly key: string } };

/** So many at a time, one beginning as another ends; or so many a second, whatever becomes of them. */
export type LoadPace =
  | { readonly kind: 'closed'; readonly atOnce: number }
  | { readonly kind: 'open'; readonly perSecond: number };

export type LoadWork = 'register' | 'call';

/** Connections that are opened at the same time. */
const connectionsAtOnce = 50;
/** Calls that are set up together where many are to stand. */
const heldAtOnce = 20;
/** Between two tries of a phone that comes back, in milliseconds: at first, and at most. */
const [firstWait, longestWait] = [1_000, 16_000];
/** How often an open pace begins what is due, in milliseconds. */
const tick = 2;
/** How often a closed pace looks whether it is to end. */
const closedTick = 50;
/** Randomness is drawn from the system in pieces of this size. */
const poolSize = 65_536;

/** A {@link LoadFleet} on real sockets: every phone has its own, as a phone on the network has. */
export class LoadGenerator {
  readonly phones: LoadPhone[] = [];
  readonly fleet: LoadFleet;
  readonly #driver: SipDriver<undefined, LoadOutput>;
  readonly #target: SipHostPort;
  readonly #transport: LoadTransport;
  /** Phones that come back, and who waits for what becomes of their REGISTER. */
  readonly #registering = new Map<LoadPhone, (isRegistered: boolean) => void>();
  #count = new LoadCount();
  #work: LoadWork = 'register';
  /** Begins the next one as one ends; in a closed pace alone. */
  #next: (() => void) | undefined;
  #turn = 0;
  #startedAt = 0;
  #isStopped = false;
  #countedSince = 0;

  constructor(target: SipHostPort, transport: LoadTransport, options: Omit<LoadFleetOptions, 'random'>) {
    this.#target = target;
    this.#transport = transport;
    this.fleet = new LoadFleet({ ...options, random: pooledRandom() });
    this.#driver = new SipDriver<undefined, LoadOutput>({
      machine: this.fleet,
      onOutput: (output) => this.#take(output),
      limits: { datagramFlows: 1_000_000, connections: 1_000_000 },
    });
  }

  /** Connects the phones that are not connected; with UDP it opens a socket for each. */
  async connect(): Promise<void> {
    const missing = this.phones.filter(({ flow }) => flow === undefined);
    for (let at = 0; at < missing.length; at += connectionsAtOnce) {
      await Promise.all(missing.slice(at, at + connectionsAtOnce).map((phone) => this.#connectOne(phone)));
    }
  }

  /**
   * All phones that are not connected come back at once, as when the power does: each connects and registers, and tries again
   * as a phone does, after a time of its own that doubles, until it is taken.
   */
  async comeBack(): Promise<void> {
    const comesBack = async (phone: LoadPhone): Promise<void> => {
      for (let wait = firstWait; ; wait = Math.min(longestWait, 2 * wait)) {
        if (await this.#triesToRegister(phone)) return;
        await delay(wait * (0.5 + Math.random()));
      }
    };
    await Promise.all(this.phones.filter(({ flow }) => flow === undefined).map(comesBack));
  }

  async #triesToRegister(phone: LoadPhone): Promise<boolean> {
    try {
      if (phone.flow === undefined) await this.#connectOne(phone);
    } catch {
      return false;
    }
    const registered = new Promise<boolean>((resolve) => this.#registering.set(phone, resolve));
    this.#driver.command((now) => this.fleet.register(now, phone));
    return registered;
  }

  /** Registers each of the phones once, a few at a time, and fails unless all are. */
  async registerAll(atOnce: number): Promise<LoadResult> {
    const started = performance.now();
    const result = await this.#begin('register', async (begin) => {
      let left = this.phones.length;
      const next = () => {
        if (left === 0) return;
        left -= 1;
        begin();
      };
      this.#next = next;
      for (let one = 0; one < atOnce; one += 1) next();
      while (this.#count.begun < this.phones.length || this.#outstanding > 0) await delay(tick);
    });
    if (result.done === this.phones.length) return { ...result, seconds: (performance.now() - started) / 1_000 };
    throw new Error(`${this.phones.length - result.done} phones were not registered: ${JSON.stringify(result.failed)}`);
  }

  /**
   * Works for so many seconds; what has not ended by then is not counted as done.
   *
   * @param leadIn seconds of the same before anything is counted: what begins in them and ends later is, so that what is
   *   under way at the end, which may be much beyond saturation, weighs nothing
   */
  run(work: LoadWork, pace: LoadPace, seconds: number, leadIn = 0): Promise<LoadResult> {
    return this.#begin(work, async (begin) => {
      const counting = leadIn === 0 ? undefined : setTimeout(() => this.#countFromNow(), 1_000 * leadIn);
      await this.#keepPace(pace, seconds + leadIn, begin);
      clearTimeout(counting);
    });
  }

  /** Nothing more is begun in the current run, which ends. */
  stop(): void {
    this.#isStopped = true;
  }

  async #keepPace(pace: LoadPace, seconds: number, begin: () => void): Promise<void> {
    const start = performance.now();
    const end = start + 1_000 * seconds;
    const goesOn = () => !this.#isStopped && performance.now() < end;
    if (pace.kind === 'closed') {
      this.#next = () => {
        if (goesOn()) begin();
      };
      for (let one = 0; one < pace.atOnce; one += 1) begin();
      while (goesOn()) await delay(Math.min(closedTick, Math.max(0, end - performance.now())));
      return;
    }
    let begun = 0;
    while (goesOn()) {
      const due = Math.floor(((performance.now() - start) / 1_000) * pace.perSecond);
      for (; begun < due; begun += 1) begin();
      await delay(tick);
    }
  }

  /** Sets up so many calls and leaves them standing, until `hangUp`. */
  async hold(calls: number): Promise<void> {
    this.fleet.talkTime = Number.POSITIVE_INFINITY;
    const before = this.fleet.calls;
    const connected = await this.#begin('call', async (begin) => {
      // A server that was just under load may still refuse some.
      while (this.#count.delays < calls && this.#count.failures < calls) {
        const batch = Math.min(heldAtOnce, calls - this.#count.delays);
        for (let one = 0; one < batch; one += 1) begin();
        do await delay(tick);
        while (this.#count.delays < this.#count.begun - this.#count.failures);
      }
    });
    this.fleet.talkTime = 0;
    if (this.fleet.calls - before !== calls) throw new Error(`calls failed: ${JSON.stringify(connected.failed)}`);
  }

  /** Hangs up all calls. */
  hangUp(): void {
    this.#driver.command((now) => this.fleet.hangUp(now));
  }

  /** Hangs up one call at this end of it; false where nobody talks who is at that end. */
  hangUpOne(end: 'calling' | 'called'): boolean {
    return this.#driver.command((now) => this.fleet.hangUpOne(now, end));
  }

  /** Waits until no call is left, for so many seconds at most. */
  async idle(seconds: number): Promise<boolean> {
    for (const end = performance.now() + 1_000 * seconds; performance.now() < end; await delay(10)) {
      if (this.fleet.calls === 0) return true;
    }
    return this.fleet.calls === 0;
  }

  close(): void {
    this.#driver.close();
  }

  /** Adds a phone, which `connect` gives its way to the server. */
  add(options: LoadPhoneOptions): void {
    this.phones.push(this.fleet.addPhone(options));
  }

  async #connectOne(phone: LoadPhone): Promise<void> {
    const { hub } = this.#driver;
    const transport = this.#transport;
    if (transport.kind === 'udp') {
      const socket = await hub.listenUdp({ host: '127.0.0.1', port: 0 });
      this.#connected(phone, socket.flowTo(this.#target));
    } else if (transport.kind === 'tcp') {
      this.#connected(phone, await hub.connectTcp(this.#target));
    } else {
      const flow = await hub.connectTls({
        ...this.#target,
        secureContextOptions: transport.certificate(phone),
        judge: () => ({ accepted: true, peer: undefined }),
      });
      this.#connected(phone, flow);
    }
  }

  #connected(phone: LoadPhone, flow: SipFlow): void {
    this.#driver.command((now) => this.fleet.connected(now, phone, flow));
  }

  async #begin(work: LoadWork, drive: (begin: () => void) => Promise<void>): Promise<LoadResult> {
    this.#countFromNow();
    this.#isStopped = false;
    this.#work = work;
    this.#startedAt = this.#countedSince;
    await drive(() => this.#beginOne());
    this.#next = undefined;
    return this.#count.result((performance.now() - this.#countedSince) / 1_000);
  }

  #countFromNow(): void {
    this.#count = new LoadCount();
    this.#countedSince = performance.now();
  }

  /** How many of the current run are done, or of the last one. */
  get done(): number {
    return this.#count.done;
  }

  get #outstanding(): number {
    return this.#count.begun - this.#count.done - this.#count.failures;
  }

  #beginOne(): void {
    const pair = this.#work === 'call' ? this.#nextPair() : undefined;
    if (this.#work === 'call' && pair === undefined) return;
    this.#count.begun += 1;
    this.#driver.command((now) => {
      if (pair === undefined) {
        this.fleet.register(now, this.phones[this.#turn % this.phones.length] as LoadPhone);
        this.#turn += 1;
      } else this.fleet.call(now, ...pair);
    });
  }

  /**
   * Two that are in no call, in their turn: what is measured is the server and not how often lines are busy. None while
   * all are in calls.
   */
  #nextPair(): readonly [caller: LoadPhone, called: LoadPhone] | undefined {
    const pairs = Math.floor(this.phones.length / 2);
    for (let tries = 0; tries < pairs; tries += 1) {
      const at = 2 * (this.#turn % pairs);
      this.#turn += 1;
      const [caller, called] = [this.phones[at] as LoadPhone, this.phones[at + 1] as LoadPhone];
      if (!caller.isInCall && !called.isInCall) return [caller, called];
    }
    return undefined;
  }

  /** What belongs to an earlier run is over, and counts for none. */
  #take({ kind, phone, startedAt, at, status }: LoadOutcome): void {
    const comesBack = this.#registering.get(phone);
    if (comesBack !== undefined && (kind === 'registered' || kind === 'not-registered')) {
      this.#registering.delete(phone);
      comesBack(kind === 'registered');
      return;
    }
    if (startedAt < this.#startedAt) return;
    if (kind === 'registered' || kind === 'connected') this.#count.delay(at - startedAt);
    if (kind === 'connected') return;
    if (kind === 'registered' || kind === 'call-over') this.#count.done += 1;
    else this.#count.failed(status);
    this.#next?.();
  }
}

function pooledRandom(): (length: number) => Uint8Array {
  let pool = new Uint8Array(0);
  let used = 0;
  return (length) => {
    if (used + length > pool.length) {
      pool = randomFillSync(new Uint8Array(Math.max(poolSize, length)));
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  };
}
