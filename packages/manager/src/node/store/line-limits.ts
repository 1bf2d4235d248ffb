import type { LineLimits } from '@trustline/callcontrol';
import type { Kysely } from 'kysely';
import { ROW_SCHEMA, type Tables } from './tables.ts';

/** How many calls each line has, where it is not as many as all have. */
export class LineLimitsRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** By the line's number; a line that has as many as all is not there. */
  async all(): Promise<ReadonlyMap<string, LineLimits>> {
    const rows = await this.#database.selectFrom('line_limit').selectAll().orderBy('number').execute();
    return new Map(
      rows.map(({ number, busy_trigger: busyTrigger, maximum_calls: maximumCalls }) => [
        number,
        {
          ...(busyTrigger === null ? {} : { busyTrigger }),
          ...(maximumCalls === null ? {} : { maximumCalls }),
        },
      ]),
    );
  }

  /** In the place of what was there. */
  async set(number: string, { busyTrigger, maximumCalls }: LineLimits): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('line_limit').where('number', '=', number).execute();
      if (busyTrigger === undefined && maximumCalls === undefined) return;
      const limits = { busy_trigger: busyTrigger ?? null, maximum_calls: maximumCalls ?? null };
      const row = { number, ...limits, node: this.#node, schema: ROW_SCHEMA };
      await transaction.insertInto('line_limit').values(row).execute();
    });
  }
}
