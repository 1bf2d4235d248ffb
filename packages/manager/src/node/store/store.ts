import { chmodSync } from 'node:fs';
import { Kysely } from 'kysely';
import { Checkpoints } from './checkpoints.ts';
import { DeviceRepository } from './devices.ts';
import { copyDatabase, nodeSqliteDialect, openDatabase } from './dialect.ts';
import { EnrolmentRepository } from './enrolments.ts';
import { EvidenceRepository } from './evidence.ts';
import { ExpiryNoticeRepository } from './expiry-notices.ts';
import { GatewayRepository } from './gateways.ts';
import { LineForwardingRepository } from './line-forwarding.ts';
import { LineLimitsRepository } from './line-limits.ts';
import { migrate } from './migrations.ts';
import { OperatorRepository } from './operators.ts';
import { PhoneListRepository } from './phone-lists.ts';
import { PhoneProofRepository } from './phone-proofs.ts';
import { RegistrationRepository } from './registrations.ts';
import { SettingRepository } from './settings.ts';
import type { Tables } from './tables.ts';
import { TrustListRepository } from './trust-lists.ts';
import { WaitingMessagesRepository } from './waiting-messages.ts';

/** Everything the manager keeps, behind one query layer. */
export interface Store {
  readonly devices: DeviceRepository;
  readonly gateways: GatewayRepository;
  readonly lineForwarding: LineForwardingRepository;
  readonly lineLimits: LineLimitsRepository;
  readonly waitingMessages: WaitingMessagesRepository;
  readonly registrations: RegistrationRepository;
  readonly evidence: EvidenceRepository;
  readonly operators: OperatorRepository;
  readonly expiryNotices: ExpiryNoticeRepository;
  readonly settings: SettingRepository;
  readonly trustLists: TrustListRepository;
  readonly phoneLists: PhoneListRepository;
  readonly phoneProofs: PhoneProofRepository;
  readonly enrolments: EnrolmentRepository;
  /** A quota for the file, in pages of 4 kB; without one the disk is the limit. Beyond it the store is full. */
  setMaximumPages(pages: number): void;
  /** Copies all that is committed to a new file, while the store is in use. */
  copyTo(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The node whose name the rows carry. */
  readonly node: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Opens the store in a SQLite file, making or migrating it. */
export async function openStore(path: string, { node, now }: StoreOptions): Promise<Store> {
  const file = openDatabase(path);
  const checkpoints = new Checkpoints(path);
  const database = new Kysely<Tables>({ dialect: nodeSqliteDialect(file, path, checkpoints) });
  try {
    chmodSync(path, 0o600);
    await migrate(database, now);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return {
    devices: new DeviceRepository(database, node),
    gateways: new GatewayRepository(database, node),
    lineForwarding: new LineForwardingRepository(database, node),
    lineLimits: new LineLimitsRepository(database, node),
    waitingMessages: new WaitingMessagesRepository(database, node),
    registrations: new RegistrationRepository(database, node),
    evidence: new EvidenceRepository(database, node),
    operators: new OperatorRepository(database, node),
    expiryNotices: new ExpiryNoticeRepository(database, node),
    settings: new SettingRepository(database, node),
    trustLists: new TrustListRepository(database, node),
    phoneLists: new PhoneListRepository(database, node),
    phoneProofs: new PhoneProofRepository(database, node),
    enrolments: new EnrolmentRepository(database, node),
    setMaximumPages: (pages) => file.exec(`PRAGMA max_page_count = ${Math.trunc(pages)}`),
    copyTo: (target) => copyDatabase(path, target),
    async close() {
      await checkpoints.close();
      await database.destroy();
    },
  };
}

/** SQLITE_FULL and SQLITE_IOERR, extended codes included: the disk takes no more, or not now. */
export function isStoreFull(error: unknown): boolean {
  const code = (error as { readonly errcode?: number } | null)?.errcode;
  return code !== undefined && [13, 10].includes(code & 0xff);
}

/** True when there is no room on the disk, for the store or for a file beside it (a key, a certificate). */
export function isDiskFull(error: unknown): boolean {
  return isStoreFull(error) || (error as { readonly code?: unknown } | null)?.code === 'ENOSPC';
}
