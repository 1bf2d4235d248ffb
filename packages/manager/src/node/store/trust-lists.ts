import { createHash } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { ROW_SCHEMA, type Tables, type TrustListTable } from './tables.ts';

export type TrustListKind = TrustListTable['kind'];

/** A trust list as it was published. */
export interface StoredTrustList {
  /** Counted from 1 over both kinds, in the order of publishing. */
  readonly number: number;
  readonly kind: TrustListKind;
  readonly content: Uint8Array;
  /** SHA-256 over the content, lower-case hex. */
  readonly hash: string;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly state: TrustListTable['state'];
}

/** Every list that was ever published. */
export class TrustListRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** Oldest first. */
  async list(kind: TrustListKind): Promise<readonly StoredTrustList[]> {
    const rows = await this.#database
      .selectFrom('trust_list')
      .selectAll()
      .where('kind', '=', kind)
      .orderBy('number')
      .execute();
    return rows.map(fromRow);
  }

  /** What phones are given: the current ones, and those of waves. Oldest first. */
  async inForce(): Promise<readonly StoredTrustList[]> {
    const rows = await this.#database
      .selectFrom('trust_list')
      .selectAll()
      .where('state', '!=', 'earlier')
      .orderBy('number')
      .execute();
    return rows.map(fromRow);
  }

  /** The one that all phones get, but those of a wave. */
  async current(kind: TrustListKind): Promise<StoredTrustList | undefined> {
    const row = await this.#database
      .selectFrom('trust_list')
      .selectAll()
      .where('kind', '=', kind)
      .where('state', '=', 'current')
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** The one that this phone gets: that of its wave, where it is in one, or else the current one. */
  async forDevice(kind: TrustListKind, device: string): Promise<StoredTrustList | undefined> {
    const row = await this.#database
      .selectFrom('trust_list')
      .innerJoin('trust_list_wave', 'trust_list_wave.list', 'trust_list.number')
      .selectAll('trust_list')
      .where('trust_list.kind', '=', kind)
      .where('trust_list.state', '=', 'wave')
      .where('trust_list_wave.device', '=', device)
      .executeTakeFirst();
    return row === undefined ? this.current(kind) : fromRow(row);
  }

  /** The one that some phones get first, if there is one. */
  async inWave(kind: TrustListKind): Promise<StoredTrustList | undefined> {
    const row = await this.#database
      .selectFrom('trust_list')
      .selectAll()
      .where('kind', '=', kind)
      .where('state', '=', 'wave')
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** The newest list with this content, whatever its state. */
  async byHash(kind: TrustListKind, hash: string): Promise<StoredTrustList | undefined> {
    const row = await this.#database
      .selectFrom('trust_list')
      .selectAll()
      .where('kind', '=', kind)
      .where('hash', '=', hash)
      .orderBy('number', 'desc')
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** The list of this number, whatever its state. */
  async byNumber(number: number): Promise<StoredTrustList | undefined> {
    const row = await this.#database
      .selectFrom('trust_list')
      .selectAll()
      .where('number', '=', number)
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** The devices of a wave. */
  async wave(list: number): Promise<readonly string[]> {
    const rows = await this.#database
      .selectFrom('trust_list_wave')
      .select('device')
      .where('list', '=', list)
      .orderBy('device')
      .execute();
    return rows.map(({ device }) => device);
  }

  /**
   * Puts a list in the place of the current one, or beside it for some devices; whole, or not at all. A list in a wave
   * gives way to either.
   *
   * @param devices the wave; undefined for every phone
   */
  publish(
    kind: TrustListKind,
    content: Uint8Array,
    now: number,
    devices?: readonly string[],
  ): Promise<StoredTrustList> {
    return this.#database.transaction().execute(async (transaction) => {
      const replaced = devices === undefined ? (['current', 'wave'] as const) : (['wave'] as const);
      await transaction
        .updateTable('trust_list')
        .set({ state: 'earlier' })
        .where('kind', '=', kind)
        .where('state', 'in', replaced)
        .execute();
      const list: StoredTrustList = {
        number: await nextNumber(transaction),
        kind,
        content,
        hash: createHash('sha256').update(content).digest('hex'),
        publishedAt: now,
        state: devices === undefined ? 'current' : 'wave',
      };
      await transaction.insertInto('trust_list').values(this.#toRow(list)).execute();
      if (devices !== undefined && devices.length > 0) {
        const rows = [...new Set(devices)].map((device) => ({
          list: list.number,
          device,
          node: this.#node,
          schema: ROW_SCHEMA,
        }));
        await transaction.insertInto('trust_list_wave').values(rows).execute();
      }
      return list;
    });
  }

  /** The list of a wave becomes that of all phones. */
  async completeWave(kind: TrustListKind): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const wave = await transaction
        .selectFrom('trust_list')
        .select('number')
        .where('kind', '=', kind)
        .where('state', '=', 'wave')
        .executeTakeFirst();
      if (wave === undefined) return;
      await transaction
        .updateTable('trust_list')
        .set({ state: 'earlier' })
        .where('kind', '=', kind)
        .where('state', '=', 'current')
        .execute();
      await transaction.updateTable('trust_list').set({ state: 'current' }).where('number', '=', wave.number).execute();
    });
  }

  #toRow({ number, kind, content, hash, publishedAt, state }: StoredTrustList): TrustListTable {
    return { number, kind, content, hash, published_at: publishedAt, state, node: this.#node, schema: ROW_SCHEMA };
  }
}

async function nextNumber(transaction: Transaction<Tables>): Promise<number> {
  const row = await transaction
    .selectFrom('trust_list')
    .select('number')
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return (row?.number ?? 0) + 1;
}

function fromRow(row: Selectable<TrustListTable>): StoredTrustList {
  const { number, kind, content, hash, published_at, state } = row;
  return { number, kind, content: Uint8Array.from(content), hash, publishedAt: published_at, state };
}
