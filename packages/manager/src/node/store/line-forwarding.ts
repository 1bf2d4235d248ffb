import type { Forwarding } from '@trustline/callcontrol';
import type { Kysely, Selectable } from 'kysely';
import { type LineForwardingTable, ROW_SCHEMA, type Tables } from './tables.ts';

/** Where the calls of each line go that it does not take. */
export class LineForwardingRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** By the line's number. */
  async all(): Promise<ReadonlyMap<string, Forwarding>> {
    const rows = await this.#database.selectFrom('line_forwarding').selectAll().orderBy('number').execute();
    return new Map(rows.map((row) => [row.number, fromRow(row)]));
  }

  /** In the place of what was there; a line that forwards nothing has no row. */
  async set(number: string, forwarding: Forwarding): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('line_forwarding').where('number', '=', number).execute();
      if (Object.keys(forwarding).length === 0) return;
      await transaction
        .insertInto('line_forwarding')
        .values({
          number,
          always: forwarding.always ?? null,
          busy: forwarding.busy ?? null,
          no_answer: forwarding.noAnswer ?? null,
          unregistered: forwarding.unregistered ?? null,
          no_answer_timeout: forwarding.noAnswerTimeout ?? null,
          do_not_disturb: forwarding.doNotDisturb === true ? 1 : 0,
          node: this.#node,
          schema: ROW_SCHEMA,
        })
        .execute();
    });
  }
}

function fromRow(row: Selectable<LineForwardingTable>): Forwarding {
  const { always, busy, no_answer: noAnswer, unregistered, no_answer_timeout: noAnswerTimeout } = row;
  return {
    ...(always === null ? {} : { always }),
    ...(busy === null ? {} : { busy }),
    ...(noAnswer === null ? {} : { noAnswer }),
    ...(unregistered === null ? {} : { unregistered }),
    ...(noAnswerTimeout === null ? {} : { noAnswerTimeout }),
    ...(row.do_not_disturb === 0 ? {} : { doNotDisturb: true }),
  };
}
