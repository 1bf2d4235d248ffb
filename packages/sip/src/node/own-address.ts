import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Our own address as a remote host sees it, where the socket is bound to every address (`0.0.0.0`, `::`): that of the
 * interface in whose network the remote is, else the machine's first outward one. What goes into Via and Contact
 * must be an address that somebody can answer to.
 */
export function ownAddressTowards(remote: string): string {
  const type = isIPv6(remote) ? 'ipv6' : 'ipv4';
  const candidates = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => family.toLowerCase() === type);
  for (const { address, cidr } of candidates) {
    const network = new BlockList();
    network.addSubnet(address, Number(cidr?.split('/')[1] ?? (type === 'ipv6' ? 128 : 32)), type);
    if (network.check(remote, type)) return address;
  }
  return candidates.find(({ internal }) => !internal)?.address ?? (type === 'ipv6' ? '::1' : '127.0.0.1');
}

/** Whether a socket bound to this address is bound to every address. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
