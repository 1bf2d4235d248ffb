import { createCluster, openCluster } from '@trustline/pki/node';
import { ManagerError } from '../error.ts';
import { clusterNames } from './addresses.ts';
import { clusterPassphrase } from './cluster-passphrase.ts';
import { openDataFolder } from './data-folder.ts';
import type { LoadedConfiguration } from './load-configuration.ts';

/**
 * Makes the cluster of a data folder: one of production, which begins non-secure and whose trust its operators make with
 * security tokens. Whole, or not at all.
 *
 * @param now epoch milliseconds
 * @throws {ManagerError} manager.cluster-exists; those of a data folder that cannot be used
 */
export async function initialiseCluster(
  loaded: LoadedConfiguration,
  environment: Readonly<Record<string, string | undefined>>,
  now: number,
): Promise<void> {
  const folder = openDataFolder(loaded.dataFolder);
  try {
    const passphrase = await clusterPassphrase(loaded, environment);
    const existing = await openCluster(folder.identityFolder, { passphrase });
    if (existing !== undefined) {
      throw new ManagerError('manager.cluster-exists', `${folder.path} holds a ${existing.kind} cluster already.`, {
        nextStep:
          existing.kind === 'lab'
            ? 'Phones believe its lab authorities: make the production cluster in another folder, with --data FOLDER.'
            : 'Run it with: trustline start',
      });
    }
    await createCluster(folder.identityFolder, clusterNames(loaded.configuration), now, {
      passphrase,
      kind: 'production',
    });
  } finally {
    folder.close();
  }
}
