import type { Certificate } from './certificate.ts';

/** `mixed`: devices may use TLS and SRTP as their security mode says. `non-secure`: no device is given keys. */
export type ClusterSecurityMode = 'mixed' | 'non-secure';

/**
 * What an issuer may vouch for. `locally-significant` and `manufacturer` prove devices (by LSC and by MIC),
 * `trunk` proves gateways and peer clusters, `callmanager` proves servers to phones. `outside-lsc` issues LSCs outside the
 * cluster: it proves a device by the very certificate that was imported for it, and by no other that it issues.
 */
export type TrustedFor = 'locally-significant' | 'manufacturer' | 'operator' | 'trunk' | 'callmanager' | 'outside-lsc';

/** How a device may prove itself. */
export type DeviceProof = 'LSC' | 'MIC' | 'pinned';

/** One device's certificate of an outside CA, accepted for that device and no other. */
export interface DevicePin {
  readonly device: string;
  /** SHA-256 over the certificate's DER, lower-case hex. */
  readonly fingerprint: string;
  /**
   * An LSC that an outside authority issued at the cluster's request: the certificates above it, as they came with it.
   * They have to lead to an issuer for `outside-lsc` each time. Without it, the pin itself is the trust.
   */
  readonly issuedUnder?: readonly Certificate[];
}

export interface Revocation {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: string;
}

/**
 * The one place that answers every question of trust. It is a view of a trust document in memory: its answers
 * are immediate, and each call sees the current document, so ask again for every connection and keep nothing.
 *
 * Today it is filled from the lab's own authorities; signed trust lists take its place behind the same interface.
 */
export interface TrustSource {
  securityMode(): ClusterSecurityMode;
  /** What every status line must say about this trust (`lab trust`), or undefined when there is nothing to warn of. */
  statusNotice(): string | undefined;
  /** Issuers that may vouch for this, the current one first, earlier ones that are still believed after it. */
  issuersFor(purpose: TrustedFor): readonly Certificate[];
  /** The means by which a device may register. MIC is for enrolment, and here only when policy says so. */
  registrationProofs(): readonly DeviceProof[];
  /** The pin of this very certificate, by SHA-256 fingerprint in lower-case hex. */
  pinOf(fingerprint: string): DevicePin | undefined;
  /** Every pinned certificate of a device. */
  pinsOf(device: string): readonly DevicePin[];
  /** By this cluster, or by what its own authority has published. */
  revocationOf(certificate: Certificate): Revocation | undefined;
  /**
   * Why a certificate must be refused because nothing current is known of its revocation, where policy says so.
   *
   * @param now epoch milliseconds
   */
  staleRevocationOf(certificate: Certificate, now: number): string | undefined;
  /** The roots a phone believes servers by. Never the CAPF CA: what proves phones must not prove servers. */
  phoneTrustBundle(): readonly Certificate[];
}
