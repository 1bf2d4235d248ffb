import type { Redacted } from '@trustline/base';
import { readPassphrase } from '@trustline/pki/node';
import type { LoadedConfiguration } from './load-configuration.ts';

/** What encrypts the cluster's keys: from the configured file, or the variable; undefined without either. */
export async function clusterPassphrase(
  { passphraseFile }: LoadedConfiguration,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Redacted<string> | undefined> {
  if (passphraseFile !== undefined) return readPassphrase({ kind: 'file', path: passphraseFile }, environment);
  if (environment['TRUSTLINE_PASSPHRASE'] === undefined) return undefined;
  return readPassphrase({ kind: 'environment', variable: 'TRUSTLINE_PASSPHRASE' }, environment);
}
