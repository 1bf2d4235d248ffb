import { type ChainEntry, erasePersonalFields, type SequenceRange, type WrittenEntry } from '@trustline/evidence';
import type { CompiledQuery, Kysely } from 'kysely';
import { executeForEach } from './dialect.ts';
import { type EvidenceTable, ROW_SCHEMA, type RunningCallTable, type Tables } from './tables.ts';

/** Entries fetched at once when the whole chain is read. */
const pageSize = 500;

/** The chain of evidence as rows. Whoever appends holds the chain's state; see `journal.ts`. */
export class EvidenceRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;
  #queries: ReturnType<typeof compile> | undefined;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  /** Appends entries in one transaction: when it resolves they are on the disk. */
  append(entries: readonly WrittenEntry[]): Promise<void> {
    return this.#database.transaction().execute((transaction) => this.#insert(transaction, entries));
  }

  async last(): Promise<ChainEntry | undefined> {
    return (await this.latest(1))[0];
  }

  /** The last entries, oldest of them first. */
  async latest(count: number, kinds: 'all' | 'events' = 'all'): Promise<readonly ChainEntry[]> {
    let query = this.#database.selectFrom('evidence').select('entry').orderBy('sequence', 'desc').limit(count);
    if (kinds === 'events') query = query.where('kind', 'not in', ['call', 'erased']);
    return (await query.execute()).map(parse).reverse();
  }

  /** The last call records' entries, oldest of them first. */
  async latestCalls(count: number): Promise<readonly ChainEntry[]> {
    const rows = await this.#database
      .selectFrom('evidence')
      .select('entry')
      .where('kind', '=', 'call')
      .orderBy('sequence', 'desc')
      .limit(count)
      .execute();
    return rows.map(parse).reverse();
  }

  /** All about one call, oldest first; two calls where what is given begins the names of both, and so on. */
  async ofCall(beginning: string): Promise<readonly ChainEntry[]> {
    const rows = await this.#database
      .selectFrom('evidence')
      .select('entry')
      .where('call', '>=', beginning)
      .where('call', '<', `${beginning}\u{10ffff}`)
      .orderBy('sequence')
      .execute();
    return rows.map(parse);
  }

  /** Every entry up to one, in order; a page at a time, so that others get their turn. */
  async *all(upTo: number): AsyncGenerator<ChainEntry> {
    for (let after = 0; after < upTo; ) {
      const rows = await this.#database
        .selectFrom('evidence')
        .select(['sequence', 'entry'])
        .where('sequence', '>', after)
        .where('sequence', '<=', upTo)
        .orderBy('sequence')
        .limit(pageSize)
        .execute();
      if (rows.length === 0) return;
      for (const row of rows) yield parse(row);
      after = rows.at(-1)?.sequence ?? upTo;
    }
  }

  /** Ranges of entries from before a time (ISO 8601) that still have personal fields, at most so many entries. */
  async erasable(before: string, limit: number): Promise<readonly SequenceRange[]> {
    const rows = await this.#database
      .selectFrom('evidence')
      .select('sequence')
      .where('personal', '=', 1)
      .where('at', '<', before)
      .orderBy('sequence')
      .limit(limit)
      .execute();
    const ranges: [number, number][] = [];
    for (const { sequence } of rows) {
      const newest = ranges.at(-1);
      if (newest !== undefined && newest[1] === sequence - 1) newest[1] = sequence;
      else ranges.push([sequence, sequence]);
    }
    return ranges;
  }

  /** Removes personal fields and salts, and appends the entry that says so, in one transaction. */
  async erase(ranges: readonly SequenceRange[], told: WrittenEntry): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      for (const [first, last] of ranges) {
        const rows = await transaction
          .selectFrom('evidence')
          .select(['sequence', 'entry'])
          .where('sequence', '>=', first)
          .where('sequence', '<=', last)
          .execute();
        for (const row of rows) {
          await transaction
            .updateTable('evidence')
            .set({ entry: JSON.stringify(erasePersonalFields(parse(row))), personal: 0 })
            .where('sequence', '=', row.sequence)
            .execute();
        }
      }
      await this.#insert(transaction, [told]);
    });
  }

  /** Calls that have begun and have no record: after a start, those that were interrupted. */
  async unfinishedCalls(): Promise<readonly string[]> {
    const rows = await this.#database.selectFrom('running_call').select('call').orderBy('call').execute();
    return rows.map(({ call }) => call);
  }

  async #insert(transaction: Kysely<Tables>, entries: readonly WrittenEntry[]): Promise<void> {
    this.#queries ??= compile(this.#database);
    const { put, begin, end } = this.#queries;
    const [node, schema] = [this.#node, ROW_SCHEMA];
    await executeForEach(
      transaction,
      put,
      entries.map(({ sequence, at, subject, call, text, hasPersonalFields }) =>
        Object.values({
          sequence,
          at,
          kind: subject,
          call,
          entry: text,
          personal: hasPersonalFields ? 1 : 0,
          node,
          schema,
        } satisfies EvidenceTable),
      ),
    );
    const callsOf = (subject: string) => entries.flatMap((one) => (one.subject === subject ? (one.call ?? []) : []));
    // A call that goes on may have begun a moment before the process died, and that had not been stored.
    const begun = [...callsOf('call-started'), ...callsOf('call-recovered')].map((call) =>
      Object.values({ call, node, schema } satisfies RunningCallTable),
    );
    await executeForEach(transaction, begin, begun);
    await executeForEach(
      transaction,
      end,
      callsOf('call').map((call) => [call]),
    );
  }
}

/** Compiled once, as that takes longer than to run them. Their parameters are the values of a row, in its order. */
function compile(database: Kysely<Tables>): Readonly<Record<'put' | 'begin' | 'end', CompiledQuery>> {
  const common = { node: '', schema: ROW_SCHEMA };
  const entry = { sequence: 0, at: '', kind: '', call: null, entry: '', personal: 0, ...common } as const;
  return {
    put: database.insertInto('evidence').values(entry).compile(),
    begin: database
      .insertInto('running_call')
      .values({ call: '', ...common })
      .onConflict((conflict) => conflict.doNothing())
      .compile(),
    end: database.deleteFrom('running_call').where('call', '=', '').compile(),
  };
}

function parse(row: { readonly entry: string }): ChainEntry {
  return JSON.parse(row.entry) as ChainEntry;
}
