import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Sound } from '@trustline/rtp';
import type { DialledDigit, RelayNotice, SideCounts, SideId, SideSettings } from '../../media/settings.ts';
import type { FromRelayWorker, RelayWorkerOptions, ToRelayWorker } from './relay-messages.ts';

/** Pairs of ports that each worker has bound ahead, so that a call finds one without waiting. */
const SPARE_PAIRS = 32;

export interface RelayPoolOptions {
  readonly host: string;
  readonly firstPort: number;
  readonly lastPort: number;
  /** Threads; 0 for as many as there are cores. */
  readonly workers: number;
  /** What a held party hears; absent for nothing. */
  readonly hold?: Sound | undefined;
  /** What a caller hears whose call leaves protection; absent where nobody is told. */
  readonly announcement?: Sound | undefined;
  readonly notice: (notice: RelayNotice) => void;
  /** A side is closed; what it has counted. */
  readonly closed?: (side: SideId, counts: SideCounts) => void;
  /** A worker has failed: these sides relay nothing any more. Another worker takes its place. */
  readonly lost: (sides: readonly SideId[], error: Error) => void;
  /** No ports are left, or none can be bound; one sentence. Calls that need the relay are refused meanwhile. */
  readonly exhausted: (why: string) => void;
}

/** A pair of ports of the relay for one side of a stream. */
export interface AllocatedSide {
  readonly side: SideId;
  /** Of RTP; RTCP has the next. */
  readonly port: number;
}

interface Member {
  worker: Worker;
  readonly spare: AllocatedSide[];
  readonly used: Set<SideId>;
  /** Pairs that it was asked to bind and has not said anything about. */
  asked: number;
  /** Nothing is left of its ports until a side is closed. */
  exhausted: boolean;
}

/**
 * The threads of the media relay. A port is bound before a call gets it, so that giving one out waits for nothing and
 * cannot fail afterwards. The sides of one call belong to one thread. Each thread reads sockets of its own: media ports
 * are many, and the kernel has nothing to spread among threads that share one (`reusePort`).
 */
export class RelayPool {
  readonly #options: RelayPoolOptions;
  readonly #members: Member[] = [];
  readonly #counting = new Map<number, (counts: readonly (readonly [SideId, SideCounts])[]) => void>();
  #requests = 0;
  #stopping = false;

  constructor(options: RelayPoolOptions) {
    this.#options = options;
  }

  /** Resolves when every worker has ports. @throws {Error} in words, when no port of the range can be bound */
  async start(): Promise<void> {
    const workers = this.#options.workers === 0 ? availableParallelism() : this.#options.workers;
    const ready: Promise<void>[] = [];
    for (let at = 0; at < workers; at++) {
      const worker = this.#newWorker(at, workers);
      const member: Member = { worker, spare: [], used: new Set(), asked: 0, exhausted: false };
      this.#members.push(member);
      ready.push(this.#listen(member, at, workers));
    }
    await Promise.all(ready);
  }

  /** A pair of ports, at the thread of `beside` where one is given; undefined when none is left. */
  allocate(beside: SideId | undefined): AllocatedSide | undefined {
    const member = beside === undefined ? this.#leastUsed() : this.#memberOf(beside);
    const found = member?.spare.shift();
    if (member === undefined || found === undefined) return undefined;
    member.used.add(found.side);
    this.#askForSpare(member);
    return found;
  }

  set(settings: SideSettings): void {
    this.#tell(settings.side, { kind: 'set', settings });
  }

  bridge(one: SideId, other: SideId): void {
    this.#tell(one, { kind: 'bridge', one, other });
  }

  /** A digit for a party, in its voice. */
  dial(side: SideId, digit: DialledDigit): void {
    this.#tell(side, { kind: 'dial', side, digit });
  }

  close(side: SideId): void {
    const member = this.#memberOf(side);
    if (member?.used.delete(side) !== true) return;
    post(member.worker, { kind: 'close', side });
    member.exhausted = false;
    this.#askForSpare(member);
  }

  /** Sides that are in use. */
  get size(): number {
    return this.#members.reduce((sum, { used }) => sum + used.size, 0);
  }

  /** What every open side has counted so far. */
  async counts(): Promise<ReadonlyMap<SideId, SideCounts>> {
    const answers = this.#members.map((member) => {
      const request = this.#requests++;
      const answer = new Promise<readonly (readonly [SideId, SideCounts])[]>((resolve) =>
        this.#counting.set(request, resolve),
      );
      post(member.worker, { kind: 'count', request });
      return answer;
    });
    return new Map((await Promise.all(answers)).flat());
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(
      this.#members.map(({ worker }) => {
        const gone = new Promise((resolve) => worker.once('exit', resolve));
        post(worker, { kind: 'stop' });
        return gone;
      }),
    );
  }

  #newWorker(worker: number, workers: number): Worker {
    const { host, firstPort, lastPort, hold, announcement } = this.#options;
    const sound = { ...(hold && { hold }), ...(announcement && { announcement }) };
    const workerData: RelayWorkerOptions = { worker, workers, host, firstPort, lastPort, ...sound };
    return new Worker(new URL('./relay-worker.ts', import.meta.url), {
      workerData,
      name: `media ${worker}`,
      execArgv: [],
    });
  }

  #listen(member: Member, at: number, workers: number): Promise<void> {
    const { worker } = member;
    const ready = Promise.withResolvers<void>();
    worker.on('message', (message: FromRelayWorker) => {
      this.#heard(member, message);
      if (member.asked > 0) return;
      if (message.kind !== 'exhausted' || member.spare.length > 0) ready.resolve();
      else ready.reject(new Error(`no port for media could be bound: ${message.why}`));
    });
    worker.once('error', (error: Error) => {
      ready.reject(error);
      this.#workerFailed(member, at, workers, error);
    });
    this.#askForSpare(member);
    return ready.promise;
  }

  #workerFailed(member: Member, at: number, workers: number, error: Error): void {
    if (this.#stopping) return;
    const lost = [...member.used];
    member.used.clear();
    member.spare.length = 0;
    member.asked = 0;
    this.#options.lost(lost, error);
    member.worker = this.#newWorker(at, workers);
    this.#listen(member, at, workers).catch((why: Error) => this.#options.exhausted(why.message));
  }

  #heard(member: Member, message: FromRelayWorker): void {
    switch (message.kind) {
      case 'bound':
        member.asked -= 1;
        member.spare.push({ side: message.side, port: message.port });
        return;
      case 'exhausted':
        member.asked -= message.pairs;
        member.exhausted = true;
        this.#options.exhausted(message.why);
        return;
      case 'notice':
        this.#options.notice(message.notice);
        return;
      case 'closed':
        this.#options.closed?.(message.side, message.counts);
        return;
      case 'counted':
        this.#counting.get(message.request)?.(message.counts);
        this.#counting.delete(message.request);
    }
  }

  #askForSpare(member: Member): void {
    const pairs = SPARE_PAIRS - member.spare.length - member.asked;
    if (pairs <= 0 || member.exhausted) return;
    member.asked += pairs;
    post(member.worker, { kind: 'bind', pairs });
  }

  /** Of those that have a port to give. */
  #leastUsed(): Member | undefined {
    let least: Member | undefined;
    for (const member of this.#members) {
      if (member.spare.length > 0 && (least === undefined || member.used.size < least.used.size)) least = member;
    }
    return least;
  }

  #memberOf(side: SideId): Member | undefined {
    return this.#members[side % this.#members.length];
  }

  #tell(side: SideId, message: ToRelayWorker): void {
    const member = this.#memberOf(side);
    if (member !== undefined) post(member.worker, message);
  }
}

function post(worker: Worker, message: ToRelayWorker): void {
  worker.postMessage(message);
}
