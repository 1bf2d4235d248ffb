import {
  type Certificate,
  certificatesFor,
  type HeldTrust,
  judgeOfferedList,
  type SignerIdentity,
  type TrustListKind,
  type TvsVerdict,
  trustRoles,
  verifyTrustList,
} from '@trustline/pki';

/** A phone as the manager knows it. */
export interface KnownPhone {
  readonly device: string;
  /** The lists that it was seen to hold. */
  readonly held: HeldTrust;
  /** What it holds instead, if it was the one to whom lists were given in its name since; each possibility once. */
  readonly mayHold: readonly HeldTrust[];
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
 * Runs the acceptance rules of every known phone against a list, in each state that it may be in: it is locked if it
 * would be in any of them. A phone that never took a list takes the first one blindly and cannot be locked out by it.
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
  for (const { device, held, mayHold } of phones) {
    const offered = { kind, requestedName: `${kind}${device}.tlv`, octets };
    const judged = [held, ...mayHold].map((state) => {
      const reachable = verification !== undefined && knowsVerification(state, verification) ? verification : undefined;
      return judgeOfferedList(state, offered, {
        now,
        ...(reachable === undefined ? {} : { tvs: (signer: SignerIdentity) => reachable.vouch(signer) }),
      });
    });
    const refused = judged.findIndex(({ accepted }) => !accepted);
    const refusal = judged[refused];
    if (refusal?.accepted === false) {
      const { rule, phoneWords, ourWords } = refusal;
      const words = refused === 0 ? ourWords : `if it took what was given in its name: ${ourWords}`;
      locked.push({ device, rule, phoneWords, ourWords: words });
    } else if (judged.some((one) => one.accepted && one.by === 'TVS')) healing.push(device);
    else accepting.push(device);
  }
  return { accepting, healing, locked };
}

/**
 * True where a phone in this state takes a list, supposing that TVS, where it knows one, vouches for whoever signed it.
 *
 * @param now epoch milliseconds
 */
export function couldTake(
  held: HeldTrust,
  device: string,
  { kind, content }: { readonly kind: TrustListKind; readonly content: Uint8Array },
  now: number,
): boolean {
  const verified = verifyTrustList(content);
  if (!verified.ok) return false;
  const { der } = verified.signer;
  const offered = { kind, requestedName: `${kind}${device}.tlv`, octets: content };
  return judgeOfferedList(held, offered, { now, tvs: () => ({ certificate: der, roles: [trustRoles.SAST] }) }).accepted;
}

/** True when the lists of a phone hold the certificate of the Trust Verification Service: it asks no other. */
export function knowsVerification(held: HeldTrust, { certificate }: TrustVerification): boolean {
  return certificatesFor(held, 'TVS').some(({ fingerprint }) => fingerprint === certificate.fingerprint);
}
