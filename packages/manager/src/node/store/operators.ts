import type { Kysely } from 'kysely';
import type { OperatorRole } from '../../api/roles.ts';
import { ManagerError } from '../../error.ts';
import { ROW_SCHEMA, type Tables } from './tables.ts';

export interface StoredOperator {
  readonly name: string;
  readonly role: OperatorRole;
  /** Epoch milliseconds. */
  readonly addedAt: number;
}

/** The people who may use the interface from elsewhere, with their roles; that they are who they say, certificates prove. */
export class OperatorRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  async list(): Promise<readonly StoredOperator[]> {
    const rows = await this.#database.selectFrom('operator').selectAll().orderBy('name').execute();
    return rows.map(({ name, role, added_at }) => ({ name, role, addedAt: added_at }));
  }

  async roleOf(name: string): Promise<OperatorRole | undefined> {
    const row = await this.#database.selectFrom('operator').select('role').where('name', '=', name).executeTakeFirst();
    return row?.role;
  }

  /** @throws {ManagerError} manager.operator-exists */
  async add({ name, role, addedAt }: StoredOperator): Promise<void> {
    const { numInsertedOrUpdatedRows: inserted } = await this.#database
      .insertInto('operator')
      .values({ name, role, added_at: addedAt, node: this.#node, schema: ROW_SCHEMA })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (inserted === 0n) {
      throw new ManagerError('manager.operator-exists', `The operator ${name} is there already.`, {
        nextStep: `For another role or a new certificate, remove it first: trustline operator remove ${name}`,
      });
    }
  }

  /** False when there is none. */
  async remove(name: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database
      .deleteFrom('operator')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  }
}
