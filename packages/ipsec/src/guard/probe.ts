import { familyOf } from '../selector.ts';
import { checkPlan, type GuardPlan, PROBE_PORT } from './ruleset.ts';

export interface ProbePlan extends Omit<GuardPlan, 'peers'> {
  /** The mark by which packets keep out of the tunnel, as the daemon's own do. */
  readonly mark: string;
  readonly address: string;
}

const leftInTheClear = 'in the clear';
const leftInTheTunnel = 'in the tunnel';

/**
 * The script for one probe: a packet to the probe's port gets the mark of the daemon and so the way around the tunnel; what
 * leaves is counted behind the last filter, by whether the tunnel had it.
 */
export function probeScript({ table, stack, tunnelDevice, mark, address }: ProbePlan): string {
  checkPlan(table, tunnelDevice, [{ connection: 'probe', address }]);
  const packet = `${familyOf(address) === 'ipv6' ? 'ip6' : 'ip'} daddr ${address} udp dport ${PROBE_PORT}`;
  const [clear, protectedBy] =
    stack === 'kernel'
      ? ['rt ipsec missing', 'rt ipsec exists']
      : [`oifname != "${tunnelDevice}"`, `oifname "${tunnelDevice}"`];
  return `table inet ${table} {}
delete table inet ${table}
table inet ${table} {
  chain around {
    type route hook output priority -150; policy accept;
    ${packet} meta mark set ${mark}
  }
  chain left {
    type filter hook postrouting priority 310; policy accept;
    ${packet} ${clear} counter comment "${leftInTheClear}"
    ${packet} ${protectedBy} counter comment "${leftInTheTunnel}"
  }
}
`;
}

/** Packets that were seen to leave, of the listing of that table as `nft -j` prints it. */
export function probeLeft(listing: string | undefined): { readonly inTheClear: number; readonly inTheTunnel: number } {
  const { nftables = [] } = JSON.parse(listing ?? '{}') as { nftables?: readonly NftRule[] };
  const packets = (comment: string) => {
    const found = nftables.find(({ rule }) => rule?.comment === comment)?.rule?.expr ?? [];
    return found.reduce((sum, { counter }) => sum + (counter?.packets ?? 0), 0);
  };
  return { inTheClear: packets(leftInTheClear), inTheTunnel: packets(leftInTheTunnel) };
}

interface NftRule {
  readonly rule?: {
    readonly comment?: string;
    readonly expr?: readonly { readonly counter?: { readonly packets?: number } }[];
  };
}
