import type { Kysely } from 'kysely';
import { noticeKey } from '../../expiry-watch.ts';
import { ROW_SCHEMA, type Tables } from './tables.ts';

/** Which notices of an approaching end were given already: a restart repeats none. */
export class ExpiryNoticeRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** Every notice that was given, as `noticeKey` writes it. */
  async given(): Promise<ReadonlySet<string>> {
    const rows = await this.#database.selectFrom('expiry_notice').select(['fingerprint', 'days']).execute();
    return new Set(rows.map(({ fingerprint, days }) => noticeKey(fingerprint, days)));
  }

  async remember(fingerprint: string, days: number, now: number): Promise<void> {
    await this.#database
      .insertInto('expiry_notice')
      .values({ fingerprint, days, given_at: now, node: this.#node, schema: ROW_SCHEMA })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
