import { createHash, createPublicKey } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import type { Certificate } from '../certificate.ts';
import type { DeviceKeyPolicy } from '../device-keys.ts';
import type { WaitingKey } from '../lsc-check.ts';
import { encodeCertificatesPem } from '../pem.ts';
import type { AuthorityRole, ClusterRole, IdentityRole, ServiceRole } from '../profiles.ts';
import type { OcspQuestion } from '../revocation/ocsp-request.ts';
import type { OcspAnswer, OcspJudgment } from '../revocation/ocsp-response.ts';
import type { RevocationReason } from '../revocation/reasons.ts';
import type { RevocationList } from '../revocation/revocation-list.ts';
import type { ClusterSecurityMode, DeviceProof, TrustSource } from '../trust-source.ts';
import type {
  CertificateStatus,
  Cluster,
  DeviceCredentials,
  GatewayCredentials,
  GatewayNames,
  Identity,
  ManufacturingAuthority,
  RecordSigner,
  StaleRevocation,
  TokenCredentials,
  TokenIdentity,
} from './cluster.ts';
import { ClusterStore } from './cluster-store.ts';
import { DeviceSecrets } from './device-secrets.ts';
import type { ClusterState } from './held.ts';
import { IssuedCertificates } from './issued-certificates.ts';
import type { IssuedCertificate, IssuedLedger } from './ledger.ts';
import { LscAuthorities, type OutsideLsc } from './lsc-authorities.ts';
import type { ClusterNames } from './manifest.ts';
import { Manufacturers } from './manufacturers.ts';
import type { OcspSubject } from './outside-authorities.ts';
import { OutsideCertificates } from './outside-certificates.ts';
import { OwnCertificates } from './own-certificates.ts';
import { Revocations } from './revocations.ts';
import { statusOf } from './status.ts';

/** A cluster in a folder: its parts share one store, so that each change is of the whole. */
export class StoredCluster implements Cluster {
  readonly #store: ClusterStore;
  readonly #ledger: IssuedLedger;
  readonly #own: OwnCertificates;
  readonly #issued: IssuedCertificates;
  readonly #revocations: Revocations;
  readonly #outside: OutsideCertificates;
  readonly #manufacturers: Manufacturers;
  readonly #secrets: DeviceSecrets;
  readonly #lscAuthorities: LscAuthorities;

  constructor(directory: string, state: ClusterState, ledger: IssuedLedger, passphrase: Redacted<string> | undefined) {
    this.#store = new ClusterStore(directory, state, passphrase);
    this.#ledger = ledger;
    this.#own = new OwnCertificates(this.#store);
    this.#issued = new IssuedCertificates(this.#store, this.#own, ledger);
    this.#revocations = new Revocations(this.#store, ledger);
    this.#outside = new OutsideCertificates(this.#store);
    this.#manufacturers = new Manufacturers(this.#store, this.#own);
    this.#secrets = new DeviceSecrets(this.#store);
    this.#lscAuthorities = new LscAuthorities(this.#store);
  }

  get directory(): string {
    return this.#store.directory;
  }

  get names(): ClusterNames {
    return this.#store.names;
  }

  get kind(): 'lab' | 'production' {
    return this.#store.state.manifest.kind ?? 'lab';
  }

  get trust(): TrustSource {
    return this.#store.trust;
  }

  callManagerIdentities(): readonly Identity[] {
    return [this.#store.show('callmanager-rsa'), this.#store.show('callmanager-ecdsa')];
  }

  trustBundlePem(): string {
    return encodeCertificatesPem(this.trust.phoneTrustBundle());
  }

  recordSigner(): RecordSigner {
    const privateKey = this.#store.state.recordSigner;
    const publicKey = createPublicKey(privateKey);
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    return { privateKey, publicKey, keyId: createHash('sha256').update(spki).digest('hex') };
  }

  deriveSecret(purpose: string, length: number): Promise<Redacted<Uint8Array>> {
    return this.#secrets.derive(purpose, length);
  }

  status(): readonly CertificateStatus[] {
    return statusOf(this.#store.state, this.recordSigner().keyId);
  }

  importedRevocationLists(): readonly RevocationList[] {
    return this.#store.state.lists;
  }

  issuedTo(holder: string): readonly IssuedCertificate[] {
    return this.#ledger.issuedTo(holder);
  }

  issued(): readonly IssuedCertificate[] {
    return this.#ledger.all();
  }

  whileUnchanged<Result>(read: () => Promise<Result>): Promise<Result> {
    return this.#store.exclusively(read);
  }

  async setSecurityMode(securityMode: ClusterSecurityMode): Promise<void> {
    await this.#store.exclusively(() => this.#store.changeManifest(() => ({ securityMode })));
  }

  async setTokenTrust(tokenTrust: boolean): Promise<void> {
    if (this.#store.state.manifest.tokenTrust === tokenTrust) return;
    await this.#store.exclusively(() => this.#store.changeManifest(() => ({ tokenTrust })));
  }

  async setRegistrationProofs(registrationProofs: readonly DeviceProof[]): Promise<void> {
    if (isSame(this.#store.state.manifest.registrationProofs, registrationProofs)) return;
    await this.#store.exclusively(() => this.#store.changeManifest(() => ({ registrationProofs })));
  }

  identity(role: ServiceRole, now: number): Promise<Identity> {
    return this.#own.identity(role, now);
  }

  reissue(role: IdentityRole, now: number): Promise<Certificate> {
    return this.#own.reissue(role, now);
  }

  stageRenewal(role: IdentityRole, now: number): Promise<Certificate> {
    return this.#own.stageRenewal(role, now);
  }

  stagedCertificate(role: IdentityRole): Certificate | undefined {
    return this.#own.stagedCertificate(role);
  }

  activateRenewal(role: IdentityRole): Promise<Certificate> {
    return this.#own.activateRenewal(role);
  }

  coverNames(names: ClusterNames, now: number): Promise<readonly IdentityRole[]> {
    return this.#own.coverNames(names, now);
  }

  createCertificateRequest(role: ClusterRole): Promise<string> {
    return this.#own.createCertificateRequest(role);
  }

  importCertificate(role: ClusterRole, chainPem: string, rootBundlePem: string, now: number): Promise<Certificate> {
    return this.#own.importCertificate(role, chainPem, rootBundlePem, now);
  }

  forgetReplaced(role: ClusterRole): Promise<void> {
    return this.#own.forgetReplaced(role);
  }

  issueDeviceCertificate(device: string, now: number): Promise<DeviceCredentials> {
    return this.#issued.issueDeviceCertificate(device, now);
  }

  issueDeviceCertificateFor(
    device: string,
    publicKeySpki: Uint8Array,
    now: number,
    keys?: DeviceKeyPolicy,
  ): Promise<Certificate> {
    return this.#issued.issueDeviceCertificateFor(device, publicKeySpki, now, keys);
  }

  issueManufacturerCertificate(device: string, now: number, model?: string): Promise<DeviceCredentials> {
    return this.#issued.issueManufacturerCertificate(device, now, model);
  }

  issueOperatorCertificate(name: string, now: number): Promise<Identity> {
    return this.#issued.issueOperatorCertificate(name, now);
  }

  issueGatewayCertificate(
    gateway: string,
    names: GatewayNames,
    request: Uint8Array | undefined,
    now: number,
  ): Promise<GatewayCredentials> {
    return this.#issued.issueGatewayCertificate(gateway, names, request, now);
  }

  ipsecAuthorities(now: number): Promise<readonly Certificate[]> {
    return this.#own.authorityPath('ipsec-ca', now);
  }

  issueTokenCertificate(request: Uint8Array, token: TokenIdentity, now: number): Promise<TokenCredentials> {
    return this.#issued.issueTokenCertificate(request, token, now);
  }

  pinDeviceCertificate(device: string, chainPem: string, rootBundlePem: string, now: number): Promise<Certificate> {
    return this.#outside.pinDeviceCertificate(device, chainPem, rootBundlePem, now);
  }

  unpinDevice(device: string): Promise<void> {
    return this.#outside.unpinDevice(device);
  }

  importRevocationList(octets: Uint8Array, now: number): Promise<RevocationList> {
    return this.#outside.importRevocationList(octets, now);
  }

  ocspSubjects(): readonly OcspSubject[] {
    return this.#outside.ocspSubjects();
  }

  ocspAnswerOf(fingerprint: string): OcspAnswer | undefined {
    return this.#outside.ocspAnswerOf(fingerprint);
  }

  takeOcspResponse(question: OcspQuestion, octets: Uint8Array, now: number): Promise<OcspJudgment> {
    return this.#outside.takeOcspResponse(question, octets, now);
  }

  staleRevocations(now: number): readonly StaleRevocation[] {
    return this.#outside.staleRevocations(now);
  }

  revoke(
    certificate: Pick<Certificate, 'issuerHash' | 'serialNumber'>,
    reason: string,
    now: number,
    code?: RevocationReason,
  ): Promise<void> {
    return this.#revocations.revoke(certificate, reason, now, code);
  }

  revokeDevice(device: string, reason: string, now: number): Promise<number> {
    return this.#revocations.revokeDevice(device, reason, now);
  }

  revokeSuperseded(device: string, kept: string | undefined, reason: string, now: number): Promise<number> {
    return this.#revocations.revokeSuperseded(device, kept, reason, now);
  }

  revokeOperator(name: string, reason: string, now: number): Promise<number> {
    return this.#revocations.revokeOperator(name, reason, now);
  }

  certificateRevocationList(role: AuthorityRole, now: number): Promise<RevocationList> {
    return this.#revocations.certificateRevocationList(role, now);
  }

  importManufacturers(pem: string, now: number): Promise<readonly Certificate[]> {
    return this.#manufacturers.import(pem, now);
  }

  renewManufacturer(now: number): Promise<Certificate> {
    return this.#manufacturers.renewStandIn(now);
  }

  manufacturer(fingerprint: string): ManufacturingAuthority {
    return this.#manufacturers.one(fingerprint);
  }

  manufacturers(): readonly ManufacturingAuthority[] {
    return this.#manufacturers.all();
  }

  removeManufacturer(fingerprint: string): Promise<Certificate> {
    return this.#manufacturers.remove(fingerprint);
  }

  importLscAuthorities(pem: string, now: number): Promise<readonly Certificate[]> {
    return this.#lscAuthorities.import(pem, now);
  }

  lscAuthorities(): readonly Certificate[] {
    return this.#lscAuthorities.all();
  }

  removeLscAuthority(fingerprint: string): Promise<Certificate> {
    return this.#lscAuthorities.remove(fingerprint);
  }

  importLsc(file: Uint8Array, waiting: readonly WaitingKey[], now: number): Promise<OutsideLsc> {
    return this.#lscAuthorities.importLsc(file, waiting, now);
  }

  importedLscs(): readonly OutsideLsc[] {
    return this.#lscAuthorities.lscs();
  }

  forgetLsc(fingerprint: string): Promise<void> {
    return this.#lscAuthorities.forgetLsc(fingerprint);
  }
}

function isSame(ones: readonly string[], others: readonly string[]): boolean {
  return ones.length === others.length && ones.every((one, index) => one === others[index]);
}
