import { createHash, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redacted } from '@trustline/base';
import type { Certificate } from '../certificate.ts';
import { type DeviceKeyPolicy, defaultDeviceKeyPolicy } from '../device-keys.ts';
import { isDeviceName, phoneNameOf } from '../device-name.ts';
import { PkiError } from '../error.ts';
import { checkImport, checkPin, type ImportProblem } from '../import-check.ts';
import { type IssueRequest, issueCertificate } from '../issue.ts';
import { assertPhonesCannotVouchForServers, LabTrustSource } from '../lab-trust-source.ts';
import type { Path } from '../path.ts';
import { encodeCertificatesPem } from '../pem.ts';
import {
  type AuthorityRole,
  type ClusterRole,
  type IdentityRole,
  type IssuedRole,
  identityRoles,
  isAuthorityRole,
  profiles,
  type ServiceRole,
} from '../profiles.ts';
import { readCertificateRequest } from '../read-request.ts';
import { writeCertificateRequest } from '../request.ts';
import { checkRevocationList, isSameSeries } from '../revocation/check-revocation-list.ts';
import type { OcspQuestion } from '../revocation/ocsp-request.ts';
import { judgeOcspResponse, type OcspAnswer, type OcspJudgment } from '../revocation/ocsp-response.ts';
import { OutsideRevocation } from '../revocation/outside-revocation.ts';
import type { RevocationReason } from '../revocation/reasons.ts';
import { type RevocationList, readRevocationListFile } from '../revocation/revocation-list.ts';
import { tokenNameOf } from '../token/token-name.ts';
import type { ClusterSecurityMode, DeviceProof, TrustSource } from '../trust-source.ts';
import type {
  CertificateStatus,
  Cluster,
  DeviceCredentials,
  Identity,
  ManufacturingAuthority,
  RecordSigner,
  StaleRevocation,
  TokenCredentials,
  TokenIdentity,
} from './cluster.ts';
import { writeFileAtomically } from './files.ts';
import { type ClusterState, type HeldIdentity, storeKey, storePath } from './held.ts';
import type { IssuedCertificate, IssuedLedger } from './ledger.ts';
import { identityOf, issuerOf, makeClusterCertificate, newTag, signerOf } from './make-certificate.ts';
import { type ClusterNames, filesOf, type Manifest, writeManifest } from './manifest.ts';
import { assertNames, commonNameOf, namesFor, publicServerNames } from './names.ts';
import {
  type OcspSubject,
  ocspSubjects,
  outsideAuthorities,
  outsideCertificates,
  outsideStateOf,
  readManufacturers,
} from './outside-authorities.ts';
import { generatePrivateKey } from './private-key-file.ts';
import { publishedList } from './published-lists.ts';
import { statusOf } from './status.ts';
import { trustDocumentOf } from './trust-document.ts';

/** A cluster in a folder. Changes are made one after the other; readers see the state before or after, never between. */
export class StoredCluster implements Cluster {
  readonly directory: string;
  readonly #passphrase: Redacted<string> | undefined;
  readonly #ledger: IssuedLedger;
  readonly #trust: LabTrustSource;
  #state: ClusterState;
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(directory: string, state: ClusterState, ledger: IssuedLedger, passphrase: Redacted<string> | undefined) {
    this.directory = directory;
    this.#passphrase = passphrase;
    this.#ledger = ledger;
    this.#state = state;
    this.#trust = new LabTrustSource(trustDocumentOf(state));
  }

  get names(): ClusterNames {
    return this.#state.manifest.names;
  }

  get kind(): 'lab' | 'production' {
    return this.#state.manifest.kind ?? 'lab';
  }

  get trust(): TrustSource {
    return this.#trust;
  }

  callManagerIdentities(): readonly Identity[] {
    return [this.#show('callmanager-rsa'), this.#show('callmanager-ecdsa')];
  }

  trustBundlePem(): string {
    return encodeCertificatesPem(this.#trust.phoneTrustBundle());
  }

  recordSigner(): RecordSigner {
    const privateKey = this.#state.recordSigner;
    const publicKey = createPublicKey(privateKey);
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    return { privateKey, publicKey, keyId: createHash('sha256').update(spki).digest('hex') };
  }

  status(): readonly CertificateStatus[] {
    return statusOf(this.#state, this.recordSigner().keyId);
  }

  async identity(role: ServiceRole, now: number): Promise<Identity> {
    return this.#exclusively(async () => {
      if (!this.#state.identities.has(role)) await this.#renew(role, this.names, now);
      return this.#show(role);
    });
  }

  async reissue(role: IdentityRole, now: number): Promise<Certificate> {
    return this.#exclusively(() => this.#renew(role, this.names, now));
  }

  async stageRenewal(role: IdentityRole, now: number): Promise<Certificate> {
    return this.#exclusively(async () => {
      const issuer = issuerOf(role);
      if (!this.#state.identities.has(issuer)) await this.#renew(issuer, this.names, now);
      const made = await makeClusterCertificate(role, this.names, this.#held(issuer), now);
      const keyFile = await storeKey(this.directory, role, newTag(), made.privateKey, this.#passphrase);
      const pathFile = await storePath(this.directory, role, made.path);
      const stored = { pathFile, keyFile, origin: 'generated' } as const;
      const { manifest, staged } = this.#state;
      await this.#commit(
        {
          manifest: { ...manifest, staged: { ...manifest.staged, [role]: stored } },
          staged: new Map(staged).set(role, { role, ...made, stored }),
        },
        [pathFile, keyFile],
      );
      return made.path[0];
    });
  }

  stagedCertificate(role: IdentityRole): Certificate | undefined {
    return this.#state.staged.get(role)?.path[0];
  }

  async activateRenewal(role: IdentityRole): Promise<Certificate> {
    return this.#exclusively(async () => {
      const { manifest, identities, staged } = this.#state;
      const next = staged.get(role);
      if (next === undefined) {
        throw new PkiError('pki.no-renewal-staged', `no renewal of the ${profiles[role].title} is staged`, {
          nextStep: 'Stage one first, so that the phones learn of it.',
        });
      }
      const { [role]: _, ...others } = manifest.staged ?? {};
      await this.#commit({
        manifest: {
          ...manifest,
          certificates: { ...manifest.certificates, [role]: next.stored },
          staged: others,
        },
        identities: new Map(identities).set(role, next),
        staged: new Map([...staged].filter(([one]) => one !== role)),
      });
      return next.path[0];
    });
  }

  async coverNames(names: ClusterNames, now: number): Promise<readonly IdentityRole[]> {
    assertNames(names);
    return this.#exclusively(async () => {
      const renewed: IdentityRole[] = [];
      for (const role of identityRoles) {
        const held = this.#state.identities.get(role);
        if (held === undefined || held.stored.origin === 'imported' || covers(held.path[0], role, names)) continue;
        await this.#renew(role, names, now);
        renewed.push(role);
      }
      await this.#commit({ manifest: { ...this.#state.manifest, names } });
      return renewed;
    });
  }

  async issueDeviceCertificate(device: string, now: number): Promise<DeviceCredentials> {
    assertDeviceName(device);
    return this.#deviceCredentials('locally-significant', device, device, now);
  }

  async issueDeviceCertificateFor(
    device: string,
    publicKeySpki: Uint8Array,
    now: number,
    keys: DeviceKeyPolicy = defaultDeviceKeyPolicy,
  ): Promise<Certificate> {
    assertDeviceName(device);
    const publicKey = readPublicKey(device, publicKeySpki);
    return this.#exclusively(async () => {
      const { certificate } = await this.#certify('locally-significant', device, device, publicKey, now, keys);
      return certificate;
    });
  }

  async issueManufacturerCertificate(device: string, now: number, model?: string): Promise<DeviceCredentials> {
    const commonName = model === undefined ? device : `${model}-${device}`;
    if (phoneNameOf(device) !== device || phoneNameOf(commonName) !== device) {
      throw new PkiError('pki.invalid-device-name', `"${commonName}" is not the name of a phone`, {
        nextStep: 'Phones are called SEP and the twelve upper-case hex digits of their MAC address.',
      });
    }
    return this.#deviceCredentials('manufacturer-installed', device, commonName, now);
  }

  async issueOperatorCertificate(name: string, now: number): Promise<Identity> {
    return this.#issueTo('operator', name, name, now);
  }

  async issueTokenCertificate(
    request: Uint8Array,
    { serial, lab }: TokenIdentity,
    now: number,
  ): Promise<TokenCredentials> {
    const { publicKey } = readCertificateRequest(request);
    const role = lab ? 'lab-sast' : 'sast';
    return this.#exclusively(async () => {
      const { certificate, authority } = await this.#certify(
        role,
        tokenNameOf(serial),
        tokenNameOf(serial),
        publicKey,
        now,
      );
      return { certificate, issuer: authority.path[0] };
    });
  }

  issuedTo(holder: string): readonly IssuedCertificate[] {
    return this.#ledger.issuedTo(holder);
  }

  issued(): readonly IssuedCertificate[] {
    return this.#ledger.all();
  }

  async createCertificateRequest(role: ClusterRole): Promise<string> {
    return this.#exclusively(async () => {
      const key = await generatePrivateKey(profiles[role].key);
      const keyFile = await storeKey(this.directory, role, newTag(), key, this.#passphrase);
      const { manifest } = this.#state;
      const subject = {
        commonName: commonNameOf(role, manifest.names, newTag()),
        organization: manifest.names.cluster,
      };
      const names = profiles[role].subjectNames === 'server' ? publicServerNames(manifest.names) : [];
      const request = await writeCertificateRequest(role, subject, names, key);
      await this.#commit(
        {
          manifest: { ...manifest, pending: { ...manifest.pending, [role]: { keyFile } } },
          pending: new Map(this.#state.pending).set(role, key),
        },
        [keyFile],
      );
      return request;
    });
  }

  async importCertificate(
    role: ClusterRole,
    chainPem: string,
    rootBundlePem: string,
    now: number,
  ): Promise<Certificate> {
    return this.#exclusively(async () => {
      const { manifest, pending } = this.#state;
      const keys = this.#keysOf(role);
      if (keys.length === 0) throw noRequestPending(role);
      const needed = profiles[role].subjectNames === 'server' ? publicServerNames(manifest.names) : [];
      const dnsNames = needed.filter(({ kind }) => kind === 'dns');
      const publicKeys = keys.map(({ privateKey }) => createPublicKey(privateKey));
      const check = checkImport(role, chainPem, rootBundlePem, publicKeys, dnsNames, now);
      if (!check.accepted) throw refusedImport('pki.import-refused', profiles[role].title, check.problems);
      const { publicKey } = check.path[0];
      const key = keys.find(({ privateKey }) => createPublicKey(privateKey).equals(publicKey));
      if (key === undefined) throw noRequestPending(role);
      const { [role]: answered, ...others } = manifest.pending;
      const isAnswered = answered?.keyFile === key.keyFile;
      await this.#putInForce(
        role,
        { ...key, path: check.path, origin: 'imported' },
        isAnswered ? { ...manifest, pending: others } : manifest,
        isAnswered ? new Map([...pending].filter(([one]) => one !== role)) : pending,
      );
      return check.path[0];
    });
  }

  async forgetReplaced(role: ClusterRole): Promise<void> {
    await this.#exclusively(() =>
      this.#commit({
        manifest: {
          ...this.#state.manifest,
          replaced: this.#state.manifest.replaced.filter((one) => one.role !== role),
        },
        replaced: this.#state.replaced.filter((one) => one.role !== role),
      }),
    );
  }

  async pinDeviceCertificate(
    device: string,
    chainPem: string,
    rootBundlePem: string,
    now: number,
  ): Promise<Certificate> {
    assertDeviceName(device);
    return this.#exclusively(async () => {
      const check = checkPin(chainPem, rootBundlePem, now);
      if (!check.accepted) throw refusedImport('pki.pin-refused', `the certificate of ${device}`, check.problems);
      const [certificate] = check.path;
      const { fingerprint } = certificate;
      this.#assertMayBePinned(device, certificate);
      const certificateFile = `pinned-${fingerprint.slice(0, 16)}.pem`;
      await writeFileAtomically(join(this.directory, certificateFile), encodeCertificatesPem(check.path));
      const { manifest } = this.#state;
      const others = manifest.pins.filter((pin) => pin.fingerprint !== fingerprint);
      const pins = [...others, { device, fingerprint, certificateFile }];
      const pinned = new Map(this.#state.pinned).set(fingerprint, check.path);
      await this.#commit({ manifest: { ...manifest, pins }, pinned }, [certificateFile]);
      return certificate;
    });
  }

  async unpinDevice(device: string): Promise<void> {
    await this.#exclusively(() =>
      this.#changeManifest(({ pins }) => ({ pins: pins.filter((pin) => pin.device !== device) })),
    );
  }

  async revoke(
    { issuerHash, serialNumber }: Pick<Certificate, 'issuerHash' | 'serialNumber'>,
    reason: string,
    now: number,
    code: RevocationReason = 'unspecified',
  ): Promise<void> {
    await this.#exclusively(() =>
      this.#changeManifest(({ revocations }) => ({
        revocations: [...revocations, { issuerHash, serialNumber, reason, at: now, code }],
      })),
    );
  }

  async certificateRevocationList(role: AuthorityRole, now: number): Promise<RevocationList> {
    return this.#exclusively(async () => {
      const { path, privateKey } = this.#held(role);
      const authority = { kind: 'authority', certificate: path[0], privateKey } as const;
      return publishedList(this.directory, role, authority, this.#state.manifest.revocations, now);
    });
  }

  async importRevocationList(octets: Uint8Array, now: number): Promise<RevocationList> {
    const list = readRevocationListFile(octets);
    return this.#exclusively(async () => {
      const { manifest, lists } = this.#state;
      const issuer = checkRevocationList(list, outsideAuthorities(this.#state), lists, now);
      const kept = lists.filter((one) => !isSameSeries(one, list, issuer));
      const file = listFile(list);
      await writeFileAtomically(join(this.directory, file), list.der);
      const revocationLists = [...kept, list].map((one) => ({ file: listFile(one) }));
      await this.#commit({ manifest: { ...manifest, revocationLists }, lists: [...kept, list] }, [file]);
      return list;
    });
  }

  importedRevocationLists(): readonly RevocationList[] {
    return this.#state.lists;
  }

  ocspSubjects(): readonly OcspSubject[] {
    return this.#state.outsidePolicy.ocsp ? ocspSubjects(this.#state) : [];
  }

  ocspAnswerOf(fingerprint: string): OcspAnswer | undefined {
    return this.#state.answers.find((one) => one.fingerprint === fingerprint);
  }

  async takeOcspResponse(question: OcspQuestion, octets: Uint8Array, now: number): Promise<OcspJudgment> {
    return this.#exclusively(async () => {
      const { fingerprint, issuerHash, serialNumber } = question.certificate;
      const judgment = judgeOcspResponse(question, octets, this.ocspAnswerOf(fingerprint), now);
      if (!judgment.accepted) return judgment;
      const { answer } = judgment;
      const answers = [...this.#state.answers.filter((one) => one.fingerprint !== fingerprint), answer];
      const { manifest } = this.#state;
      const isKnown = this.#trust.revocationOf(question.certificate) !== undefined;
      // A certificate on hold may be believed again; anything else is for good (RFC 5280 §5.3.1).
      if (answer.revoked !== undefined && answer.revoked.reason !== 'certificateHold' && !isKnown) {
        const { at, reason } = answer.revoked;
        const told = { issuerHash, serialNumber, at, code: reason, reason: `by its authority's responder (${reason})` };
        await this.#commit({ manifest: { ...manifest, revocations: [...manifest.revocations, told] }, answers });
      } else {
        this.#putInMemory({ ...this.#state, answers });
      }
      return judgment;
    });
  }

  staleRevocations(now: number): readonly StaleRevocation[] {
    const outside = new OutsideRevocation(outsideStateOf(this.#state));
    const deviceOf = new Map(this.#state.manifest.pins.map(({ fingerprint, device }) => [fingerprint, device]));
    return outsideCertificates(this.#state).flatMap((certificate) => {
      const reason = outside.staleReasonOf(certificate, now);
      return reason === undefined ? [] : [{ certificate, device: deviceOf.get(certificate.fingerprint), reason }];
    });
  }

  async importManufacturers(pem: string, now: number): Promise<readonly Certificate[]> {
    return this.#exclusively(async () => {
      const { manifest, manufacturers } = this.#state;
      const known = new Set(this.#trust.issuersFor('manufacturer').map(({ fingerprint }) => fingerprint));
      const added = readManufacturers(pem, this.#trust, now).filter(({ fingerprint }) => !known.has(fingerprint));
      if (added.length === 0) return added;
      const files: string[] = [];
      for (const one of added) files.push(await storePath(this.directory, 'manufacturer', [one]));
      const stored = added.map(({ fingerprint }, index) => ({ fingerprint, certificateFile: files[index] ?? '' }));
      await this.#commit(
        {
          manifest: { ...manifest, manufacturers: [...(manifest.manufacturers ?? []), ...stored] },
          manufacturers: [...manufacturers, ...added],
        },
        files,
      );
      return added;
    });
  }

  manufacturers(): readonly ManufacturingAuthority[] {
    const imported = new Set(this.#state.manufacturers.map(({ fingerprint }) => fingerprint));
    return this.#trust.issuersFor('manufacturer').map((certificate) => ({
      certificate,
      origin: imported.has(certificate.fingerprint) ? 'imported' : 'generated',
    }));
  }

  async removeManufacturer(fingerprint: string): Promise<Certificate> {
    return this.#exclusively(async () => {
      const wanted = fingerprint.toLowerCase().replaceAll(':', '');
      const fitting = this.#trust.issuersFor('manufacturer').filter((one) => one.fingerprint.startsWith(wanted));
      const [found, ...more] = wanted === '' ? [] : fitting;
      if (found === undefined || more.length > 0) throw noSuchManufacturer(fingerprint, fitting.length);
      const isOther = (one: { readonly fingerprint: string }) => one.fingerprint !== found.fingerprint;
      const { manifest, identities, replaced, manufacturers } = this.#state;
      const isStandIn = identities.get('manufacturing-ca')?.path[0].fingerprint === found.fingerprint;
      const { 'manufacturing-ca': standIn, ...others } = manifest.certificates;
      const keptReplaced = replaced.filter(({ role, path }) => role !== 'manufacturing-ca' || isOther(path[0]));
      await this.#commit({
        manifest: {
          ...manifest,
          manufacturers: (manifest.manufacturers ?? []).filter(isOther),
          certificates: isStandIn ? others : manifest.certificates,
          replaced: keptReplaced.map(({ role, stored }) => ({ role, ...stored })),
        },
        manufacturers: manufacturers.filter(isOther),
        identities: isStandIn ? new Map([...identities].filter(([role]) => role !== 'manufacturing-ca')) : identities,
        replaced: keptReplaced,
      });
      return found;
    });
  }

  async revokeDevice(device: string, reason: string, now: number): Promise<number> {
    return this.#exclusively(async () => {
      // A MIC is the phone's for life, as its maker made it: it registers nothing, and enrols only when an operator says so.
      const believed = this.#ledger
        .issuedTo(device)
        .filter(({ role }) => role !== 'operator' && role !== 'manufacturer-installed');
      const code = 'cessationOfOperation' as const;
      const revoked = believed.map(({ issuerHash, serialNumber }) => ({
        issuerHash,
        serialNumber,
        reason,
        at: now,
        code,
      }));
      await this.#changeManifest(({ pins, revocations }) => ({
        pins: pins.filter((pin) => pin.device !== device),
        revocations: [...revocations, ...revoked],
      }));
      return believed.length;
    });
  }

  async revokeOperator(name: string, reason: string, now: number): Promise<number> {
    return this.#exclusively(async () => {
      const known = new Set(this.#state.manifest.revocations.map(revocationKey));
      const believed = this.#ledger
        .issuedTo(name)
        .filter((issued) => issued.role === 'operator' && !known.has(revocationKey(issued)));
      if (believed.length === 0) return 0;
      const code = 'affiliationChanged' as const;
      const added = believed.map(({ issuerHash, serialNumber }) => ({
        issuerHash,
        serialNumber,
        reason,
        at: now,
        code,
      }));
      await this.#changeManifest(({ revocations }) => ({ revocations: [...revocations, ...added] }));
      return believed.length;
    });
  }

  whileUnchanged<Result>(read: () => Promise<Result>): Promise<Result> {
    return this.#exclusively(read);
  }

  async setSecurityMode(securityMode: ClusterSecurityMode): Promise<void> {
    await this.#exclusively(() => this.#changeManifest(() => ({ securityMode })));
  }

  async setTokenTrust(tokenTrust: boolean): Promise<void> {
    if (this.#state.manifest.tokenTrust === tokenTrust) return;
    await this.#exclusively(() => this.#changeManifest(() => ({ tokenTrust })));
  }

  async setRegistrationProofs(registrationProofs: readonly DeviceProof[]): Promise<void> {
    if (isSame(this.#state.manifest.registrationProofs, registrationProofs)) return;
    await this.#exclusively(() => this.#changeManifest(() => ({ registrationProofs })));
  }

  /** Makes the authority or identity of a role anew and puts it in force. Only inside `#exclusively`. */
  async #renew(role: ClusterRole, names: ClusterNames, now: number): Promise<Certificate> {
    const { issuer } = profiles[role];
    if (issuer !== 'self' && !this.#state.identities.has(issuer)) await this.#renew(issuer, names, now);
    const made = await makeClusterCertificate(role, names, issuer === 'self' ? undefined : this.#held(issuer), now);
    const keyFile = await storeKey(this.directory, role, newTag(), made.privateKey, this.#passphrase);
    await this.#putInForce(role, { ...made, keyFile, origin: 'generated' }, this.#state.manifest, this.#state.pending);
    return made.path[0];
  }

  async #putInForce(
    role: ClusterRole,
    next: { path: Path; privateKey: KeyObject; keyFile: string; origin: 'generated' | 'imported' },
    manifest: Manifest,
    pending: ClusterState['pending'],
  ): Promise<void> {
    const pathFile = await storePath(this.directory, role, next.path);
    const stored = { pathFile, keyFile: next.keyFile, origin: next.origin };
    const earlier = this.#state.identities.get(role);
    const retired = earlier !== undefined && isAuthorityRole(role) ? [earlier] : [];
    await this.#commit(
      {
        manifest: {
          ...manifest,
          certificates: { ...manifest.certificates, [role]: stored },
          replaced: [...manifest.replaced, ...retired.map((one) => ({ role, ...one.stored }))],
        },
        identities: new Map(this.#state.identities).set(role, {
          role,
          path: next.path,
          privateKey: next.privateKey,
          stored,
        }),
        replaced: [...this.#state.replaced, ...retired],
        pending,
      },
      [pathFile, next.keyFile],
    );
  }

  async #deviceCredentials(
    role: IssuedRole,
    device: string,
    commonName: string,
    now: number,
  ): Promise<DeviceCredentials> {
    const identity = await this.#issueTo(role, device, commonName, now);
    const trustBundle = this.#trust.phoneTrustBundle();
    return { ...identity, device, trustBundle, trustBundlePem: encodeCertificatesPem(trustBundle) };
  }

  async #issueTo(role: IssuedRole, holder: string, commonName: string, now: number): Promise<Identity> {
    const privateKey = await generatePrivateKey(profiles[role].key);
    return this.#exclusively(async () => {
      const publicKey = createPublicKey(privateKey);
      const { certificate, authority } = await this.#certify(role, holder, commonName, publicKey, now);
      return identityOf([certificate, ...authority.path], privateKey);
    });
  }

  /** Issues a certificate for somebody else's key, and remembers it. Only inside `#exclusively`. */
  async #certify(
    role: IssuedRole,
    holder: string,
    commonName: string,
    publicKey: KeyObject,
    now: number,
    deviceKeys?: DeviceKeyPolicy,
  ) {
    const issuer = issuerOf(role);
    // Production has no manufacturing authority of its own until a token, or a simulated phone, first needs one.
    if (!this.#state.identities.has(issuer)) await this.#renew(issuer, this.names, now);
    const authority = this.#held(issuer);
    const request: IssueRequest = {
      role,
      commonName,
      organization: role === 'manufacturer-installed' ? 'LAB STAND-IN' : this.names.cluster,
      subjectNames: [],
      publicKey,
      deviceKeys,
    };
    const certificate = await issueCertificate(request, signerOf(authority), { now, random: randomBytes });
    await this.#ledger.add(role, holder, certificate);
    return { certificate, authority };
  }

  #assertMayBePinned(device: string, certificate: Certificate): void {
    const pinned = this.#trust.pinOf(certificate.fingerprint);
    if (pinned !== undefined && pinned.device !== device) {
      throw new PkiError('pki.pin-refused', `this certificate is already pinned to ${pinned.device}`, {
        nextStep: `A certificate proves one device. Unpin ${pinned.device} first, or give ${device} its own.`,
      });
    }
    const ours = [...this.#trust.issuersFor('locally-significant'), ...this.#trust.issuersFor('manufacturer')];
    if (ours.some((issuer) => issuer.subjectHash === certificate.issuerHash && certificate.signedBy(issuer))) {
      throw new PkiError('pki.pin-refused', `${certificate.subject} was issued by this cluster and needs no pin`, {
        nextStep: 'Pin only certificates of outside authorities.',
      });
    }
  }

  /** The keys that a certificate for this role may be for: of the pending request, and in use. */
  #keysOf(role: ClusterRole): readonly { readonly privateKey: KeyObject; readonly keyFile: string }[] {
    const { manifest, identities, pending } = this.#state;
    const waiting = pending.get(role);
    const waitingFile = manifest.pending[role]?.keyFile;
    const current = identities.get(role);
    return [
      ...(waiting === undefined || waitingFile === undefined ? [] : [{ privateKey: waiting, keyFile: waitingFile }]),
      ...(current === undefined ? [] : [{ privateKey: current.privateKey, keyFile: current.stored.keyFile }]),
    ];
  }

  #show(role: ClusterRole): Identity {
    const { path, privateKey } = this.#held(role);
    return identityOf(path, privateKey);
  }

  #held(role: ClusterRole): HeldIdentity {
    const held = this.#state.identities.get(role);
    if (held !== undefined) return held;
    throw new PkiError('pki.no-such-key', `this cluster has no ${profiles[role].title}`, {
      nextStep: 'Restore the folder from a backup.',
    });
  }

  async #changeManifest(change: (manifest: Manifest) => Partial<Manifest>): Promise<void> {
    const { manifest, pinned } = this.#state;
    const next = { ...manifest, ...change(manifest) };
    const stillPinned = new Set(next.pins.map(({ fingerprint }) => fingerprint));
    await this.#commit({
      manifest: next,
      pinned: new Map([...pinned].filter(([fingerprint]) => stillPinned.has(fingerprint))),
    });
  }

  /**
   * The moment of every change: what it means for trust is checked, then it is on the disk, then it is in force.
   * When it fails, the files that were `written` for it are removed again.
   */
  async #commit(change: Partial<ClusterState>, written: readonly string[] = []): Promise<void> {
    const next = { ...this.#state, ...change };
    const document = trustDocumentOf(next);
    try {
      assertPhonesCannotVouchForServers(document);
      await writeManifest(this.directory, next.manifest);
    } catch (error) {
      const inUse = filesOf(this.#state.manifest);
      const orphans = written.filter((file) => !inUse.has(file));
      await Promise.all(orphans.map((file) => rm(join(this.directory, file), { force: true })));
      throw error;
    }
    this.#putInMemory(next);
  }

  #putInMemory(next: ClusterState): void {
    this.#state = next;
    this.#trust.replace(trustDocumentOf(next));
  }

  #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}

function covers({ subjectNames }: Certificate, role: ClusterRole, names: ClusterNames): boolean {
  const has = new Set(subjectNames.map(({ kind, value }) => `${kind}:${value}`));
  return namesFor(role, names).every(({ kind, value }) => has.has(`${kind}:${value}`));
}

function revocationKey({ issuerHash, serialNumber }: Pick<Certificate, 'issuerHash' | 'serialNumber'>): string {
  return `${issuerHash}:${serialNumber}`;
}

function isSame(ones: readonly string[], others: readonly string[]): boolean {
  return ones.length === others.length && ones.every((one, index) => one === others[index]);
}

/** Named by its contents, so that writing a new one never touches the one in force. */
function listFile({ fingerprint }: RevocationList): string {
  return `outside-${fingerprint.slice(0, 16)}.crl`;
}

function noSuchManufacturer(fingerprint: string, fitting: number): PkiError {
  const problem =
    fitting === 0
      ? `no manufacturing authority has the fingerprint ${fingerprint}`
      : `${fingerprint} fits ${fitting} manufacturing authorities`;
  return new PkiError('pki.manufacturer-refused', problem, {
    nextStep: 'List them with: trustline pki manufacturer list',
  });
}

function assertDeviceName(device: string): void {
  if (isDeviceName(device)) return;
  throw new PkiError('pki.invalid-device-name', `"${device}" is not a device name`, {
    nextStep: 'Phones are called SEP and the twelve upper-case hex digits of their MAC address.',
  });
}

function readPublicKey(device: string, spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new PkiError('pki.refused-request', `the public key of ${device} cannot be read`, { cause });
  }
}

function noRequestPending(role: ClusterRole): PkiError {
  return new PkiError('pki.no-request-pending', `there is no key for ${profiles[role].title}`, {
    nextStep: `Make a request first: trustline pki csr ${role}`,
  });
}

function refusedImport(
  code: 'pki.import-refused' | 'pki.pin-refused',
  what: string,
  problems: readonly ImportProblem[],
): PkiError {
  const list = problems.map(({ problem }) => problem).join('; ');
  return new PkiError(code, `${what} was refused and nothing was changed: ${list}`, {
    nextStep: [...new Set(problems.map(({ nextStep }) => nextStep))].join(' '),
  });
}
