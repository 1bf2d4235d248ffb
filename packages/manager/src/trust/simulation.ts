import {
  type Certificate,
  certificatesFor,
  type HeldTrust,
  judgeOfferedList,
  type SignerIdentity,
  type TrustListKind,
  type TvsVerdict,
} from '@trustline/pki';

/** A phone as the manager knows it: the lists that it last took. */
export interface KnownPhone {
  readonly device: string;
  readonly held: HeldTrust;
}

/** A phone that would refuse a list, and so lose the cluster. */
export interface LockedPhone {
  readonly device: string;
  /** The rule by which it refuses: `signer-unknown`. */
  readonly rule: string;
  readonly phoneWords: string;
  readonly ourWords: string;
}

export interface OfferedToFleet {
  readonly kind: TrustListKind;
  readonly octets: Uint8Array;
}

/** The Trust Verification Service of this cluster, as phones find it. */
export interface TrustVerification {
  /** What it shows; a phone speaks with it only where its lists hold this. */
  readonly certificate: Certificate;
  /** What it will answer for a signer. */
  vouch(signer: SignerIdentity): TvsVerdict | undefined;
}

/** What the fleet makes of a list before it is published: the same rules that phones run. */
export interface Simulation {
  readonly accepting: readonly string[];
  /** Phones that take it because the Trust Verification Service vouches for its signer. */
  readonly healing: readonly string[];
  readonly locked: readonly LockedPhone[];
}

/**
 * Runs the acceptance rules of every known phone against a list. A phone that never took a list takes the first one
 * blindly and cannot be locked out by it.
 *
 * @param now epoch milliseconds
 */
export function simulate(
  phones: readonly KnownPhone[],
  { kind, octets }: OfferedToFleet,
  verification: TrustVerification | undefined,
  now: number,
): Simulation {
  const accepting: string[] = [];
  const healing: string[] = [];
  const locked: LockedPhone[] = [];
  for (const { device, held } of phones) {
    const offered = { kind, requestedName: `${kind}${device}.tlv`, octets };
    const reachable = verification !== undefined && knowsVerification(held, verification) ? verification : undefined;
    const judgment = judgeOfferedList(held, offered, {
      now,
      ...(reachable === undefined ? {} : { tvs: (signer: SignerIdentity) => reachable.vouch(signer) }),
    });
    if (!judgment.accepted) {
      const { rule, phoneWords, ourWords } = judgment;
      locked.push({ device, rule, phoneWords, ourWords });
    } else if (judgment.by === 'TVS') healing.push(device);
    else accepting.push(device);
  }
  return { accepting, healing, locked };
}

/** True when the lists of a phone hold the certificate of the Trust Verification Service: it asks no other. */
export function knowsVerification(held: HeldTrust, { certificate }: TrustVerification): boolean {
  return certificatesFor(held, 'TVS').some(({ fingerprint }) => fingerprint === certificate.fingerprint);
}
