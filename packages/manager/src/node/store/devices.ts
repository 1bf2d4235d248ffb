import type { Kysely, Selectable } from 'kysely';
import { ManagerError } from '../../error.ts';
import { type DeviceTable, type LineTable, ROW_SCHEMA, type Tables } from './tables.ts';

/** H(A1) of a device for when it proves itself by password: what digest needs, and never the password (RFC 7616 §3.4.2). */
export interface DigestSecret {
  readonly realm: string;
  readonly sha256: string;
  /** Only where a listener takes MD5. */
  readonly md5: string | undefined;
  /** What the password was derived with; undefined for one that an earlier version made. */
  readonly salt: string | undefined;
}

interface StoredLine {
  readonly number: string;
  readonly displayName: string | undefined;
}

export interface StoredDevice {
  readonly name: string;
  readonly kind: DeviceTable['kind'];
  readonly securityMode: DeviceTable['security_mode'];
  /** What a phone is told to speak, and registers by; trunks and gateways are of SIP. */
  readonly protocol: DeviceTable['protocol'];
  readonly description: string;
  /** In the order of the buttons. */
  readonly lines: readonly StoredLine[];
  readonly digest: DigestSecret | undefined;
  /** Epoch milliseconds. */
  readonly addedAt: number;
}

/** The devices of the cluster with their lines and digest secrets. */
export class DeviceRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  async list(): Promise<readonly StoredDevice[]> {
    const rows = await this.#database.selectFrom('device').selectAll().orderBy('name').execute();
    const lines = await this.#database.selectFrom('line').selectAll().orderBy('position').execute();
    const byDevice = Map.groupBy(lines, ({ device }) => device);
    return rows.map((row) => fromRow(row, byDevice.get(row.name) ?? []));
  }

  /** The device of this name; undefined when there is none. */
  async find(name: string): Promise<StoredDevice | undefined> {
    const row = await this.#database.selectFrom('device').selectAll().where('name', '=', name).executeTakeFirst();
    if (row === undefined) return undefined;
    const lines = await this.#database
      .selectFrom('line')
      .selectAll()
      .where('device', '=', name)
      .orderBy('position')
      .execute();
    return fromRow(row, lines);
  }

  async has(name: string): Promise<boolean> {
    const row = await this.#database.selectFrom('device').select('name').where('name', '=', name).executeTakeFirst();
    return row !== undefined;
  }

  /** @throws {ManagerError} manager.device-exists */
  async add(device: StoredDevice): Promise<void> {
    const common = { node: this.#node, schema: ROW_SCHEMA };
    await this.#database.transaction().execute(async (transaction) => {
      const { numInsertedOrUpdatedRows: inserted } = await transaction
        .insertInto('device')
        .values({
          name: device.name,
          kind: device.kind,
          security_mode: device.securityMode,
          protocol: device.protocol,
          description: device.description,
          digest_sha256: device.digest?.sha256 ?? null,
          digest_md5: device.digest?.md5 ?? null,
          digest_realm: device.digest?.realm ?? null,
          digest_salt: device.digest?.salt ?? null,
          added_at: device.addedAt,
          ...common,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (inserted === 0n) {
        throw new ManagerError('manager.device-exists', `The device ${device.name} is there already.`, {
          nextStep: `Remove it first: trustline device remove ${device.name}`,
        });
      }
      for (const [position, { number, displayName }] of device.lines.entries()) {
        const line = { device: device.name, number, position, display_name: displayName ?? null, ...common };
        await transaction.insertInto('line').values(line).execute();
      }
    });
  }

  /** Removes a device with its lines and registrations; false when there is none. */
  async remove(name: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database
      .deleteFrom('device')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  }

  /** Gives a device another digest password; false when there is no such device. */
  async setDigest(name: string, digest: DigestSecret): Promise<boolean> {
    const { numUpdatedRows } = await this.#database
      .updateTable('device')
      .set({
        digest_sha256: digest.sha256,
        digest_md5: digest.md5 ?? null,
        digest_realm: digest.realm,
        digest_salt: digest.salt ?? null,
      })
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  }
}

function fromRow(row: Selectable<DeviceTable>, lines: readonly Selectable<LineTable>[]): StoredDevice {
  return {
    name: row.name,
    kind: row.kind,
    securityMode: row.security_mode,
    protocol: row.protocol,
    description: row.description,
    lines: lines.map(({ number, display_name }) => ({ number, displayName: display_name ?? undefined })),
    digest:
      row.digest_sha256 === null || row.digest_realm === null
        ? undefined
        : {
            realm: row.digest_realm,
            sha256: row.digest_sha256,
            md5: row.digest_md5 ?? undefined,
            salt: row.digest_salt ?? undefined,
          },
    addedAt: row.added_at,
  };
}
