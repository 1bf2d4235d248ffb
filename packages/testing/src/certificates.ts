import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import {
  type AuthorityRole,
  type Certificate,
  type CertificateRole,
  encodeCertificatesPem,
  issueCertificate,
  type LabTrustDocument,
  LabTrustSource,
  profiles,
  type Signer,
} from '@trustline/pki';

const DAY = 86_400_000;

/** The test authorities are older than any certificate they issue, expired ones included. */
const AUTHORITY_AGE = 7 * 365 * DAY;

export interface TestIdentity {
  readonly certificate: Certificate;
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
  readonly privateKeyPem: string;
}

/** A whole cluster's certificates in memory, with the certificates of strangers and of bad days beside them. */
export interface TestCertificates {
  /** Epoch milliseconds: the moment all of them are about. */
  readonly now: number;
  readonly trust: LabTrustSource;
  /** What `trust` holds, for tests that change a part of it. */
  readonly document: LabTrustDocument;
  readonly trustBundlePem: string;
  readonly callManager: { readonly rsa: TestIdentity; readonly ecdsa: TestIdentity };
  /** An LSC. */
  device(name: string): Promise<TestIdentity>;
  /** LSCs of thousands of devices (PEM) with the key of `device`: one is made, renamed and signed anew, at a tenth of its cost. */
  devices(names: readonly string[]): Promise<readonly string[]>;
  /** A MIC of the stand-in manufacturer. */
  manufacturerInstalled(name: string): Promise<TestIdentity>;
  operator(name: string): Promise<TestIdentity>;
  /** An LSC that ended `days` days ago. */
  expiredDevice(name: string, days?: number): Promise<TestIdentity>;
  /** An LSC that begins tomorrow. */
  futureDevice(name: string): Promise<TestIdentity>;
  /** An LSC of a CAPF that nobody here trusts. */
  strangerDevice(name: string): Promise<TestIdentity>;
  /** An LSC whose issuer has the trusted CAPF's very name, and another key. */
  impostorDevice(name: string): Promise<TestIdentity>;
  selfSignedDevice(name: string): Promise<TestIdentity>;
}

/** RSA keys cost 50 ms each, so tests share a few: what a key is for is told by its certificate. */
const keys = new Map<string, KeyObject>();

function sharedKey(role: CertificateRole, owner = ''): KeyObject {
  const name = `${role} ${owner}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const made =
    profiles[role].key === 'RSA-2048'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  keys.set(name, made.privateKey);
  return made.privateKey;
}

/** Makes the certificates of a test cluster. All devices share one key, and so do the operators. */
export async function makeTestCertificates(now = Date.now()): Promise<TestCertificates> {
  const authorities = {
    'callmanager-ca': await makeAuthority('callmanager-ca', 'Test CallManager CA', now),
    'capf-ca': await makeAuthority('capf-ca', 'Test CAPF CA', now),
    'manufacturing-ca': await makeAuthority('manufacturing-ca', 'LAB STAND-IN Manufacturing CA', now),
    'operator-ca': await makeAuthority('operator-ca', 'Test Operator CA', now),
  };
  const callManagerRoot = authorities['callmanager-ca'].certificate;
  const document: LabTrustDocument = {
    securityMode: 'mixed',
    notice: 'lab trust',
    issuers: {
      'locally-significant': [authorities['capf-ca'].certificate],
      manufacturer: [authorities['manufacturing-ca'].certificate],
      operator: [authorities['operator-ca'].certificate],
      trunk: [callManagerRoot],
      callmanager: [callManagerRoot],
      'outside-lsc': [],
    },
    registrationProofs: ['LSC', 'pinned'],
    pins: [],
    revocations: [],
    phoneTrustBundle: [callManagerRoot],
  };
  const lsc = (name: string, authority: Authority = authorities['capf-ca'], at = now) =>
    issue('locally-significant', name, authority, at);
  return {
    now,
    trust: new LabTrustSource(document),
    document,
    trustBundlePem: encodeCertificatesPem([callManagerRoot]),
    callManager: {
      rsa: await issue('callmanager-rsa', 'localhost', authorities['callmanager-ca'], now),
      ecdsa: await issue('callmanager-ecdsa', 'localhost', authorities['callmanager-ca'], now),
    },
    device: (name) => lsc(name),
    devices: async (names) => {
      const [first] = names;
      if (first === undefined) return [];
      const model = await lsc(first);
      const { der } = model.certificate;
      return names.map((name) => renamedCertificate(der, first, name, authorities['capf-ca'].privateKey));
    },
    manufacturerInstalled: (name) => issue('manufacturer-installed', name, authorities['manufacturing-ca'], now),
    operator: (name) => issue('operator', name, authorities['operator-ca'], now),
    expiredDevice: (name, days = 1) =>
      lsc(name, authorities['capf-ca'], now - (profiles['locally-significant'].validityDays + days) * DAY),
    futureDevice: (name) => lsc(name, authorities['capf-ca'], now + DAY),
    strangerDevice: async (name) => lsc(name, await makeAuthority('capf-ca', 'Stranger CAPF CA', now, 'stranger')),
    impostorDevice: async (name) => lsc(name, await makeAuthority('capf-ca', 'Test CAPF CA', now, 'stranger')),
    selfSignedDevice: (name) => issue('capf-ca', name, undefined, now),
  };
}

/** A certificate (DER) with another name of the same length in its place, and the signature of who issued it (PEM). */
export function renamedCertificate(certificate: Uint8Array, from: string, to: string, issuer: KeyObject): string {
  if (from.length !== to.length) throw new Error(`${to} is not as long as ${from}`);
  const der = Buffer.from(certificate);
  for (let at = der.indexOf(from); at >= 0; at = der.indexOf(from, at + 1)) der.write(to, at, 'latin1');
  // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }: both of the first lengths have two octets (RFC 5280 §4.1).
  const signed = der.subarray(4, 8 + der.readUInt16BE(6));
  const signature = sign('sha256', signed, issuer);
  signature.copy(der, der.length - signature.length);
  return new X509Certificate(der).toString();
}

type Authority = Extract<Signer, { kind: 'authority' }>;

async function makeAuthority(role: AuthorityRole, commonName: string, now: number, owner = ''): Promise<Authority> {
  const { certificate, privateKey } = await issue(role, commonName, undefined, now - AUTHORITY_AGE, owner);
  return { kind: 'authority', certificate, privateKey };
}

async function issue(
  role: CertificateRole,
  commonName: string,
  authority: Authority | undefined,
  now: number,
  owner = '',
): Promise<TestIdentity> {
  const privateKey = sharedKey(role, owner);
  const certificate = await issueCertificate(
    {
      role,
      commonName,
      organization: 'Trustline test',
      subjectNames: profiles[role].subjectNames === 'server' ? loopbackNames : [],
      publicKey: createPublicKey(privateKey),
    },
    authority ?? { kind: 'self', privateKey },
    { now, random: randomBytes },
  );
  return {
    certificate,
    certificatePem: encodeCertificatesPem([certificate]),
    privateKey,
    privateKeyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

const loopbackNames = [
  { kind: 'dns', value: 'localhost' },
  { kind: 'ip', value: '127.0.0.1' },
  { kind: 'ip', value: '::1' },
] as const;
