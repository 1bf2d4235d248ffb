/** The part of the HTTP interface that is about IPsec to gateways. */
import { z } from 'zod';
import type { Answer } from './answer.ts';

export const gatewayCertificateRequest = z
  .strictObject({
    hosts: z
      .array(z.string().min(1).max(253))
      .max(10)
      .default([])
      .readonly()
      .meta({ title: 'name of the gateway', option: '--host', examples: ['gw1.example.org'] }),
    addresses: z
      .array(z.union([z.ipv4(), z.ipv6()]))
      .max(10)
      .default([])
      .readonly()
      .meta({ title: 'address of the gateway', option: '--address', examples: ['10.0.0.2'] }),
    /** PKCS#10, PEM, where the gateway made its key itself. */
    request: z.string().max(20_000).meta({ title: 'certificate request', option: '--csr' }).optional(),
  })
  .refine(({ hosts, addresses }) => hosts.length + addresses.length > 0, 'a gateway is known by a name or an address');
export type GatewayCertificateRequest = z.input<typeof gatewayCertificateRequest>;

export interface GatewayCertificateAnswer extends Answer {
  /** PEM: the certificate first. */
  readonly certificatePem: string;
  /** The authority by which the gateway believes the call manager, PEM. */
  readonly authorityPem: string;
  /** Null where the gateway made its key itself. */
  readonly privateKeyPem: string | null;
  /** What the gateway has to expect of us. */
  readonly managerIdentity: string;
}

/** One tunnel. */
export interface IpsecTunnelAnswer {
  readonly gateway: string;
  readonly profile: 'standard' | 'legacy';
  readonly local: string;
  readonly remote: string;
  readonly state: 'stopped' | 'waiting' | 'initiating' | 'up';
  /** Whether tunnel and guard are there, so that calls may be proven. */
  readonly isProtected: boolean;
  /** ISO 8601; null while it is not up. */
  readonly upSince: string | null;
  /** The identity that was pinned. */
  readonly expectedIdentity: string;
  /** The one that the far end proved; null while there is no association. */
  readonly provenIdentity: string | null;
  /** How IKE and ESP protect, as the daemon names the algorithms; null while there is no association. */
  readonly ike: string | null;
  readonly esp: string | null;
  /** Algorithms that are weak by RFC 8247 and RFC 8221, and a shared key. */
  readonly weak: readonly string[];
  readonly octetsIn: number;
  readonly octetsOut: number;
  /** Seconds until it has new keys. */
  readonly rekeyIn: number | null;
  /** Packets in the clear that the guard dropped; null while it cannot be read. */
  readonly dropped: { readonly inbound: number; readonly outbound: number } | null;
  /** Why no key would go to it now; null where a call would be proven. */
  readonly problem: IpsecProblemAnswer | null;
}

/** The same in `status`, `explain` and `check`. */
export interface IpsecProblemAnswer {
  readonly message: string;
  readonly nextStep: string;
}

export interface IpsecAnswer extends Answer {
  readonly stack: 'userspace' | 'kernel';
  readonly guard: { readonly inPlace: boolean; readonly problem: string | null };
  /** Why the helper or the IKE daemon cannot be reached; null where both are. */
  readonly problem: string | null;
  readonly tunnels: readonly IpsecTunnelAnswer[];
}

export interface IpsecExplanationAnswer extends Answer {
  readonly gateway: string;
  /** Whether a call that is made now would get keys, as far as can be known before it is made. */
  readonly keysWouldGo: boolean;
  /** The things that have to hold. */
  readonly points: readonly {
    readonly point: string;
    /** Null where only the call itself shows it. */
    readonly holds: boolean | null;
    readonly message: string;
    readonly nextStep: string | null;
  }[];
}

/** What became of one packet in the clear. */
interface ProbeAnswer {
  /** Null where it was not measured. */
  readonly leaked: boolean | null;
  readonly message: string;
}

export interface IpsecCheckAnswer extends Answer {
  readonly gateway: string;
  readonly near: ProbeAnswer;
  readonly far: ProbeAnswer;
  /** Why no key would go to it now, whatever became of the packets; null where a call would be proven. */
  readonly problem: IpsecProblemAnswer | null;
}
