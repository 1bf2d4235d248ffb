import { setTimeout as delay } from 'node:timers/promises';
import type { CompiledQuery, Kysely } from 'kysely';
import { executeForEach } from './dialect.ts';
import { type RegistrationTable, ROW_SCHEMA, type Tables } from './tables.ts';

/** A binding (RFC 3261 §10.3): through this contact, this device answers for this line until it expires. */
export interface StoredRegistration {
  readonly line: string;
  readonly device: string;
  /** The Contact URI as it was registered. */
  readonly contact: string;
  readonly callId: string;
  /** CSeq number: a lower one of the same Call-ID is stale (RFC 3261 §10.3 step 7). */
  readonly sequence: number;
  /** Path values (RFC 3327), in order. */
  readonly path: readonly string[];
  readonly transport: RegistrationTable['transport'];
  /** Address and port of the peer: `192.0.2.7:49152`. */
  readonly remoteAddress: string;
  /** Epoch milliseconds. */
  readonly registeredAt: number;
  readonly expiresAt: number;
}

/** What one transaction does: a REGISTER may change several bindings, and all or none of it holds. */
export interface RegistrationChange {
  readonly put: readonly StoredRegistration[];
  readonly remove: readonly Pick<StoredRegistration, 'line' | 'device' | 'contact'>[];
}

/** Where more come while one group is written, the next waits for so many milliseconds: a sync costs as much for one as for all. */
const gathering = 2;

/** The bindings. When `apply` resolves they are on the disk: answer 200 after that, and not before. */
export class RegistrationRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;
  #waiting: { readonly change: RegistrationChange; resolve(): void; reject(error: unknown): void }[] = [];
  #writing = false;
  #put: CompiledQuery | undefined;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** Bindings that have not expired. */
  async list(now: number): Promise<readonly StoredRegistration[]> {
    const rows = await this.#database
      .selectFrom('registration')
      .selectAll()
      .where('expires_at', '>', now)
      .orderBy('registered_at')
      .execute();
    return rows.map((row) => ({
      line: row.line,
      device: row.device,
      contact: row.contact,
      callId: row.call_id,
      sequence: row.sequence,
      path: JSON.parse(row.path) as string[],
      transport: row.transport,
      remoteAddress: row.remote_address,
      registeredAt: row.registered_at,
      expiresAt: row.expires_at,
    }));
  }

  /** Changes that come while the disk is busy are committed together: one sync serves all who wait for it. */
  apply(change: RegistrationChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
      if (!this.#writing) {
        this.#writing = true;
        setImmediate(() => void this.#write());
      }
    });
  }

  async removeExpired(now: number): Promise<number> {
    const { numDeletedRows } = await this.#database
      .deleteFrom('registration')
      .where('expires_at', '<=', now)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#database.transaction().execute(async (transaction) => {
          await this.#apply(
            transaction,
            batch.map(({ change }) => change),
          );
        });
        for (const { resolve } of batch) resolve();
      } catch (error) {
        if (batch.length === 1) batch[0]?.reject(error);
        // One that the store refuses (its device was removed meanwhile) must not fail its neighbours.
        else for (const one of batch) await this.#writeAlone(one);
      }
      if (this.#waiting.length > 0) await delay(gathering);
    }
    this.#writing = false;
  }

  async #writeAlone(one: { readonly change: RegistrationChange; resolve(): void; reject(error: unknown): void }) {
    try {
      await this.#database.transaction().execute((transaction) => this.#apply(transaction, [one.change]));
      one.resolve();
    } catch (error) {
      one.reject(error);
    }
  }

  /** In their order, but those that only put, as a refresh does, are put together. */
  async #apply(transaction: Kysely<Tables>, changes: readonly RegistrationChange[]): Promise<void> {
    let rows: (readonly unknown[])[] = [];
    for (const { put, remove } of changes) {
      if (remove.length > 0) {
        await this.#putAll(transaction, rows);
        rows = [];
      }
      for (const { line, device, contact } of remove) {
        await transaction
          .deleteFrom('registration')
          .where('line', '=', line)
          .where('device', '=', device)
          .where('contact', '=', contact)
          .execute();
      }
      for (const binding of put) rows.push(Object.values(this.#row(binding)));
    }
    await this.#putAll(transaction, rows);
  }

  async #putAll(transaction: Kysely<Tables>, rows: readonly (readonly unknown[])[]): Promise<void> {
    this.#put ??= compilePut(this.#database);
    await executeForEach(transaction, this.#put, rows);
  }

  #row(binding: StoredRegistration): RegistrationTable {
    return {
      line: binding.line,
      device: binding.device,
      contact: binding.contact,
      call_id: binding.callId,
      sequence: binding.sequence,
      path: JSON.stringify(binding.path),
      transport: binding.transport,
      remote_address: binding.remoteAddress,
      registered_at: binding.registeredAt,
      expires_at: binding.expiresAt,
      node: this.#node,
      schema: ROW_SCHEMA,
    };
  }
}

/** Its parameters are the values of a row, in their order: it is compiled once, as that takes longer than to run it. */
function compilePut(database: Kysely<Tables>): CompiledQuery {
  return database
    .insertInto('registration')
    .values({
      line: '',
      device: '',
      contact: '',
      call_id: '',
      sequence: 0,
      path: '',
      transport: 'tls',
      remote_address: '',
      registered_at: 0,
      expires_at: 0,
      node: '',
      schema: ROW_SCHEMA,
    } satisfies RegistrationTable)
    .onConflict((conflict) =>
      conflict.columns(['line', 'device', 'contact']).doUpdateSet(({ ref }) => ({
        call_id: ref('excluded.call_id'),
        sequence: ref('excluded.sequence'),
        path: ref('excluded.path'),
        transport: ref('excluded.transport'),
        remote_address: ref('excluded.remote_address'),
        registered_at: ref('excluded.registered_at'),
        expires_at: ref('excluded.expires_at'),
        node: ref('excluded.node'),
        schema: ref('excluded.schema'),
      })),
    )
    .compile();
}
