import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { Certificate, SubjectName } from '../certificate.ts';
import { type DeviceKeyPolicy, defaultDeviceKeyPolicy } from '../device-keys.ts';
import { phoneNameOf } from '../device-name.ts';
import { PkiError } from '../error.ts';
import { type IssueRequest, issueCertificate } from '../issue.ts';
import type { Path } from '../path.ts';
import { encodeCertificatesPem } from '../pem.ts';
import { type IssuedRole, profiles } from '../profiles.ts';
import { readCertificateRequest } from '../read-request.ts';
import { tokenNameOf } from '../token/token-name.ts';
import type {
  DeviceCredentials,
  GatewayCredentials,
  GatewayNames,
  Identity,
  TokenCredentials,
  TokenIdentity,
} from './cluster.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { IssuedLedger } from './ledger.ts';
import { chainPemOf, identityOf, issuerOf, signerOf, standIn } from './make-certificate.ts';
import { isDnsName } from './names.ts';
import type { OwnCertificates } from './own-certificates.ts';
import { generatePrivateKey } from './private-key-file.ts';
import { assertDeviceName } from './refusals.ts';

interface HolderNames {
  readonly holder: string;
  readonly commonName: string;
  readonly subjectNames: readonly SubjectName[];
}

/** What the cluster's authorities issue to others: phones, operators, security tokens. Each stands in the ledger first. */
export class IssuedCertificates {
  readonly #store: ClusterStore;
  readonly #own: OwnCertificates;
  readonly #ledger: IssuedLedger;

  constructor(store: ClusterStore, own: OwnCertificates, ledger: IssuedLedger) {
    this.#store = store;
    this.#own = own;
    this.#ledger = ledger;
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
    return this.#store.exclusively(async () => {
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
    return this.#store.exclusively(async () => {
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

  async issueGatewayCertificate(
    gateway: string,
    { hosts, addresses }: GatewayNames,
    request: Uint8Array | undefined,
    now: number,
  ): Promise<GatewayCredentials> {
    const wrong = hosts.find((host) => !isDnsName(host)) ?? addresses.find((address) => isIP(address) === 0);
    if (wrong !== undefined) throw new PkiError('pki.refused-request', `"${wrong}" cannot be the name of a gateway`);
    const subjectNames: readonly SubjectName[] = [
      ...hosts.map((value) => ({ kind: 'dns', value }) as const),
      ...addresses.map((value) => ({ kind: 'ip', value }) as const),
    ];
    const privateKey = request === undefined ? await generatePrivateKey(profiles['ipsec-gateway'].key) : undefined;
    const publicKey =
      privateKey === undefined
        ? readCertificateRequest(request ?? Uint8Array.of()).publicKey
        : createPublicKey(privateKey);
    return this.#store.exclusively(async () => {
      const names = { holder: gateway, commonName: gateway, subjectNames };
      const { certificate, authority } = await this.#certifyNamed('ipsec-gateway', names, publicKey, now);
      const path: Path = [certificate, ...authority.path];
      if (privateKey !== undefined) return identityOf(path, privateKey);
      return { certificate, chainPem: chainPemOf(path), privateKeyPem: undefined };
    });
  }

  async #deviceCredentials(
    role: IssuedRole,
    device: string,
    commonName: string,
    now: number,
  ): Promise<DeviceCredentials> {
    const identity = await this.#issueTo(role, device, commonName, now);
    const trustBundle = this.#store.trust.phoneTrustBundle();
    return { ...identity, device, trustBundle, trustBundlePem: encodeCertificatesPem(trustBundle) };
  }

  async #issueTo(role: IssuedRole, holder: string, commonName: string, now: number): Promise<Identity> {
    const privateKey = await generatePrivateKey(profiles[role].key);
    return this.#store.exclusively(async () => {
      const publicKey = createPublicKey(privateKey);
      const { certificate, authority } = await this.#certify(role, holder, commonName, publicKey, now);
      return identityOf([certificate, ...authority.path], privateKey);
    });
  }

  /** Issues a certificate for somebody else's key, and remembers it. Only inside `exclusively`. */
  async #certify(
    role: IssuedRole,
    holder: string,
    commonName: string,
    publicKey: KeyObject,
    now: number,
    deviceKeys?: DeviceKeyPolicy,
  ) {
    return this.#certifyNamed(role, { holder, commonName, subjectNames: [] }, publicKey, now, deviceKeys);
  }

  async #certifyNamed(
    role: IssuedRole,
    { holder, commonName, subjectNames }: HolderNames,
    publicKey: KeyObject,
    now: number,
    deviceKeys?: DeviceKeyPolicy,
  ) {
    const issuer = issuerOf(role);
    // Production has no manufacturing authority of its own until a token, or a simulated phone, first needs one.
    if (!this.#store.state.identities.has(issuer)) await this.#own.renew(issuer, this.#store.names, now);
    const authority = this.#store.held(issuer);
    const request: IssueRequest = {
      role,
      commonName,
      organization: role === 'manufacturer-installed' ? standIn.organization : this.#store.names.cluster,
      subjectNames,
      publicKey,
      deviceKeys,
    };
    const certificate = await issueCertificate(request, signerOf(authority), { now, random: randomBytes });
    await this.#ledger.add(role, holder, certificate);
    return { certificate, authority };
  }
}

function readPublicKey(device: string, spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new PkiError('pki.refused-request', `the public key of ${device} cannot be read`, { cause });
  }
}
