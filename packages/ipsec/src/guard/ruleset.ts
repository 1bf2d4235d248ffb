import { IpsecError } from '../error.ts';
import { familyOf } from '../selector.ts';
import type { EspStack } from '../tunnel-configuration.ts';

/** What the guard has to close for one gateway. */
export interface GuardedPeer {
  /** The name of its connection. */
  readonly connection: string;
  readonly address: string;
  /**
   * UDP ports of ours to which its media may come outside of the tunnel, and to which ours goes, where media shares the
   * address of the signalling. SRTP needs no IPsec; never give a port of signalling here.
   */
  readonly mediaPorts?: { readonly first: number; readonly last: number };
}

export interface GuardPlan {
  /** The name of the table, so that several instances on one machine do not undo each other. */
  readonly table: string;
  readonly stack: EspStack;
  /** The device of kernel-libipsec; of no use to the kernel's own ESP. */
  readonly tunnelDevice: string;
  readonly peers: readonly GuardedPeer[];
}

/**
 * The port of a probe, UDP (discard, RFC 863): a packet in the clear that we send ourselves to see that it does not leave.
 * It is counted apart, so that no call is refused for it.
 */
export const PROBE_PORT = 9;

/**
 * Connections of each family of which segments in the clear are kept apart, at most, and for how long: whoever sends in
 * the name of a gateway may choose the ports. What finds no place is dropped all the same.
 */
export const MAX_CLEAR_CONNECTIONS = 256;
const CLEAR_CONNECTION_SECONDS = 60;

/** The sets of these connections, each keyed by remote address and port, local address and port. */
export const clearSets = { ip: 'segments', ip6: 'segments6' } as const;

/** The comment by which the rule that stops probes to or from a gateway is found again. */
export const probeComment = (connection: string) => `${connection} probe`;

/**
 * The guard as a script for `nft -f`: it takes the place of an older one in one step. Whatever comes from a gateway or
 * goes to it is dropped on every interface unless it went through the tunnel, is IKE or ESP itself, or is the media that
 * may go beside. In front of every other filter (priority -10): what these let through does not matter.
 */
export function guardScript({ table, stack, tunnelDevice, peers }: GuardPlan): string {
  checkPlan(table, tunnelDevice, peers);
  return `table inet ${table} {}
delete table inet ${table}
table inet ${table} {
${Object.entries(clearSets)
  .map(([family, name]) => clearSet(name, family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'))
  .join('\n')}
${chains({ stack, tunnelDevice, peers }, 0)}
}
`;
}

/** The name of the second table. */
export const heldTable = (table: string) => `${table}_held`;

/**
 * The same once more, as one line for an nft that stays: a table that belongs to that process (`flags owner`, Linux 5.12),
 * which nobody else may change, and which a firewall that is loaded anew leaves where it is. It goes with the process; then
 * the first is still there. Behind the first, so that it counts only what that did not stop.
 */
export function heldScript({ table, stack, tunnelDevice, peers }: GuardPlan): string {
  const held = heldTable(table);
  checkPlan(held, tunnelDevice, peers);
  return `table inet ${held} {
  flags owner
}
delete table inet ${held}
table inet ${held} {
  flags owner
${chains({ stack, tunnelDevice, peers }, 1)}
}`.replaceAll('\n', '; ');
}

function chains({ stack, tunnelDevice, peers }: Omit<GuardPlan, 'table'>, behind: 0 | 1): string {
  const [protectedIn, protectedOut] =
    stack === 'kernel'
      ? ['meta ipsec exists', 'rt ipsec exists']
      : [`iifname "${tunnelDevice}"`, `oifname "${tunnelDevice}"`];
  const rules = (direction: 'in' | 'out' | 'departing') =>
    peers.map((peer) => peerRules(peer, direction, behind === 0)).join('\n');
  return `  chain inbound {
    type filter hook input priority ${behind - 10}; policy accept;
    ${protectedIn} accept
${rules('in')}
  }
  chain outbound {
    type filter hook output priority ${behind - 10}; policy accept;
    ${protectedOut} accept
${rules('out')}
  }
  chain departing {
    type filter hook postrouting priority ${300 + behind}; policy accept;
    ${protectedOut} accept
${rules('departing')}
  }`;
}

function clearSet(name: string, address: string): string {
  return `  set ${name} {
    type ${address} . inet_service . ${address} . inet_service
    size ${MAX_CLEAR_CONNECTIONS}
    flags dynamic,timeout
    timeout ${CLEAR_CONNECTION_SECONDS}s
  }`;
}

/**
 * `out` answers whoever sends at once. It sees the device that was chosen first, and a mark set after that (by another
 * filter, for instance) leads elsewhere: `departing` sees the one by which the packet really leaves.
 */
function peerRules(
  { connection, address, mediaPorts }: GuardedPeer,
  direction: 'in' | 'out' | 'departing',
  keepsSegments: boolean,
): string {
  const family = familyOf(address) === 'ipv6' ? 'ip6' : 'ip';
  const match = `${family} ${direction === 'in' ? 'saddr' : 'daddr'} ${address}`;
  const rules = [`${match} udp dport { 500, 4500 } accept`, `${match} meta l4proto esp accept`];
  // Without neighbour discovery nothing reaches an address of IPv6, not even IKE.
  if (family === 'ip6') rules.push(`${match} icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`);
  if (mediaPorts !== undefined) {
    const ports = `${mediaPorts.first}-${mediaPorts.last}`;
    rules.push(`${match} udp ${direction === 'in' ? 'dport' : 'sport'} ${ports} accept`);
  }
  const close = direction === 'out' ? 'reject with icmpx admin-prohibited' : 'drop';
  rules.push(`${match} udp dport ${PROBE_PORT} counter ${close} comment "${probeComment(connection)}"`);
  if (direction === 'in' && keepsSegments) {
    const named = `${family} saddr . tcp sport . ${family} daddr . tcp dport`;
    rules.push(`${match} meta l4proto tcp update @${clearSets[family]} { ${named} counter }`);
  }
  // A gateway whose IKE daemon does not run yet answers ours with this. It is dropped like the rest, and is no sign of anything.
  if (direction === 'in')
    rules.push(`${match} ${family === 'ip6' ? 'icmpv6' : 'icmp'} type destination-unreachable drop`);
  rules.push(`${match} counter ${close} comment "${connection}"`);
  return rules.map((rule) => `    ${rule}`).join('\n');
}

/** The script that takes the guard away, to be run last, when the tunnels are gone. */
export function removalScript(table: string): string {
  checkPlan(table, 'none', []);
  return `table inet ${table} {}\ndelete table inet ${table}\n`;
}

/** All that is written into the script is checked here: it runs with the rights of the administrator. */
export function checkPlan(table: string, tunnelDevice: string, peers: readonly GuardedPeer[]): void {
  const bad =
    (!/^[a-z][a-z0-9_]{0,62}$/.test(table) && `"${table}" cannot be the name of a table`) ||
    (!/^[a-z][a-z0-9]{0,14}$/.test(tunnelDevice) && `"${tunnelDevice}" cannot be the name of a device`) ||
    peers.map(problemOf).find((problem) => problem !== undefined);
  if (typeof bad === 'string') {
    throw new IpsecError('ipsec.guard', `The guard cannot be written: ${bad}`, {
      nextStep: 'check the names and addresses of the protected gateways',
    });
  }
}

function problemOf({ connection, address, mediaPorts }: GuardedPeer): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(connection)) return `"${connection}" cannot be the name of a gateway`;
  if (familyOf(address) === undefined || !/^[0-9A-Fa-f.:]+$/.test(address)) return `"${address}" is no IP address`;
  if (mediaPorts === undefined) return undefined;
  const { first, last } = mediaPorts;
  const fits = Number.isInteger(first) && Number.isInteger(last) && first >= 1024 && first <= last && last <= 65_535;
  return fits ? undefined : `${first}-${last} are no ports for media`;
}
