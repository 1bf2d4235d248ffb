import { type Answer, API_SCHEMA } from '../../api/answer.ts';
import type { Alarms } from '../alarms/alarms.ts';
import type { DataFolder } from '../data-folder.ts';
import type { LoadedConfiguration } from '../load-configuration.ts';
import type { ManagerContext, Signalling } from '../parts.ts';
import type { Provisioning } from '../provisioning/provisioning.ts';
import type { RevocationWatch } from '../revocation-watch.ts';
import type { PublishedTrust } from '../trust/published-trust.ts';

/** What the operations behind the HTTP interface work with. */
export interface Services extends ManagerContext {
  readonly loaded: LoadedConfiguration;
  readonly signalling: Signalling | undefined;
  readonly alarms: Pick<Alarms, 'test'>;
  readonly folder: DataFolder;
  /** Whether the private keys on the disk are encrypted. */
  readonly keysNeedPassphrase: boolean;
  readonly trust: PublishedTrust;
  /** Undefined where phones are not provisioned here. */
  readonly provisioning: Provisioning | undefined;
  /** Learns what outside authorities revoke. */
  readonly revocationWatch: RevocationWatch;
  readonly startedAt: number;
  readonly draining: () => boolean;
  /** Serves by the current certificates from now on; resolves when lists and every listener do. */
  readonly trustChanged: () => Promise<void>;
  /** Takes no new calls, waits, and stops the manager; resolves once it has begun. */
  readonly drain: (milliseconds: number) => void;
  readonly metricsListener: () => { readonly host: string; readonly port: number } | undefined;
  readonly httpsListener: () => { readonly host: string; readonly port: number } | undefined;
}

/** What every answer begins with. */
export function envelope({ configuration }: Pick<Services, 'configuration'>): Answer {
  return { schema: API_SCHEMA, node: configuration.node };
}
