import type { Kysely } from 'kysely';
import type { WaitingMessages } from '../../subscriptions/documents.ts';
import { ROW_SCHEMA, type Tables } from './tables.ts';

/** How many messages wait for each line, as whoever keeps them has said. */
export class WaitingMessagesRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** By the line's number; a line that has none is not there. */
  async all(): Promise<ReadonlyMap<string, WaitingMessages>> {
    const rows = await this.#database.selectFrom('waiting_messages').selectAll().orderBy('number').execute();
    return new Map(
      rows.map(({ number, new_messages, old_messages }) => [number, { new: new_messages, old: old_messages }]),
    );
  }

  /** In the place of what was there. */
  async set(number: string, messages: WaitingMessages): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('waiting_messages').where('number', '=', number).execute();
      if (messages.new === 0 && messages.old === 0) return;
      const counts = { new_messages: messages.new, old_messages: messages.old };
      const row = { number, ...counts, node: this.#node, schema: ROW_SCHEMA };
      await transaction.insertInto('waiting_messages').values(row).execute();
    });
  }
}
