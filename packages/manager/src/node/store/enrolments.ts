import type {
  EnrolmentAction,
  EnrolmentAuthentication,
  EnrolmentOperation,
  OutsideIssue,
} from '@trustline/provisioning';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { type EnrolmentTable, ROW_SCHEMA, type Tables } from './tables.ts';

/** An operation as it is stored. */
export interface StoredOperation {
  readonly id: string;
  readonly action: EnrolmentAction;
  readonly authentication: StoredAuthentication;
}

/**
 * How a phone proves itself, as it is stored: digits are sealed (`sealed-string.ts`), and the end of a window is a date in
 * epoch milliseconds, for a restart ends monotonic time.
 */
export type StoredAuthentication =
  | { readonly by: 'string'; readonly sealed: string }
  | Extract<EnrolmentAuthentication, { by: 'certificate' | 'nothing' }>;

export interface StoredEnrolment {
  readonly device: string;
  readonly operation: StoredOperation;
  /** After five wrong strings. */
  readonly locked: boolean;
  readonly wrongStrings: number;
  /** The key that it is bound to. */
  readonly outside: OutsideIssue | undefined;
}

/** What phones may do at CAPF, and the certificate that each was issued last. */
export class EnrolmentRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  async list(): Promise<readonly StoredEnrolment[]> {
    const rows = await this.#database.selectFrom('enrolment').selectAll().orderBy('device').execute();
    return rows.map(fromRow);
  }

  /** Puts an operation in the place of an earlier one of the device. */
  async set(device: string, operation: StoredOperation): Promise<void> {
    const { id, action, authentication } = operation;
    const row = {
      identifier: id,
      action: JSON.stringify(action),
      authentication: authentication.by,
      string: authentication.by === 'string' ? authentication.sealed : null,
      certificates: authentication.by === 'certificate' ? JSON.stringify(authentication.kinds) : null,
      until: authentication.by === 'nothing' ? authentication.until : null,
      locked: 0,
      wrong_strings: 0,
      outside_key: null,
      outside_request: null,
      outside_certificate: null,
      node: this.#node,
      schema: ROW_SCHEMA,
    };
    await this.#database
      .insertInto('enrolment')
      .values({ device, ...row })
      .onConflict((conflict) => conflict.column('device').doUpdateSet(row))
      .execute();
  }

  /** An operation is over. One that has taken its place meanwhile stays. */
  async remove(device: string, operation: string): Promise<void> {
    await this.#database
      .deleteFrom('enrolment')
      .where('device', '=', device)
      .where('identifier', '=', operation)
      .execute();
  }

  async setLocked(device: string, operation: string, locked: boolean): Promise<void> {
    await this.#database
      .updateTable('enrolment')
      .set(locked ? { locked: 1 } : { locked: 0, wrong_strings: 0 })
      .where('device', '=', device)
      .where('identifier', '=', operation)
      .execute();
  }

  /** One more wrong string was shown for the operation. */
  async countWrongString(device: string, operation: string): Promise<void> {
    await this.#database
      .updateTable('enrolment')
      .set(({ eb }) => ({ wrong_strings: eb('wrong_strings', '+', 1) }))
      .where('device', '=', device)
      .where('identifier', '=', operation)
      .execute();
  }

  /** Binds an operation to a key, or notes its certificate. False where the operation is not pending any more. */
  async setOutside(device: string, operation: string, outside: OutsideIssue): Promise<boolean> {
    const { publicKey, request = null, certificate = null } = outside;
    const { numUpdatedRows } = await this.#database
      .updateTable('enrolment')
      .set({ outside_key: publicKey, outside_request: request, outside_certificate: certificate })
      .where('device', '=', device)
      .where('identifier', '=', operation)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  }

  /** The certificate of an outside authority is given to the phone; the operation is over when the phone says so. */
  async handedOut(
    device: string,
    { authentication }: EnrolmentOperation,
    certificate: Uint8Array,
    now: number,
  ): Promise<void> {
    await this.#database
      .transaction()
      .execute((transaction) => this.#setCertificate(transaction, device, authentication.by, certificate, now));
  }

  /** The operation is over and its certificate is known: both, or neither. */
  async issued(
    device: string,
    { id, authentication }: EnrolmentOperation,
    certificate: Uint8Array,
    now: number,
  ): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('enrolment').where('device', '=', device).where('identifier', '=', id).execute();
      await this.#setCertificate(transaction, device, authentication.by, certificate, now);
    });
  }

  async #setCertificate(
    transaction: Transaction<Tables>,
    device: string,
    proven_by: EnrolmentAuthentication['by'],
    certificate: Uint8Array,
    now: number,
  ): Promise<void> {
    const row = { certificate, issued_at: now, proven_by, node: this.#node, schema: ROW_SCHEMA };
    await transaction
      .insertInto('device_certificate')
      .values({ device, ...row })
      .onConflict((conflict) => conflict.column('device').doUpdateSet(row))
      .execute();
  }

  /** By what each device proved itself for the certificate that it was issued last: whoever shows that again is suspect. */
  async provenBy(): Promise<ReadonlyMap<string, EnrolmentAuthentication['by']>> {
    const rows = await this.#database.selectFrom('device_certificate').select(['device', 'proven_by']).execute();
    return new Map(rows.map(({ device, proven_by }) => [device, proven_by]));
  }

  /** The certificate that the device was issued last, DER. */
  async certificateOf(device: string): Promise<Uint8Array | undefined> {
    const row = await this.#database
      .selectFrom('device_certificate')
      .select('certificate')
      .where('device', '=', device)
      .executeTakeFirst();
    return row === undefined || row.certificate.byteLength === 0 ? undefined : Uint8Array.from(row.certificate);
  }

  /** Of each device the certificate that it was issued last, DER. */
  async certificates(): Promise<ReadonlyMap<string, Uint8Array>> {
    const rows = await this.#database.selectFrom('device_certificate').select(['device', 'certificate']).execute();
    const held = rows.filter(({ certificate }) => certificate.byteLength > 0);
    return new Map(held.map(({ device, certificate }) => [device, Uint8Array.from(certificate)]));
  }

  /** The device has deleted its certificate. That it was issued one on the word of another is still known. */
  async forgetCertificate(device: string): Promise<void> {
    await this.#database
      .updateTable('device_certificate')
      .set({ certificate: new Uint8Array() })
      .where('device', '=', device)
      .execute();
  }
}

function fromRow(row: Selectable<EnrolmentTable>): StoredEnrolment {
  return {
    device: row.device,
    operation: {
      id: row.identifier,
      action: JSON.parse(row.action) as EnrolmentAction,
      authentication: authenticationOf(row),
    },
    locked: row.locked === 1,
    wrongStrings: row.wrong_strings,
    outside: outsideOf(row),
  };
}

function outsideOf(row: Selectable<EnrolmentTable>): OutsideIssue | undefined {
  if (row.outside_key === null) return undefined;
  const octets = (column: Uint8Array | null) => (column === null ? undefined : Uint8Array.from(column));
  return {
    publicKey: Uint8Array.from(row.outside_key),
    request: octets(row.outside_request),
    certificate: octets(row.outside_certificate),
  };
}

function authenticationOf(row: Selectable<EnrolmentTable>): StoredAuthentication {
  switch (row.authentication) {
    case 'string':
      return { by: 'string', sealed: row.string ?? '' };
    case 'certificate': {
      const kinds = JSON.parse(row.certificates ?? '[]') as Extract<
        EnrolmentAuthentication,
        { by: 'certificate' }
      >['kinds'];
      return { by: 'certificate', kinds };
    }
    case 'nothing':
      return { by: 'nothing', until: row.until ?? 0 };
  }
}
