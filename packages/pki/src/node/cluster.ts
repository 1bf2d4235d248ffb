import type { KeyObject } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import type { Certificate } from '../certificate.ts';
import type { CertificateRole, ClusterRole } from '../profiles.ts';
import type { TrustSource } from '../trust-source.ts';

/** What the cluster is called, and reached by: these names go into the certificates of its servers. */
export interface ClusterNames {
  /** Shown in subjects: `Trustline`, `Lab`. */
  readonly cluster: string;
  /** DNS names of the call manager. */
  readonly hosts: readonly string[];
  /** IPv4 and IPv6 addresses. */
  readonly addresses: readonly string[];
  /** SIP domains it serves (RFC 5922: `sip:example.org` in the subjectAltName). */
  readonly domains: readonly string[];
}

export interface ClusterOptions {
  /** Encrypts every key file (PKCS#8, PBES2). Without it, keys are protected by their file mode alone. */
  readonly passphrase?: Redacted<string>;
}

/** A certificate with its key and everything needed to show it. Chain: leaf first, root left out. */
export interface Identity {
  readonly certificate: Certificate;
  readonly chainPem: string;
  readonly privateKeyPem: Redacted<string>;
}

/** What `trustline device credentials` hands to a phone we did not write. */
export interface DeviceCredentials {
  readonly device: string;
  readonly certificate: Certificate;
  readonly certificatePem: string;
  readonly privateKeyPem: Redacted<string>;
  /** The roots by which the device believes the call manager. Never the CAPF CA. */
  readonly trustBundlePem: string;
}

export interface CertificateStatus {
  readonly role: CertificateRole | 'record-signer';
  readonly title: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  /** SHA-256, lower-case hex; of the public key (SPKI) for the record signer. */
  readonly fingerprint: string;
  /** Epoch milliseconds; undefined for a bare key. */
  readonly notBefore: number | undefined;
  readonly notAfter: number | undefined;
  readonly key: string;
  readonly origin: 'generated' | 'imported';
  /** Replaced, but still believed for certificates that it issued before. */
  readonly replaced: boolean;
  /** A lab stand-in that a production cluster must not have. */
  readonly lab: boolean;
  readonly requestPending: boolean;
}

export interface RecordSigner {
  readonly privateKey: KeyObject;
  readonly publicKeyPem: string;
  /** SHA-256 of the SPKI, lower-case hex. */
  readonly keyId: string;
}

/** The identity of one cluster: its authorities, certificates, keys and trust, kept in a folder. */
export interface Cluster {
  readonly directory: string;
  readonly trust: TrustSource;
  /** For TLS listeners: the RSA and the ECDSA identity, to be served side by side. */
  callManagerIdentities(): readonly Identity[];
  /** Roots a phone needs to believe the call manager, as PEM. */
  trustBundlePem(): string;
  recordSigner(): RecordSigner;
  status(): readonly CertificateStatus[];
  /** The identity of a further service (CAPF, IPsec), made with its authority when first asked for. */
  identity(role: 'capf' | 'ipsec', now: number): Promise<Identity>;
  issueDeviceCertificate(device: string, now: number): Promise<DeviceCredentials>;
  /** A simulated phone's MIC by the lab's stand-in manufacturer; `model` prefixes the name: `CP-8861-SEP…`. */
  issueManufacturerCertificate(device: string, now: number, model?: string): Promise<DeviceCredentials>;
  issueOperatorCertificate(name: string, now: number): Promise<Identity>;
  /** Makes a key, keeps it pending beside the one in use, and returns the request (PKCS#10) as PEM. */
  createCertificateRequest(role: ClusterRole, now: number): Promise<string>;
  importCertificate(role: ClusterRole, chainPem: string, rootBundlePem: string, now: number): Promise<Certificate>;
  /** Believes this certificate of an outside CA for this device and no other. */
  pinDeviceCertificate(device: string, chainPem: string, rootBundlePem: string, now: number): Promise<Certificate>;
  unpinDevice(device: string): Promise<void>;
  revoke(issuer: string, serialNumber: string, reason: string, now: number): Promise<void>;
}
