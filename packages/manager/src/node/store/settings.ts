import type { Kysely } from 'kysely';
import { ROW_SCHEMA, type Tables } from './tables.ts';

/** What the manager must remember and nobody configures. */
export type SettingName =
  | 'public-key-of-records'
  /** `begun` while a manager runs, `ended` after its stop: one that finds `begun` comes after a crash. */
  | 'run';

/** Small texts by name. */
export class SettingRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  async get(name: SettingName): Promise<string | undefined> {
    const row = await this.#database.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst();
    return row?.value;
  }

  async set(name: SettingName, value: string): Promise<void> {
    const row = { value, node: this.#node, schema: ROW_SCHEMA };
    await this.#database
      .insertInto('setting')
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
  }
}
