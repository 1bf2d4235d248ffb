import { type HeldTrust, parseTrustList, type TrustList } from '@trustline/pki';
import { ManagerError } from '../../error.ts';
import type { KnownPhone } from '../../trust/simulation.ts';
import type { Store } from '../store/store.ts';
import type { StoredTrustList, TrustListKind } from '../store/trust-lists.ts';

/** A published list, read. */
export interface PublishedList {
  readonly stored: StoredTrustList;
  readonly list: TrustList;
}

/** The lists that were published, read, and what every phone holds of them. */
export class PublishedLists {
  readonly #store: Store;
  /** Lists that were read, by number: they never change. */
  readonly #read = new Map<number, TrustList>();

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

  /** What every phone holds, as far as it is known. */
  async phones(): Promise<readonly KnownPhone[]> {
    const { trustLists } = this.#store;
    const lists = new Map<number, TrustList>();
    for (const stored of [...(await trustLists.list('CTL')), ...(await trustLists.list('ITL'))]) {
      lists.set(stored.number, this.parse(stored));
    }
    const held = new Map<string, { ctl: TrustList | undefined; itl: TrustList | undefined }>();
    for (const { device, kind, list } of await trustLists.phones()) {
      const known = held.get(device) ?? { ctl: undefined, itl: undefined };
      held.set(device, kind === 'CTL' ? { ...known, ctl: lists.get(list) } : { ...known, itl: lists.get(list) });
    }
    return [...held].map(([device, lists]) => ({ device, held: lists satisfies HeldTrust }));
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
