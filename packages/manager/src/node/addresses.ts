import { hostname, networkInterfaces } from 'node:os';
import type { ClusterNames } from '@trustline/pki/node';
import type { ListenerStatus } from '../api/contract.ts';
import type { Configuration } from '../configuration/schema.ts';

const wildcards = ['0.0.0.0', '::', ''];

/** The names that certificates of this manager must carry: those configured, and those that the machine has. */
export function clusterNames({ identity }: Configuration): ClusterNames {
  const addresses = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    // Link-local addresses mean nothing without their interface, and a certificate cannot name that.
    .filter(({ address }) => !/^fe80:/i.test(address))
    .map(({ address }) => address);
  const [first = 'localhost', ...others] = unique([...identity.hosts, hostname().toLowerCase(), 'localhost']);
  return {
    cluster: identity.cluster,
    hosts: [first, ...others],
    addresses: unique([...identity.addresses, ...addresses, '127.0.0.1', '::1']),
    domains: unique(identity.domains),
  };
}

/** How a device reaches a listener: the configured name first, then the machine's own address. */
export function reachableHost({ identity }: Configuration, listener: Pick<ListenerStatus, 'host'>): string {
  if (!wildcards.includes(listener.host)) return listener.host;
  const configured = identity.hosts[0] ?? identity.addresses[0];
  if (configured !== undefined) return configured;
  const outside = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return outside?.address ?? '127.0.0.1';
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
