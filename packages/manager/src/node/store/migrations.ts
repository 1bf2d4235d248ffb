import { type ChainEntry, callOfEntry } from '@trustline/evidence';
import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import { ManagerError } from '../../error.ts';
import type { Tables } from './tables.ts';

/** Octets; SQLite keeps the name as it is and what is put there as it comes. */
const binary = sql`bytea`;

interface Migration {
  readonly name: string;
  up(database: Kysely<Tables>): Promise<void>;
}

/** In order, numbered from 1. One that was released is never changed: add another. Only types that PostgreSQL has too. */
const migrations: readonly Migration[] = [
  { name: 'devices, registrations, evidence, settings', up: createTables },
  { name: 'trust lists, and what phones took of them; enrolments', up: createTrustLists },
  { name: 'operators and notices of expiry', up: createOperatorTables },
  { name: 'forwarding of lines', up: createLineForwarding },
  { name: 'what digest passwords are derived with', up: addDigestSalt },
  { name: 'lists that were given in the name of a phone', up: createGivenLists },
  { name: 'enrolments that wait for an outside authority', up: addOutsideIssue },
  { name: 'wrong strings of enrolments', up: addWrongStrings },
  { name: 'what phones have shown of themselves', up: createPhoneProofs },
  { name: 'which call an entry is about', up: addCallsOfEntries },
  { name: 'messages that wait for lines', up: createWaitingMessages },
  { name: 'calls that run', up: createRunningCalls },
  { name: 'lines that are not to be disturbed', up: addDoNotDisturb },
  { name: 'how many calls lines have', up: createLineLimits },
  { name: 'what devices speak', up: addDeviceProtocol },
  { name: 'gateways', up: createGateways },
];

/**
 * Brings a database to the version of this code, each step in a transaction of its own.
 *
 * @throws {ManagerError} manager.store-newer when a later version has been here
 */
export async function migrate(database: Kysely<Tables>, now: number): Promise<void> {
  await database.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  const { applied } = await database
    .selectFrom('migration')
    .select(({ fn }) => fn.coalesce(fn.max('number'), sql<number>`0`).as('applied'))
    .executeTakeFirstOrThrow();
  if (applied > migrations.length) {
    throw new ManagerError(
      'manager.store-newer',
      `The store is of version ${applied}; this manager knows version ${migrations.length}.`,
      { nextStep: 'Start the newer Trustline that wrote it, or restore a copy from before.' },
    );
  }
  for (const [index, { name, up }] of migrations.entries()) {
    if (index < applied) continue;
    await database.transaction().execute(async (transaction) => {
      await up(transaction);
      await transaction
        .insertInto('migration')
        .values({ number: index + 1, name, applied_at: now })
        .execute();
    });
  }
}

async function createTables(database: Kysely<Tables>): Promise<void> {
  const { schema } = database;
  await common(schema.createTable('device'))
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('security_mode', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('digest_sha256', 'text')
    .addColumn('digest_md5', 'text')
    .addColumn('digest_realm', 'text')
    .addColumn('added_at', 'bigint', (column) => column.notNull())
    .execute();
  await common(schema.createTable('line'))
    .addColumn('device', 'text', (column) => column.notNull().references('device.name').onDelete('cascade'))
    .addColumn('number', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('display_name', 'text')
    .addPrimaryKeyConstraint('line_key', ['device', 'number'])
    .execute();
  await common(schema.createTable('registration'))
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull().references('device.name').onDelete('cascade'))
    .addColumn('contact', 'text', (column) => column.notNull())
    .addColumn('call_id', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('transport', 'text', (column) => column.notNull())
    .addColumn('remote_address', 'text', (column) => column.notNull())
    .addColumn('registered_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('registration_key', ['line', 'device', 'contact'])
    .execute();
  await common(schema.createTable('evidence'))
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('entry', 'text', (column) => column.notNull())
    .addColumn('personal', 'integer', (column) => column.notNull())
    .execute();
  await schema.createIndex('evidence_personal').on('evidence').columns(['personal', 'at']).execute();
  await common(schema.createTable('setting'))
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
}

async function createTrustLists({ schema }: Kysely<Tables>): Promise<void> {
  await common(schema.createTable('trust_list'))
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('content', binary, (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('published_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .execute();
  await common(schema.createTable('trust_list_wave'))
    .addColumn('list', 'integer', (column) => column.notNull().references('trust_list.number'))
    .addColumn('device', 'text', (column) => column.notNull().references('device.name').onDelete('cascade'))
    .addPrimaryKeyConstraint('trust_list_wave_key', ['list', 'device'])
    .execute();
  await common(schema.createTable('phone_trust'))
    .addColumn('device', 'text', (column) => column.notNull().references('device.name').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('list', 'integer', (column) => column.notNull().references('trust_list.number'))
    .addColumn('taken_at', 'bigint', (column) => column.notNull())
    .addColumn('remote_address', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('phone_trust_key', ['device', 'kind'])
    .execute();
  await common(schema.createTable('enrolment'))
    .addColumn('device', 'text', (column) => column.primaryKey().references('device.name').onDelete('cascade'))
    .addColumn('identifier', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('authentication', 'text', (column) => column.notNull())
    .addColumn('string', 'text')
    .addColumn('certificates', 'text')
    .addColumn('until', 'bigint')
    .addColumn('locked', 'integer', (column) => column.notNull())
    .execute();
  await common(schema.createTable('device_certificate'))
    .addColumn('device', 'text', (column) => column.primaryKey().references('device.name').onDelete('cascade'))
    .addColumn('certificate', binary, (column) => column.notNull())
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('proven_by', 'text', (column) => column.notNull())
    .execute();
}

async function createOperatorTables({ schema }: Kysely<Tables>): Promise<void> {
  await common(schema.createTable('operator'))
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('added_at', 'bigint', (column) => column.notNull())
    .execute();
  await common(schema.createTable('expiry_notice'))
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('days', 'integer', (column) => column.notNull())
    .addColumn('given_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('expiry_notice_key', ['fingerprint', 'days'])
    .execute();
}

async function createLineForwarding({ schema }: Kysely<Tables>): Promise<void> {
  await common(schema.createTable('line_forwarding'))
    .addColumn('number', 'text', (column) => column.primaryKey())
    .addColumn('always', 'text')
    .addColumn('busy', 'text')
    .addColumn('no_answer', 'text')
    .addColumn('unregistered', 'text')
    .addColumn('no_answer_timeout', 'bigint')
    .execute();
}

async function addDigestSalt({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('device').addColumn('digest_salt', 'text').execute();
}

/** What was noted as taken before had only been given: to whom is not known until the phone is seen again. */
async function createGivenLists(database: Kysely<Tables>): Promise<void> {
  await common(database.schema.createTable('given_list'))
    .addColumn('device', 'text', (column) => column.notNull().references('device.name').onDelete('cascade'))
    .addColumn('list', 'integer', (column) => column.notNull().references('trust_list.number'))
    .addColumn('given_at', 'bigint', (column) => column.notNull())
    .addColumn('remote_address', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('given_list_key', ['device', 'list', 'remote_address'])
    .execute();
  for (const { device, list, taken_at, remote_address, node, schema } of await database
    .selectFrom('phone_trust')
    .selectAll()
    .execute()) {
    const address = remote_address.replace(/:\d+$/, '');
    const row = { device, list, given_at: taken_at, remote_address: address, node, schema };
    await database.insertInto('given_list').values(row).execute();
  }
  await database.deleteFrom('phone_trust').execute();
}

async function addOutsideIssue({ schema }: Kysely<Tables>): Promise<void> {
  for (const column of ['outside_key', 'outside_request', 'outside_certificate']) {
    await schema.alterTable('enrolment').addColumn(column, binary).execute();
  }
}

async function addWrongStrings({ schema }: Kysely<Tables>): Promise<void> {
  const column = 'wrong_strings';
  await schema
    .alterTable('enrolment')
    .addColumn(column, 'integer', (one) => one.notNull().defaultTo(0))
    .execute();
}

async function createPhoneProofs({ schema }: Kysely<Tables>): Promise<void> {
  await common(schema.createTable('phone_proof'))
    .addColumn('device', 'text', (column) => column.primaryKey().references('device.name').onDelete('cascade'))
    .addColumn('mic', binary)
    .addColumn('signs_sessions', 'integer', (column) => column.notNull())
    .execute();
}

/** Entries from before are read a page at a time. */
async function addCallsOfEntries(database: Kysely<Tables>): Promise<void> {
  await database.schema.alterTable('evidence').addColumn('call', 'text').execute();
  await database.schema.createIndex('evidence_call').on('evidence').columns(['call', 'sequence']).execute();
  for (let after = 0; ; ) {
    const page = database.selectFrom('evidence').select(['sequence', 'entry']).where('sequence', '>', after);
    const rows = await page.orderBy('sequence').limit(500).execute();
    if (rows.length === 0) return;
    for (const { sequence, entry } of rows) {
      after = sequence;
      const call = callOfEntry(JSON.parse(entry) as ChainEntry);
      if (call !== null)
        await database.updateTable('evidence').set({ call }).where('sequence', '=', sequence).execute();
    }
  }
}

async function createWaitingMessages({ schema }: Kysely<Tables>): Promise<void> {
  await common(schema.createTable('waiting_messages'))
    .addColumn('number', 'text', (column) => column.primaryKey())
    .addColumn('new_messages', 'integer', (column) => column.notNull())
    .addColumn('old_messages', 'integer', (column) => column.notNull())
    .execute();
}

async function createRunningCalls({ schema }: Kysely<Tables>): Promise<void> {
  await common(schema.createTable('running_call'))
    .addColumn('call', 'text', (column) => column.primaryKey())
    .execute();
}

async function addDoNotDisturb({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .alterTable('line_forwarding')
    .addColumn('do_not_disturb', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}

async function createLineLimits({ schema }: Kysely<Tables>): Promise<void> {
  await common(schema.createTable('line_limit'))
    .addColumn('number', 'text', (column) => column.primaryKey())
    .addColumn('busy_trigger', 'integer')
    .addColumn('maximum_calls', 'integer')
    .execute();
}

/** Devices from before are of SIP: so their files have always said. */
async function addDeviceProtocol({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .alterTable('device')
    .addColumn('protocol', 'text', (column) => column.notNull().defaultTo('sip'))
    .execute();
}

async function createGateways({ schema }: Kysely<Tables>): Promise<void> {
  await common(schema.createTable('gateway'))
    .addColumn('device', 'text', (column) => column.primaryKey().references('device.name').onDelete('cascade'))
    .addColumn('settings', 'text', (column) => column.notNull())
    .execute();
}

/** What every row says: which node wrote it, and the version of its shape. */
function common<Name extends string, Columns extends string>(
  table: CreateTableBuilder<Name, Columns>,
): CreateTableBuilder<Name, Columns | 'node' | 'schema'> {
  return table
    .addColumn('node', 'text', (column) => column.notNull())
    .addColumn('schema', 'integer', (column) => column.notNull());
}
