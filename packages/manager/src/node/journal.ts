import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  type ChainHead,
  type ChainState,
  createHead,
  type EntryContent,
  type EventKind,
  ed25519Signer,
  emptyChain,
  exportEntryLine,
  exportHeaderLine,
  SALT_LENGTH,
  type SecurityEvent,
  type Signer,
  securityEvent,
  stateAfter,
  type WrittenEntry,
  writeEntry,
} from '@trustline/evidence';
import { ManagerError } from '../error.ts';
import { IsoTimes } from '../iso-times.ts';
import { pooledRandom } from './random.ts';
import type { EvidenceRepository } from './store/evidence.ts';
import { isStoreFull, type Store } from './store/store.ts';

/** Time between attempts to write while the disk is full, in milliseconds. */
const retryInterval = 5_000;
/** Entries written in one transaction, so that others get the store in between. */
const batchSize = 500;
/** Entries erased in one transaction. */
const erasureBatch = 1_000;

/** What became of an entry when its `append` settles: on the disk, in memory until there is room, or gone. */
export type Fate = 'stored' | 'kept' | 'lost';

/** What a reader of the stream gets. The sequence number is missing while the disk is full. */
export interface JournalNotice {
  readonly sequence: number | undefined;
  readonly content: EntryContent;
}

export interface JournalOptions {
  readonly store: Store;
  readonly node: string;
  /** Ed25519; a key of its own role. */
  readonly privateKey: KeyObject;
  /** Entries kept in memory while the disk is full. */
  readonly memoryLimit: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** On whose behalf an event is said, and why; undefined for what the manager does by itself. */
  readonly attribution?: () => { readonly actor: string; readonly statedReason?: string } | undefined;
  /** Told when something is wrong that no event can say: for the process's log. */
  readonly complain: (sentence: string) => void;
}

interface Waiting {
  readonly content: EntryContent;
  readonly at: string;
  readonly settle: (fate: Fate) => void;
  noticed: boolean;
}

type EventFields<Kind extends EventKind> = Omit<Parameters<typeof securityEvent<Kind>>[1], 'at' | 'node'>;

/** Milliseconds for which notes wait for each other. */
export const NOTES_TOGETHER = 25;
/** The same for what is said of calls. */
export const CALLS_TOGETHER = 25;

/**
 * The one writer of the chain of evidence: security events and call records, in the order in which they came. Entries
 * that come while the disk is busy are committed together. A full disk stops no call: entries wait in memory, up to
 * a limit, and once there is room again events say how many were kept and how many were lost.
 */
export class Journal {
  readonly publicKey: KeyObject;
  readonly #repository: EvidenceRepository;
  readonly #node: string;
  readonly #sign: Signer;
  readonly #random = pooledRandom();
  readonly #memoryLimit: number;
  readonly #now: () => number;
  readonly #attribution: NonNullable<JournalOptions['attribution']>;
  readonly #complain: (sentence: string) => void;
  readonly #listeners = new Set<(notice: JournalNotice) => void>();
  #state: ChainState;
  #waiting: Waiting[] = [];
  readonly #times = new IsoTimes();
  #lost = 0;
  /** Entries that waited for room and then reached the disk. */
  #rescued = 0;
  #full = false;
  #retry: NodeJS.Timeout | undefined;
  #scheduled = false;
  /** Ends the wait of notes. */
  #patient: NodeJS.Timeout | undefined;
  /** Everything that touches the chain's end runs after what came before it. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @throws {ManagerError} manager.records-key-changed when the chain was begun with another key */
  static async open(options: JournalOptions): Promise<Journal> {
    const { store } = options;
    const publicKey = createPublicKey(options.privateKey);
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const known = await store.settings.get('public-key-of-records');
    if (known !== undefined && known !== pem) {
      throw new ManagerError(
        'manager.records-key-changed',
        'The records were signed with another key than the one here.',
        {
          nextStep: 'Restore the key of the record signer, or start on a new data folder and keep this one.',
        },
      );
    }
    if (known === undefined) await store.settings.set('public-key-of-records', pem);
    const last = await store.evidence.last();
    return new Journal(options, publicKey, last === undefined ? emptyChain(publicKey) : stateAfter(last));
  }

  private constructor(options: JournalOptions, publicKey: KeyObject, state: ChainState) {
    this.publicKey = publicKey;
    this.#repository = options.store.evidence;
    this.#node = options.node;
    this.#sign = ed25519Signer(options.privateKey);
    this.#memoryLimit = options.memoryLimit;
    this.#now = options.now;
    this.#attribution = options.attribution ?? (() => undefined);
    this.#complain = options.complain;
    this.#state = state;
  }

  /** Says an event, now, by this node, on behalf of whoever asked for what is going on. */
  event<Kind extends EventKind>(kind: Kind, fields: EventFields<Kind>): Promise<Fate> {
    return this.#say(kind, { ...fields, ...this.#attribution() });
  }

  /** The journal's own events are nobody's, whoever happens to wait for the disk. */
  #say<Kind extends EventKind>(kind: Kind, fields: EventFields<Kind>, patience = 0): Promise<Fate> {
    const complete = { ...fields, at: this.#time(), node: this.#node } as Parameters<typeof securityEvent<Kind>>[1];
    return this.append({ kind: 'event', event: securityEvent(kind, complete) as unknown as SecurityEvent }, patience);
  }

  /**
   * As {@link event}, for steps of phones that come in crowds and that nobody waits for: it may be written so many
   * milliseconds later, together with others. A building whose power comes back is not to cost a write for every step.
   */
  note<Kind extends EventKind>(kind: Kind, fields: EventFields<Kind>): Promise<Fate> {
    return this.#say(kind, { ...fields, ...this.#attribution() }, NOTES_TOGETHER);
  }

  /**
   * Settles when the entry's fate is known; it never rejects, and nothing has to wait for it.
   *
   * @param patience milliseconds for which it may wait for others to be written with
   */
  append(content: EntryContent, patience = 0): Promise<Fate> {
    if (this.#full && this.#waiting.length >= this.#memoryLimit) {
      if (this.#lost === 0) {
        this.#complain(`The disk is full and ${this.#memoryLimit} records wait in memory: further ones are lost.`);
      }
      this.#lost += 1;
      this.#notify(undefined, content);
      return Promise.resolve('lost');
    }
    return new Promise((settle) => {
      const one: Waiting = { content, at: this.#time(), settle, noticed: false };
      this.#waiting.push(one);
      if (this.#full) this.#keep(one);
      else this.#schedule(patience);
    });
  }

  /** How much is in the chain, and how much waits or was lost because the disk is full. */
  status(): { readonly entries: number; readonly kept: number; readonly lost: number; readonly full: boolean } {
    return {
      entries: this.#state.count,
      kept: this.#full ? this.#waiting.length : 0,
      lost: this.#lost,
      full: this.#full,
    };
  }

  /** Calls the listener with all that is appended from now on; the returned function ends that. */
  subscribe(listener: (notice: JournalNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Writes what waits, as far as the disk takes it. */
  flush(): Promise<void> {
    return this.#exclusively(() => this.#write());
  }

  /** A signed statement of where the chain stands, to be kept elsewhere. */
  async head(): Promise<ChainHead> {
    await this.flush();
    return createHead(this.#state, { node: this.#node, at: this.#time(), sign: this.#sign });
  }

  /** The chain as it stands, line by line, to be verified anywhere. */
  async *exportLines(): AsyncGenerator<string> {
    await this.flush();
    const upTo = this.#state.count;
    yield exportHeaderLine({ publicKey: this.publicKey, node: this.#node, at: this.#time(), sign: this.#sign });
    for await (const entry of this.#repository.all(upTo)) yield exportEntryLine(entry);
  }

  /** Erases the personal fields of entries from before a time, and appends that it did; returns how many. */
  async erase(before: number, rule: string): Promise<number> {
    let erased = 0;
    for (;;) {
      const batch = await this.#exclusively(async () => {
        await this.#write();
        const ranges = await this.#repository.erasable(new Date(before).toISOString(), erasureBatch);
        if (ranges.length === 0) return 0;
        const { entry, state } = this.#next(this.#state, { kind: 'erased', ranges, rule }, this.#time(), this.#sign);
        await this.#repository.erase(ranges, entry);
        this.#state = state;
        return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
      });
      erased += batch;
      if (batch === 0) break;
    }
    if (erased > 0) {
      await this.event('records-erased', { cause: `Personal fields of ${erased} entries were erased: ${rule}.` });
    }
    return erased;
  }

  /** Writes what it can and stops trying. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.flush();
    clearTimeout(this.#retry);
    if (this.#waiting.length > 0) {
      this.#complain(`The disk is full: ${this.#waiting.length} records that waited in memory are lost.`);
    }
  }

  #time(): string {
    return this.#times.text(this.#now());
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #schedule(patience: number): void {
    if (patience > 0) {
      if (!this.#scheduled) this.#patient ??= setTimeout(() => void this.flush(), patience);
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.flush();
    });
  }

  async #write(): Promise<void> {
    clearTimeout(this.#patient);
    this.#patient = undefined;
    // What comes meanwhile has a time of its own to be written; while the disk is full nothing has.
    let left = this.#waiting.length;
    while (left > 0 || (this.#full && this.#waiting.length > 0)) {
      const batch = this.#waiting.slice(0, batchSize);
      const entries: WrittenEntry[] = [];
      let state = this.#state;
      for (const [index, { content, at }] of batch.entries()) {
        const appended = this.#next(state, content, at, index === batch.length - 1 ? this.#sign : undefined);
        entries.push(appended.entry);
        state = appended.state;
      }
      try {
        await this.#repository.append(entries);
      } catch (error) {
        await this.#dropCommitted();
        this.#cannotWrite(error);
        return;
      }
      this.#state = state;
      this.#waiting.splice(0, batch.length);
      left -= batch.length;
      for (const [index, one] of batch.entries()) {
        if (one.noticed) this.#rescued += 1;
        else this.#notify(entries[index]?.sequence, one.content);
        one.settle('stored');
      }
      if (this.#full && this.#waiting.length === 0) this.#recovered();
    }
  }

  /** Entries that are stored together are signed together, by the last of them. */
  #next(state: ChainState, content: EntryContent, at: string, sign: Signer | undefined) {
    return writeEntry(state, content, { at, salt: this.#random(SALT_LENGTH), sign });
  }

  /** A disk that fails after the commit leaves the entries in the store all the same: they are not written twice. */
  async #dropCommitted(): Promise<void> {
    const last = await this.#repository.last().catch(() => undefined);
    const committed = (last?.sequence ?? 0) - this.#state.count;
    if (last === undefined || committed <= 0) return;
    this.#state = stateAfter(last);
    for (const one of this.#waiting.splice(0, committed)) this.#keep(one);
  }

  #cannotWrite(error: unknown): void {
    const why = (error as Error).message;
    if (!this.#full) {
      this.#full = true;
      const full = isStoreFull(error);
      this.#complain(`Records cannot be written (${why}); they are kept in memory.`);
      // Not `event`: this one waits with the others, and is kept whatever the limit.
      const cause = full ? `The disk is full: ${why}.` : `The store cannot be written: ${why}.`;
      const event = securityEvent('store-full', {
        at: this.#time(),
        node: this.#node,
        cause,
        nextStep: 'Make room on the disk of the data folder; calls go on meanwhile.',
      });
      this.#waiting.push({ content: { kind: 'event', event }, at: event.at, settle: () => undefined, noticed: false });
      for (const one of this.#waiting) this.#keep(one);
    }
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.flush(), retryInterval);
    this.#retry.unref();
  }

  #keep(one: Waiting): void {
    if (!one.noticed) this.#notify(undefined, one.content);
    one.noticed = true;
    one.settle('kept');
  }

  #recovered(): void {
    this.#full = false;
    const [lost, recovered] = [this.#lost, this.#rescued];
    this.#lost = 0;
    this.#rescued = 0;
    if (lost > 0) {
      void this.#say('records-lost', { lost, cause: `${lost} records were lost while the disk was full.` });
    }
    void this.#say('records-recovered', {
      recovered,
      cause: `The disk takes records again; ${recovered} that were kept in memory are written.`,
    });
  }

  #notify(sequence: number | undefined, content: EntryContent): void {
    for (const listener of this.#listeners) listener({ sequence, content });
  }
}
