import type { KeyObject } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import type { Certificate } from '../certificate.ts';
import type { DeviceKeyPolicy } from '../device-keys.ts';
import type { WaitingKey } from '../lsc-check.ts';
import type { AuthorityRole, CertificateRole, ClusterRole, IdentityRole, ServiceRole } from '../profiles.ts';
import type { OcspQuestion } from '../revocation/ocsp-request.ts';
import type { OcspAnswer, OcspJudgment } from '../revocation/ocsp-response.ts';
import type { RevocationReason } from '../revocation/reasons.ts';
import type { RevocationList } from '../revocation/revocation-list.ts';
import type { ClusterSecurityMode, DeviceProof, TrustSource } from '../trust-source.ts';
import type { IssuedCertificate } from './ledger.ts';
import type { OutsideLsc } from './lsc-authorities.ts';
import type { ClusterNames } from './manifest.ts';
import type { OcspSubject } from './outside-authorities.ts';

/** A certificate with its key and everything needed to show it. */
export interface Identity {
  readonly certificate: Certificate;
  /** PEM: the certificate first, then its intermediate issuers; the root is left out. */
  readonly chainPem: string;
  readonly privateKeyPem: Redacted<string>;
}

/** What a device needs to register: `trustline device credentials` writes it to files. */
export interface DeviceCredentials extends Identity {
  readonly device: string;
  /** The roots by which the device believes the call manager. Never the CAPF CA. */
  readonly trustBundle: readonly Certificate[];
  readonly trustBundlePem: string;
}

/** Which security token a certificate is for, by its own word. */
export interface TokenIdentity {
  readonly serial: string;
  readonly lab: boolean;
}

/** What a security token gets for its key. */
export interface TokenCredentials {
  readonly certificate: Certificate;
  /** The manufacturing CA, which phones need to verify it. */
  readonly issuer: Certificate;
}

/** What a gateway is given for IPsec; its key only where it was made here. */
export interface GatewayCredentials {
  readonly certificate: Certificate;
  /** PEM: the certificate first, then its intermediate issuers. */
  readonly chainPem: string;
  readonly privateKeyPem: Redacted<string> | undefined;
}

/** By what a gateway is known: the identities that it may show to the other end of its tunnel. */
export interface GatewayNames {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
}

/** One line of `trustline pki status`. Times are epoch milliseconds. */
export interface CertificateStatus {
  readonly role: CertificateRole | 'record-signer';
  readonly title: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  /** SHA-256, lower-case hex: of the certificate, or for the bare key of the record signer of its SPKI. */
  readonly fingerprint: string;
  readonly notBefore: number | undefined;
  readonly notAfter: number | undefined;
  /** `RSA-2048`, `ECDSA P-256`, `Ed25519`. */
  readonly key: string;
  readonly origin: 'generated' | 'imported';
  /** `replaced`: no longer used, but still believed for what it issued. */
  readonly state: 'in use' | 'replaced';
  /** Made by a lab for itself. What a production cluster has made is its own authority's, and no lab's. */
  readonly lab: boolean;
  /** A request to an outside CA waits for its answer. */
  readonly requestPending: boolean;
}

/** Whose MICs are believed. */
export interface ManufacturingAuthority {
  readonly certificate: Certificate;
  /** `imported`: a vendor's; `generated`: that of the cluster itself, which a lab calls a stand-in. */
  readonly origin: 'imported' | 'generated';
}

/** A believed certificate about whose revocation nothing current is known. */
export interface StaleRevocation {
  readonly certificate: Certificate;
  /** The device it is pinned to, if it is. */
  readonly device: string | undefined;
  readonly reason: string;
}

/** The key that signs call records and events; no certificate, since nobody but `records verify` asks. */
export interface RecordSigner {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** SHA-256 of the SPKI, lower-case hex. */
  readonly keyId: string;
}

/**
 * The identity of one cluster: its authorities, certificates, keys and trust, kept in a folder. Every change is
 * on the disk, whole, before its promise resolves; one that fails has changed nothing. `now` is epoch milliseconds.
 */
export interface Cluster {
  readonly directory: string;
  readonly names: ClusterNames;
  /** `lab`: it makes trust of its own at the first start. `production`: its operators make it, with security tokens. */
  readonly kind: 'lab' | 'production';
  /** Always current: it answers from the latest change on. */
  readonly trust: TrustSource;

  /** For TLS listeners, to be served side by side: the RSA identity (desk phones need it), then the ECDSA one. */
  callManagerIdentities(): readonly Identity[];
  /** The roots by which phones and trunks believe the call manager. */
  trustBundlePem(): string;
  recordSigner(): RecordSigner;
  /**
   * A secret for one purpose, always the same: derived (HKDF-SHA-256, RFC 5869) from a key that is made when first asked
   * for and kept like the other keys. So the secret itself need be kept nowhere.
   *
   * @param purpose says what it is for and what makes it another one; not secret
   * @param length octets
   */
  deriveSecret(purpose: string, length: number): Promise<Redacted<Uint8Array>>;
  status(): readonly CertificateStatus[];
  /** The identity of a further service, made with its authority when first asked for. */
  identity(role: ServiceRole, now: number): Promise<Identity>;
  /** Gives an identity of the cluster a new key and a new certificate of the cluster's own authority. */
  reissue(role: IdentityRole, now: number): Promise<Certificate>;
  /**
   * Makes the next key and certificate of an identity, by the cluster's own authority, without showing it: lists that
   * hold both reach the phones first. It takes the place of one that was staged before.
   */
  stageRenewal(role: IdentityRole, now: number): Promise<Certificate>;
  /** The certificate that will be shown next, where a renewal is staged. */
  stagedCertificate(role: IdentityRole): Certificate | undefined;
  /** Shows the staged certificate from now on. @throws {PkiError} pki.no-renewal-staged */
  activateRenewal(role: IdentityRole): Promise<Certificate>;
  /** Reissues the generated identities that lack one of these names, and returns which. */
  coverNames(names: ClusterNames, now: number): Promise<readonly IdentityRole[]>;

  /** An LSC with its key. @throws {PkiError} pki.invalid-device-name */
  issueDeviceCertificate(device: string, now: number): Promise<DeviceCredentials>;
  /**
   * An LSC for a key that the phone has made and keeps (SubjectPublicKeyInfo, DER). It is in the ledger, and on the
   * disk, before this resolves.
   *
   * @param keys which keys are allowed; `defaultDeviceKeyPolicy` when left out
   * @throws {PkiError} pki.invalid-device-name; pki.refused-request for a key that is unreadable or not allowed
   */
  issueDeviceCertificateFor(
    device: string,
    publicKeySpki: Uint8Array,
    now: number,
    keys?: DeviceKeyPolicy,
  ): Promise<Certificate>;
  /** A simulated phone's MIC by the cluster's own manufacturing authority; a model makes its name `CP-8861-SEP…`. */
  issueManufacturerCertificate(device: string, now: number, model?: string): Promise<DeviceCredentials>;
  issueOperatorCertificate(name: string, now: number): Promise<Identity>;
  /**
   * The IPsec certificate of a gateway, whose holder in the ledger is its name: for a key that the gateway has made and
   * signed the request with (PKCS#10, DER), or for one that is made here.
   *
   * @throws {PkiError} pki.refused-request for names that cannot stand in a certificate and requests that prove no key
   */
  issueGatewayCertificate(
    gateway: string,
    names: GatewayNames,
    request: Uint8Array | undefined,
    now: number,
  ): Promise<GatewayCredentials>;
  /** The authorities by which the ends of our tunnels are believed, root last; made when first asked for. */
  ipsecAuthorities(now: number): Promise<readonly Certificate[]>;
  /**
   * The certificate of a security token, by the manufacturing CA, for a request that the token's own key has signed.
   * Its holder in the ledger is its common name, `SAST-<serial>`. `lab` marks a software token.
   *
   * @throws {PkiError} pki.refused-request when the request is malformed, or its signature is not by its key
   */
  issueTokenCertificate(request: Uint8Array, token: TokenIdentity, now: number): Promise<TokenCredentials>;
  /** Everything ever issued to a device, operator or security token, oldest first. */
  issuedTo(holder: string): readonly IssuedCertificate[];
  /** Everything ever issued, oldest first for each holder. */
  issued(): readonly IssuedCertificate[];

  /** Makes a key, keeps it pending beside the one in use, and returns a request (PKCS#10) for an outside CA as PEM. */
  createCertificateRequest(role: ClusterRole): Promise<string>;
  /**
   * Puts an outside CA's certificate in the place of the one in use, if everything about it is right.
   *
   * @throws {PkiError} pki.import-refused naming everything that is wrong; nothing has changed then
   */
  importCertificate(role: ClusterRole, chainPem: string, rootBundlePem: string, now: number): Promise<Certificate>;
  /** Stops believing the earlier certificates of an authority. */
  forgetReplaced(role: ClusterRole): Promise<void>;

  /** Believes this certificate of an outside CA, for this device and no other. @throws {PkiError} pki.pin-refused */
  pinDeviceCertificate(device: string, chainPem: string, rootBundlePem: string, now: number): Promise<Certificate>;
  unpinDevice(device: string): Promise<void>;
  /** Stops believing one certificate. `code` is what the published list says; `unspecified` when left out. */
  revoke(
    certificate: Pick<Certificate, 'issuerHash' | 'serialNumber'>,
    reason: string,
    now: number,
    code?: RevocationReason,
  ): Promise<void>;
  /** Stops believing everything ever issued to a device and unpins it; returns how many certificates that were. */
  revokeDevice(device: string, reason: string, now: number): Promise<number>;
  /**
   * Stops believing the LSCs of a device but the one that it keeps; returns how many that were.
   *
   * @param kept SHA-256 of the certificate, lower-case hex; none is kept without
   */
  revokeSuperseded(device: string, kept: string | undefined, reason: string, now: number): Promise<number>;
  /** Stops believing every certificate ever issued to an operator; returns how many that were. */
  revokeOperator(name: string, reason: string, now: number): Promise<number>;

  /**
   * The present revocation list of an authority of ours (RFC 5280 §5): made anew after each revocation and before half
   * its life is over, with a number that rises.
   *
   * @throws {PkiError} pki.no-such-key; pki.refused-request when the authority's certificate does not allow it
   */
  certificateRevocationList(role: AuthorityRole, now: number): Promise<RevocationList>;
  /**
   * Takes the revocation list of an outside authority, DER or PEM, whole or not at all, in the place of its earlier one.
   *
   * @throws {PkiError} pki.malformed-revocation-list, pki.revocation-list-refused; nothing has changed then
   */
  importRevocationList(octets: Uint8Array, now: number): Promise<RevocationList>;
  /** The lists of outside authorities that are in force. */
  importedRevocationLists(): readonly RevocationList[];
  /** What is to be asked by OCSP (RFC 6960); empty where that is switched off. */
  ocspSubjects(): readonly OcspSubject[];
  /** What was last answered about a certificate. */
  ocspAnswerOf(fingerprint: string): OcspAnswer | undefined;
  /**
   * Judges a responder's answer and, if it is in order, goes by it from now on. What it revokes for good stays revoked
   * after a restart.
   */
  takeOcspResponse(question: OcspQuestion, octets: Uint8Array, now: number): Promise<OcspJudgment>;
  /** Certificates of outside authorities of whose revocation nothing current is known, and why. */
  staleRevocations(now: number): readonly StaleRevocation[];

  /**
   * Believes the MICs of further manufacturing authorities, for enrolment; all in the PEM or none.
   *
   * @returns those that are new here
   * @throws {PkiError} pki.malformed-pem, pki.malformed-certificate, pki.manufacturer-refused; nothing has changed then
   */
  importManufacturers(pem: string, now: number): Promise<readonly Certificate[]>;
  /**
   * Makes another manufacturing authority of the cluster's own, which issues from now on. The MICs and token certificates of the one
   * before are believed until that is removed.
   */
  renewManufacturer(now: number): Promise<Certificate>;
  /** Whose MICs are believed: those imported, then the cluster's own authority where there is one. */
  manufacturers(): readonly ManufacturingAuthority[];
  /**
   * One of them.
   *
   * @param fingerprint SHA-256, hex, or a beginning of it that fits one authority alone
   * @throws {PkiError} pki.manufacturer-refused when it fits none or several
   */
  manufacturer(fingerprint: string): ManufacturingAuthority;
  /**
   * Stops believing a manufacturing authority, the cluster's own too.
   *
   * @param fingerprint as for `manufacturer`
   * @throws {PkiError} pki.manufacturer-refused when it fits none or several
   */
  removeManufacturer(fingerprint: string): Promise<Certificate>;

  /**
   * Lets further authorities outside issue LSCs: those that are imported for a device, and no others; all in the PEM or
   * none.
   *
   * @returns those that are new here
   * @throws {PkiError} pki.malformed-pem, pki.malformed-certificate, pki.lsc-authority-refused; nothing has changed then
   */
  importLscAuthorities(pem: string, now: number): Promise<readonly Certificate[]>;
  lscAuthorities(): readonly Certificate[];
  /**
   * Stops believing what such an authority has issued.
   *
   * @param fingerprint as for `removeManufacturer`
   * @throws {PkiError} pki.lsc-authority-refused when it fits none or several
   */
  removeLscAuthority(fingerprint: string): Promise<Certificate>;
  /**
   * Believes the certificate that an authority outside has issued for the key of a device: as its LSC, from now on.
   *
   * @param file as the authority gave it: PEM, DER or PKCS#7, with the authorities between
   * @param waiting the keys for which one is awaited
   * @throws {PkiError} pki.malformed-certificate, pki.malformed-pem; pki.lsc-refused naming everything that is wrong
   */
  importLsc(file: Uint8Array, waiting: readonly WaitingKey[], now: number): Promise<OutsideLsc>;
  /** Every imported LSC, the earlier first; whether it is believed, `trust` says. */
  importedLscs(): readonly OutsideLsc[];
  /** Stops believing one that nobody was given. */
  forgetLsc(fingerprint: string): Promise<void>;

  /** Reads the folder, say, while nothing in it is changed: changes wait until it is done. */
  whileUnchanged<Result>(read: () => Promise<Result>): Promise<Result>;

  setSecurityMode(mode: ClusterSecurityMode): Promise<void>;
  /** Whether trust comes from real security tokens; until then a lab says `lab trust` in every status line. */
  setTokenTrust(tokenTrust: boolean): Promise<void>;
  /** Which proofs may register a device. A MIC registers nothing unless it is named here. */
  setRegistrationProofs(proofs: readonly DeviceProof[]): Promise<void>;
}
