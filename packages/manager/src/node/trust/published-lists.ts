import { parseTrustList, type TrustList } from '@trustline/pki';
import { ManagerError } from '../../error.ts';
import type { Store } from '../store/store.ts';
import type { StoredTrustList, TrustListKind } from '../store/trust-lists.ts';

/** A published list, read. */
export interface PublishedList {
  readonly stored: StoredTrustList;
  readonly list: TrustList;
}

/** What never changes of a list, whatever becomes of it. */
export interface ReadList {
  readonly number: number;
  readonly kind: TrustListKind;
  readonly content: Uint8Array;
  readonly list: TrustList;
}

/** The lists that were published, read. */
export class PublishedLists {
  readonly #store: Store;
  /** Lists that were read, by number: they never change. */
  readonly #read = new Map<number, TrustList>();
  readonly #byNumber = new Map<number, ReadList>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The list of this kind that all phones get, but those of a wave. */
  async current(kind: TrustListKind): Promise<PublishedList | undefined> {
    return this.#published(await this.#store.trustLists.current(kind));
  }

  /** The list of this kind that one phone gets. */
  async forDevice(kind: TrustListKind, device: string): Promise<PublishedList | undefined> {
    return this.#published(await this.#store.trustLists.forDevice(kind, device));
  }

  /**
   * A list that was published once; what has changed about it since is not in it.
   *
   * @throws {ManagerError} manager.not-found, manager.trust-list-unreadable
   */
  async byNumber(number: number): Promise<ReadList> {
    const known = this.#byNumber.get(number);
    if (known !== undefined) return known;
    const stored = await this.#store.trustLists.byNumber(number);
    if (stored === undefined) {
      throw new ManagerError('manager.not-found', `There is no trust list ${number}.`, {
        nextStep: 'trustline trust status shows what is published.',
      });
    }
    const read = { number, kind: stored.kind, content: stored.content, list: this.parse(stored) };
    this.#byNumber.set(number, read);
    return read;
  }

  /** A published list with what stands in it. */
  read(stored: StoredTrustList): PublishedList {
    return { stored, list: this.parse(stored) };
  }

  #published(stored: StoredTrustList | undefined): PublishedList | undefined {
    return stored === undefined ? undefined : this.read(stored);
  }

  /**
   * What stands in a stored list.
   *
   * @throws {ManagerError} manager.trust-list-unreadable
   */
  parse(stored: StoredTrustList): TrustList {
    const known = this.#read.get(stored.number);
    if (known !== undefined) return known;
    const parsed = parseTrustList(stored.content);
    if (!parsed.ok) {
      const what = `${stored.kind} number ${stored.number} in the store`;
      throw new ManagerError('manager.trust-list-unreadable', `${what} cannot be read: ${parsed.message}`, {
        nextStep: 'The store is damaged: put a backup in its place with trustline restore.',
      });
    }
    this.#read.set(stored.number, parsed.list);
    return parsed.list;
  }
}
