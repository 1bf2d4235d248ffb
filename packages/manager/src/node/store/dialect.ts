import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { SqliteDialect } from 'kysely';

/** How long a statement waits for another process that reads the file (a backup, for instance). */
const busyTimeout = 5_000;
/** Prepared statements kept; the store has some dozens of texts. */
const statementLimit = 200;

/** Opens a SQLite file so that what was committed is on the disk (a sync a commit), and what was erased is not. */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeout, enableForeignKeyConstraints: true });
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;',
  );
  return database;
}

/** Kysely's dialect for `node:sqlite`, whose statements do not say by themselves whether they return rows. */
export function nodeSqliteDialect(database: DatabaseSync): SqliteDialect {
  const statements = new Map<string, Statement>();
  return new SqliteDialect({
    database: {
      prepare(sql) {
        const known = statements.get(sql);
        if (known !== undefined) return known;
        if (statements.size >= statementLimit) statements.clear();
        const statement = new Statement(database, sql);
        statements.set(sql, statement);
        return statement;
      },
      close: () => database.close(),
    },
  });
}

type Value = null | number | bigint | string | Uint8Array;

/** A statement in the shape that Kysely's SQLite driver asks for. */
class Statement {
  readonly reader: boolean;
  readonly #database: DatabaseSync;
  readonly #statement: StatementSync;
  readonly #isRollback: boolean;

  constructor(database: DatabaseSync, sql: string) {
    this.#database = database;
    this.#statement = database.prepare(sql);
    this.#isRollback = sql === 'rollback';
    this.reader = this.#statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#statement.all(...(parameters as Value[]));
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    // A full disk ends the transaction by itself; an error of the rollback after it would hide the reason.
    if (this.#isRollback && !this.#database.isTransaction) return { changes: 0, lastInsertRowid: 0 };
    return this.#statement.run(...(parameters as Value[]));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...(parameters as Value[]));
  }
}
