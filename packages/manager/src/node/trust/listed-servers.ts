import { isIPv4 } from 'node:net';
import type { Certificate, IdentityRole } from '@trustline/pki';
import type { ListedServers } from '../../trust/composition.ts';
import { reachableHost } from '../addresses.ts';
import type { ManagerContext } from '../parts.ts';

/**
 * What the servers of this node show at this moment and will show after a staged renewal, and where phones find them. The identities of services that were
 * never asked for are made now: a list must hold them before a phone meets them.
 */
export async function listedServers({
  cluster,
  configuration,
  clock,
}: Pick<ManagerContext, 'cluster' | 'configuration' | 'clock'>): Promise<ListedServers> {
  const hostName = reachableHost(configuration, { host: configuration.provisioning.host });
  const staged = (...roles: readonly IdentityRole[]) => roles.flatMap((role) => cluster.stagedCertificate(role) ?? []);
  const shownBy = async (role: 'tftp' | 'capf' | 'tvs'): Promise<readonly Certificate[]> => [
    (await cluster.identity(role, clock.now())).certificate,
    ...staged(role),
  ];
  return {
    hostName,
    ipAddress: isIPv4(hostName) ? hostName : configuration.identity.addresses.find((address) => isIPv4(address)),
    callManager: [
      ...cluster.callManagerIdentities().map(({ certificate }) => certificate),
      ...staged('callmanager-rsa', 'callmanager-ecdsa'),
    ],
    tftp: await shownBy('tftp'),
    capf: await shownBy('capf'),
    tvs: await shownBy('tvs'),
  };
}
