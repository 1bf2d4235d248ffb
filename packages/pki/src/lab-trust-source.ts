import type { Certificate } from './certificate.ts';
import { PkiError } from './error.ts';
import { nothingFromOutside, OutsideRevocation, type OutsideRevocationState } from './revocation/outside-revocation.ts';
import type { RevocationReason } from './revocation/reasons.ts';
import type {
  ClusterSecurityMode,
  DevicePin,
  DeviceProof,
  Revocation,
  TrustedFor,
  TrustSource,
} from './trust-source.ts';

/** One certificate that is no longer believed, named as its issuer names it. */
export interface RevokedCertificate extends Revocation {
  /** `issuerHash` of the certificate. */
  readonly issuerHash: string;
  readonly serialNumber: string;
  /** What our own revocation list says of it; `unspecified` when left out. */
  readonly code?: RevocationReason;
}

/** All that a cluster believes, as plain data. */
export interface LabTrustDocument {
  readonly securityMode: ClusterSecurityMode;
  /** What every status line must say about this trust, if anything. */
  readonly notice: 'lab trust' | undefined;
  readonly issuers: Readonly<Record<TrustedFor, readonly Certificate[]>>;
  readonly registrationProofs: readonly DeviceProof[];
  readonly pins: readonly DevicePin[];
  readonly revocations: readonly RevokedCertificate[];
  readonly phoneTrustBundle: readonly Certificate[];
  /** What outside authorities have published of what they revoked; nothing when left out. */
  readonly outside?: OutsideRevocationState;
}

/** Trust in the cluster's own authorities. That of a lab has no better authority than that it was there first. */
export class LabTrustSource implements TrustSource {
  #document: LabTrustDocument;
  #pins: ReadonlyMap<string, DevicePin>;
  #revocations: ReadonlyMap<string, Revocation>;
  #outside: OutsideRevocation;

  constructor(document: LabTrustDocument) {
    assertPhonesCannotVouchForServers(document);
    this.#document = document;
    this.#pins = new Map(document.pins.map((pin) => [pin.fingerprint, pin]));
    this.#revocations = new Map(document.revocations.map((one) => [`${one.issuerHash} ${one.serialNumber}`, one]));
    this.#outside = new OutsideRevocation(document.outside ?? nothingFromOutside);
  }

  /** Puts another document in force, whole, from the next question on. */
  replace(document: LabTrustDocument): void {
    const next = new LabTrustSource(document);
    this.#document = next.#document;
    this.#pins = next.#pins;
    this.#revocations = next.#revocations;
    this.#outside = next.#outside;
  }

  securityMode(): ClusterSecurityMode {
    return this.#document.securityMode;
  }

  statusNotice(): string | undefined {
    return this.#document.notice;
  }

  issuersFor(purpose: TrustedFor): readonly Certificate[] {
    return this.#document.issuers[purpose];
  }

  registrationProofs(): readonly DeviceProof[] {
    return this.#document.registrationProofs;
  }

  pinOf(fingerprint: string): DevicePin | undefined {
    return this.#pins.get(fingerprint);
  }

  pinsOf(device: string): readonly DevicePin[] {
    return this.#document.pins.filter((pin) => pin.device === device);
  }

  revocationOf(certificate: Certificate): Revocation | undefined {
    const { issuerHash, serialNumber } = certificate;
    return this.#revocations.get(`${issuerHash} ${serialNumber}`) ?? this.#outside.revocationOf(certificate);
  }

  staleRevocationOf(certificate: Certificate, now: number): string | undefined {
    return this.#outside.policy === 'refuse' ? this.#outside.staleReasonOf(certificate, now) : undefined;
  }

  phoneTrustBundle(): readonly Certificate[] {
    return this.#document.phoneTrustBundle;
  }
}

/**
 * With the CAPF CA in a phone's bundle, any phone's LSC could pass for a server somewhere.
 *
 * @throws {PkiError} pki.refused-result
 */
export function assertPhonesCannotVouchForServers({ issuers, phoneTrustBundle }: LabTrustDocument): void {
  const forDevices = new Set(
    [...issuers['locally-significant'], ...issuers.manufacturer, ...issuers['outside-lsc']].map(
      ({ subjectHash }) => subjectHash,
    ),
  );
  const offender = phoneTrustBundle.find(({ subjectHash }) => forDevices.has(subjectHash));
  if (offender === undefined) return;
  throw new PkiError(
    'pki.refused-result',
    `${offender.subject} vouches for devices and cannot prove servers to phones`,
    {
      nextStep: 'Have the CallManager certificate issued by another authority than the device certificates.',
    },
  );
}
