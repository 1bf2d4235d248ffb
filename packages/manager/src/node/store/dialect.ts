import { backup, DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Kysely,
  type QueryResult,
  SelectQueryNode,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import type { Checkpoints } from './checkpoints.ts';
import type { Tables } from './tables.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** How long a statement waits for another process that reads the file (a backup, for instance). */
const busyTimeout = 5_000;
/** Pages of 4 kB; a log that holds more is moved into the file within a commit, should the checkpoints not keep up. */
const mostPagesInLog = 16_384;
/** Prepared statements kept; the store has some dozens of texts. */
const statementLimit = 200;

/** Opens a SQLite file for {@link nodeSqliteDialect}, which brings to the disk what is committed; what was erased is not on it. */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeout, enableForeignKeyConstraints: true });
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;
    PRAGMA wal_autocheckpoint = ${mostPagesInLog};`,
  );
  return database;
}

/** Pages copied before others get their turn. */
const pagesAtOnce = 1_000;

/** Copies the committed state of a file that is in use to a new one; what is written meanwhile is not in it. */
export async function copyDatabase(path: string, target: string): Promise<void> {
  const reader = new DatabaseSync(path, { readOnly: true, timeout: busyTimeout });
  try {
    // A transaction that reads keeps its view of the file: otherwise each write meanwhile would start the copy anew.
    reader.exec('BEGIN; SELECT count(*) FROM sqlite_schema;');
    await backup(reader, target, { rate: pagesAtOnce });
  } finally {
    reader.close();
  }
}

/**
 * Kysely's dialect for `node:sqlite`, whose statements do not say by themselves whether they return rows. A change, or
 * the commit of a transaction, resolves when it is on the disk, and the process is not held up meanwhile.
 *
 * @param checkpoints hears of each commit; the caller closes it before the database
 */
export function nodeSqliteDialect(database: DatabaseSync, path: string, checkpoints: Checkpoints): SqliteDialect {
  const statements = new Map<string, Statement>();
  const log = new WriteAheadLog(path);
  const prepare = (sql: string): Statement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size >= statementLimit) statements.clear();
    const statement = new Statement(database, sql);
    statements.set(sql, statement);
    return statement;
  };
  const close = (): void => {
    log.close();
    database.close();
  };
  const synced = () => {
    if (database.isTransaction) return undefined;
    checkpoints.committed();
    return log.synced();
  };
  return new DurableDialect({ prepare, close, synced });
}

/** A change that is made once for each of many rows. */
interface RepeatedQuery extends CompiledQuery {
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * The same change for each of these rows of parameters, within a transaction. What Kysely does around a query takes longer
 * than to put a row.
 */
export async function executeForEach(
  transaction: Kysely<Tables>,
  query: CompiledQuery,
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const repeated: RepeatedQuery = { ...query, rows };
  await transaction.executeQuery(repeated);
}

/** A SQLite file as the dialect uses it. */
interface OpenFile {
  prepare(sql: string): Statement;
  close(): void;
  /** Resolves when what is committed is on the disk; undefined within a transaction. */
  synced(): Promise<void> | undefined;
}

class DurableDialect extends SqliteDialect {
  readonly #file: OpenFile;

  constructor(file: OpenFile) {
    super({ database: file });
    this.#file = file;
  }

  override createDriver(): SqliteDriver {
    return new DurableDriver(this.#file);
  }
}

class DurableDriver extends SqliteDriver {
  readonly #file: OpenFile;

  constructor(file: OpenFile) {
    super({ database: file });
    this.#file = file;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return new DurableConnection(await super.acquireConnection(), this.#file);
  }
}

class DurableConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;
  readonly #file: OpenFile;

  constructor(connection: DatabaseConnection, file: OpenFile) {
    this.#connection = connection;
    this.#file = file;
  }

  async executeQuery<Row>(query: CompiledQuery | RepeatedQuery): Promise<QueryResult<Row>> {
    if ('rows' in query) {
      const statement = this.#file.prepare(query.sql);
      for (const row of query.rows) statement.run(row);
      return { rows: [] };
    }
    const result = await this.#connection.executeQuery<Row>(query);
    if (!SelectQueryNode.is(query.query)) await this.#file.synced();
    return result;
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#connection.streamQuery<Row>(query, chunkSize);
  }
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
