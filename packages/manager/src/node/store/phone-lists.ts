import type { Kysely, Selectable, Transaction } from 'kysely';
import { type PhoneTrustTable, ROW_SCHEMA, type Tables } from './tables.ts';
import type { TrustListKind } from './trust-lists.ts';

/** A list that a phone holds. */
export interface HeldList {
  readonly device: string;
  readonly kind: TrustListKind;
  /** The number of the list. */
  readonly list: number;
  /** When the phone was seen to hold it, in epoch milliseconds. */
  readonly takenAt: number;
  /** Where it was seen, without the port. */
  readonly remoteAddress: string;
}

/** A list that was given to somebody in the name of a phone. */
export interface GivenList {
  readonly device: string;
  readonly kind: TrustListKind;
  /** The number of the list. */
  readonly list: number;
  /** Epoch milliseconds. */
  readonly givenAt: number;
  /** Of whoever got it, without the port. */
  readonly remoteAddress: string;
}

interface Note {
  readonly device: string;
  readonly write: (transaction: Transaction<Tables>) => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds for which a note waits for others. */
const NOTES_TOGETHER = 20;

/** Which lists each phone holds, and which were given in its name since. */
export class PhoneListRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;
  /** What is not on the disk yet. */
  readonly #notes: Note[] = [];

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** What every phone holds. */
  async held(): Promise<readonly HeldList[]> {
    const rows = await this.#database.selectFrom('phone_trust').selectAll().orderBy('device').execute();
    return rows.map(heldFromRow);
  }

  /** The numbers of the lists that one phone holds, by their kind. */
  async heldBy(device: string): Promise<ReadonlyMap<TrustListKind, number>> {
    const rows = await this.#database
      .selectFrom('phone_trust')
      .select(['kind', 'list'])
      .where('device', '=', device)
      .execute();
    return new Map(rows.map(({ kind, list }) => [kind, list]));
  }

  /** The phones that hold this list, by their names. */
  async holders(list: number): Promise<readonly HeldList[]> {
    const rows = await this.#database
      .selectFrom('phone_trust')
      .selectAll()
      .where('list', '=', list)
      .orderBy('device')
      .execute();
    return rows.map(heldFromRow);
  }

  /** What was given in the name of every phone, in the order of giving. */
  async given(): Promise<readonly GivenList[]> {
    const rows = await this.#database
      .selectFrom('given_list')
      .innerJoin('trust_list', 'trust_list.number', 'given_list.list')
      .select(['device', 'kind', 'list', 'given_at', 'remote_address'])
      .orderBy('given_at')
      .orderBy('list')
      .execute();
    return rows.map(({ device, kind, list, given_at, remote_address }) => ({
      device,
      kind,
      list,
      givenAt: given_at,
      remoteAddress: remote_address,
    }));
  }

  /**
   * Notes that a list was given in the name of a phone; it is on the disk when this resolves. Notes that come close
   * together are committed together: when a building's power comes back, every phone takes two lists at once.
   */
  noteGiven({ device, list, givenAt, remoteAddress }: GivenList): Promise<void> {
    const common = { node: this.#node, schema: ROW_SCHEMA };
    const row = { device, list, given_at: givenAt, remote_address: remoteAddress, ...common };
    return this.#note(device, async (transaction) => {
      await transaction
        .insertInto('given_list')
        .values(row)
        .onConflict((conflict) => conflict.columns(['device', 'list', 'remote_address']).doNothing())
        .execute();
    });
  }

  /** Notes what a phone was seen to hold, and that these are no longer open questions; both or neither. */
  noteHeld(device: string, held: readonly HeldList[], settled: readonly GivenList[]): Promise<void> {
    return this.#note(device, async (transaction) => {
      for (const { kind, list, takenAt, remoteAddress } of held) {
        const common = { node: this.#node, schema: ROW_SCHEMA };
        const row = { list, taken_at: takenAt, remote_address: remoteAddress, ...common };
        await transaction
          .insertInto('phone_trust')
          .values({ device, kind, ...row })
          .onConflict((conflict) => conflict.columns(['device', 'kind']).doUpdateSet(row))
          .execute();
      }
      for (const given of settled) await deleteGiven(transaction, given);
    });
  }

  /** An open question less. */
  forgetGiven(given: GivenList): Promise<void> {
    return this.#note(given.device, (transaction) => deleteGiven(transaction, given));
  }

  #note(device: string, write: Note['write']): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#notes.push({ device, write, resolve, reject });
    if (this.#notes.length === 1) setTimeout(() => void this.#writeNotes(), NOTES_TOGETHER);
    return promise;
  }

  async #writeNotes(): Promise<void> {
    const notes = this.#notes.splice(0);
    try {
      await this.#database.transaction().execute(async (transaction) => {
        const names = [...new Set(notes.map(({ device }) => device))];
        const devices = await transaction.selectFrom('device').select('name').where('name', 'in', names).execute();
        const there = new Set(devices.map(({ name }) => name));
        // Of a device that was removed meanwhile there is nothing to note, and the others are not to suffer for it.
        for (const { device, write } of notes) if (there.has(device)) await write(transaction);
      });
      for (const { resolve } of notes) resolve();
    } catch (error) {
      for (const { reject } of notes) reject(error);
    }
  }
}

function heldFromRow({ device, kind, list, taken_at, remote_address }: Selectable<PhoneTrustTable>): HeldList {
  return { device, kind, list, takenAt: taken_at, remoteAddress: remote_address };
}

async function deleteGiven(transaction: Transaction<Tables>, { device, list, remoteAddress }: GivenList) {
  await transaction
    .deleteFrom('given_list')
    .where('device', '=', device)
    .where('list', '=', list)
    .where('remote_address', '=', remoteAddress)
    .execute();
}
