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
import { tokenNameOf } from '../token/token-name.ts';
import type { ClusterSecurityMode, DeviceProof, TrustSource } from '../trust-source.ts';
import type {
  CertificateStatus,
  Cluster,
  DeviceCredentials,
  Identity,
  RecordSigner,
  TokenCredentials,
  TokenIdentity,
} from './cluster.ts';
import { writeFileAtomically } from './files.ts';
import { type ClusterState, type HeldIdentity, storeKey, storePath } from './held.ts';
import type { IssuedCertificate, IssuedLedger } from './ledger.ts';
import { identityOf, issuerOf, makeClusterCertificate, newTag, signerOf } from './make-certificate.ts';
import { type ClusterNames, filesOf, type Manifest, writeManifest } from './manifest.ts';
import { assertNames, commonNameOf, namesFor, publicServerNames } from './names.ts';
import { generatePrivateKey } from './private-key-file.ts';
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
      await this.#commit({ manifest: { ...manifest, pins: [...others, { device, fingerprint, certificateFile }] } }, [
        certificateFile,
      ]);
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
  ): Promise<void> {
    await this.#exclusively(() =>
      this.#changeManifest(({ revocations }) => ({
        revocations: [...revocations, { issuerHash, serialNumber, reason, at: now }],
      })),
    );
  }

  async revokeDevice(device: string, reason: string, now: number): Promise<number> {
    return this.#exclusively(async () => {
      const believed = this.#ledger.issuedTo(device).filter(({ role }) => role !== 'operator');
      await this.#changeManifest(({ pins, revocations }) => ({
        pins: pins.filter((pin) => pin.device !== device),
        revocations: [
          ...revocations,
          ...believed.map(({ issuerHash, serialNumber }) => ({ issuerHash, serialNumber, reason, at: now })),
        ],
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
      const added = believed.map(({ issuerHash, serialNumber }) => ({ issuerHash, serialNumber, reason, at: now }));
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
    if ((this.#state.manifest.tokenTrust ?? false) === tokenTrust) return;
    await this.#exclusively(() => this.#changeManifest(() => ({ tokenTrust })));
  }

  async setRegistrationProofs(registrationProofs: readonly DeviceProof[]): Promise<void> {
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
    const authority = this.#held(issuerOf(role));
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
    const { manifest } = this.#state;
    await this.#commit({ manifest: { ...manifest, ...change(manifest) } });
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
    this.#state = next;
    this.#trust.replace(document);
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
