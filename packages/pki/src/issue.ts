import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { type Certificate, certificateKeyOf, readCertificate, type SubjectName } from './certificate.ts';
import { type DeviceKeyPolicy, problemOfDeviceKey } from './device-keys.ts';
import { isDeviceName, phoneNameOf } from './device-name.ts';
import { isNamePart, type SubjectParts, subjectName } from './distinguished-name.ts';
import { PkiError } from './error.ts';
import { type CertificateProfile, type CertificateRole, isKeyOfType, keyPurpose, profiles } from './profiles.ts';
import { describeKey, weaknessOfKey } from './strength.ts';
import { isTokenName } from './token/token-name.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509Document,
} from './x509-library.ts';

/** Certificates begin an hour before they are made, for phones whose clocks are wrong. */
const CLOCK_SKEW_ALLOWANCE = 3_600_000;

const DAY = 86_400_000;

/** 16 octets of which 127 bits are random: positive and within RFC 5280 §4.1.2.2's 20 octets. */
const SERIAL_LENGTH = 16;

export interface IssueRequest {
  readonly role: CertificateRole;
  readonly commonName: string;
  readonly organization: string;
  /** In the place of the profile's. */
  readonly organizationalUnit?: string | undefined;
  readonly subjectNames: readonly SubjectName[];
  readonly publicKey: KeyObject;
  /** For a key that a phone has made: which are allowed, in the place of the profile's own kind. */
  readonly deviceKeys?: DeviceKeyPolicy | undefined;
}

/** Who signs: an authority of ours with its key, or for a root the root's own key. */
export type Signer =
  | { readonly kind: 'authority'; readonly certificate: Certificate; readonly privateKey: KeyObject }
  | { readonly kind: 'self'; readonly privateKey: KeyObject };

export interface IssueEnvironment {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: (length: number) => Uint8Array;
}

/** A certificate before it is signed. */
interface Template {
  readonly role: CertificateRole;
  readonly profile: CertificateProfile;
  readonly subject: SubjectParts;
  readonly subjectNames: readonly SubjectName[];
  readonly publicKey: KeyObject;
  readonly serialNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * Issues one certificate: the request is checked, the profile fills the template in, the template is checked,
 * and only then is it signed. What comes back has been read again and its signature verified.
 *
 * @throws {PkiError} pki.refused-request, pki.refused-result
 */
export async function issueCertificate(
  request: IssueRequest,
  signer: Signer,
  environment: IssueEnvironment,
): Promise<Certificate> {
  const profile = profiles[request.role];
  for (const check of requestChecks) {
    const problem = check(request, profile, signer);
    if (problem !== undefined) throw new PkiError('pki.refused-request', `${profile.title}: ${problem}`);
  }
  const template = fillIn(request, profile, signer, environment);
  for (const check of resultChecks) {
    const problem = check(template, signer, environment.now);
    if (problem !== undefined) throw new PkiError('pki.refused-result', `${profile.title}: ${problem}`);
  }
  return sign(template, signer);
}

type RequestCheck = (request: IssueRequest, profile: CertificateProfile, signer: Signer) => string | undefined;

const requestChecks: readonly RequestCheck[] = [
  ({ publicKey, deviceKeys }, profile) => {
    const key = certificateKeyOf(publicKey);
    if (deviceKeys !== undefined) return problemOfDeviceKey(key, deviceKeys);
    const weakness = weaknessOfKey(key, false);
    if (weakness !== undefined) return weakness;
    return isKeyOfType(key, profile.key) ? undefined : `needs a key of type ${profile.key}, not ${describeKey(key)}`;
  },
  ({ commonName, organization }) =>
    [commonName, organization].every(isNamePart)
      ? undefined
      : 'each part of the subject is 1 to 64 printable characters',
  ({ role, commonName }) =>
    role === 'locally-significant' && !isDeviceName(commonName) ? `"${commonName}" is not a device name` : undefined,
  ({ role, commonName }) =>
    role === 'manufacturer-installed' && phoneNameOf(commonName) === undefined
      ? `"${commonName}" does not end in SEP and a MAC address`
      : undefined,
  ({ role, commonName }) =>
    (role === 'sast' || role === 'lab-sast') && !isTokenName(commonName)
      ? `"${commonName}" is not SAST- and the serial number of a token`
      : undefined,
  (_request, profile, signer) =>
    (profile.issuer === 'self') === (signer.kind === 'self') ? undefined : `is issued by ${profile.issuer} only`,
  ({ subjectNames }, profile) =>
    (profile.subjectNames === 'none') === (subjectNames.length === 0)
      ? undefined
      : `its names (subjectAltName) are ${profile.subjectNames}`,
];

function fillIn(
  { role, commonName, organization, organizationalUnit, subjectNames, publicKey }: IssueRequest,
  profile: CertificateProfile,
  signer: Signer,
  { now, random }: IssueEnvironment,
): Template {
  const notBefore = wholeSecond(now - CLOCK_SKEW_ALLOWANCE);
  const wanted = wholeSecond(now + profile.validityDays * DAY);
  return {
    role,
    profile: profileFor(profile, publicKey),
    subject: { commonName, organization, organizationalUnit: organizationalUnit ?? profile.organizationalUnit },
    subjectNames,
    publicKey,
    serialNumber: randomSerial(random),
    // Never outside the issuer's own life: whoever outlives the issuer is refused with it anyway.
    notBefore: signer.kind === 'self' ? notBefore : Math.max(notBefore, signer.certificate.notBefore),
    notAfter: signer.kind === 'self' ? wanted : Math.min(wanted, signer.certificate.notAfter),
  };
}

/** RFC 5480 §3: an EC key enciphers no keys, so a certificate for one must not say that it does. */
export function profileFor(profile: CertificateProfile, publicKey: KeyObject): CertificateProfile {
  if (publicKey.asymmetricKeyType !== 'ec') return profile;
  return { ...profile, keyUsage: profile.keyUsage.filter((usage) => usage !== 'keyEncipherment') };
}

type ResultCheck = (template: Template, signer: Signer, now: number) => string | undefined;

const resultChecks: readonly ResultCheck[] = [
  ({ notBefore, notAfter }, _signer, now) =>
    notBefore <= now && now < notAfter ? undefined : 'its issuer is not valid now, so nothing it issued would be',
  ({ serialNumber }) =>
    /^[0-7][0-9a-f]{31}$/.test(serialNumber) && !/^0+$/.test(serialNumber)
      ? undefined
      : 'the serial number is not random',
  (_template, signer) =>
    signer.kind === 'self' || signer.certificate.keyUsage?.includes('keyCertSign') === true
      ? undefined
      : `${signer.certificate.subject} may not sign certificates`,
  ({ profile }, signer) =>
    profile.authority && signer.kind === 'authority' ? 'authorities of ours make no further authorities' : undefined,
];

async function sign(template: Template, signer: Signer): Promise<Certificate> {
  const spki = spkiOf(template.publicKey);
  const keyIdentifier = keyIdentifierOf(spki);
  const issuerKeyIdentifier = signer.kind === 'self' ? keyIdentifier : signer.certificate.subjectKeyIdentifier;
  const subject = subjectName(template.subject);
  const document = await X509CertificateGenerator.create({
    serialNumber: template.serialNumber,
    subject,
    issuer: signer.kind === 'self' ? subject : new X509Document(Uint8Array.from(signer.certificate.der)).subjectName,
    notBefore: new Date(template.notBefore),
    notAfter: new Date(template.notAfter),
    publicKey: Uint8Array.from(spki),
    signingKey: signingKeyOf(signer.privateKey),
    signingAlgorithm: signingAlgorithmOf(signer.privateKey),
    extensions: [
      ...profileExtensions(template.profile, template.subjectNames),
      new SubjectKeyIdentifierExtension(keyIdentifier),
      ...(issuerKeyIdentifier === undefined ? [] : [new AuthorityKeyIdentifierExtension(issuerKeyIdentifier)]),
    ],
  });
  const certificate = readCertificate(new Uint8Array(document.rawData));
  const issuer = signer.kind === 'self' ? certificate : signer.certificate;
  if (!certificate.signedBy(issuer) || certificate.issuerHash !== issuer.subjectHash) {
    throw new PkiError('pki.refused-result', `${template.profile.title}: the key does not belong to its issuer`);
  }
  return certificate;
}

/** What a profile says of a certificate, as extensions; a certificate request asks for the same. */
export function profileExtensions(profile: CertificateProfile, names: readonly SubjectName[]): readonly Extension[] {
  const usage = profile.keyUsage.reduce((flags, name) => flags | KeyUsageFlags[name], 0);
  const extensions: Extension[] = [
    // RFC 5280 §4.2.1.9: critical, and pathLenConstraint only for authorities.
    profile.authority
      ? new BasicConstraintsExtension(true, 0, true)
      : new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(usage, true),
  ];
  if (profile.extendedKeyUsage.length > 0) {
    extensions.push(new ExtendedKeyUsageExtension(profile.extendedKeyUsage.map((name) => keyPurpose[name])));
  }
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(generalNames(names)));
  return extensions;
}

function generalNames(names: readonly SubjectName[]): JsonGeneralNames {
  return names.map(({ kind, value }) => {
    if (kind === 'other') throw new PkiError('pki.refused-request', 'a name of unknown kind cannot be issued');
    return { type: kind === 'uri' ? 'url' : kind, value };
  });
}

/** The algorithm by which a key of ours signs: RSA PKCS#1 v1.5 (phones know no PSS) or ECDSA, with SHA-256. */
export function signingAlgorithmOf(key: KeyObject): { name: string; hash: string; namedCurve?: string } {
  return key.asymmetricKeyType === 'ec'
    ? { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' }
    : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
}

export function signingKeyOf(privateKey: KeyObject) {
  return privateKey.toCryptoKey(signingAlgorithmOf(privateKey), false, ['sign']);
}

export function spkiOf(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** RFC 7093 §2, method 4 shortened to the usual 160 bits: a hash of the SubjectPublicKeyInfo. */
function keyIdentifierOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex').slice(0, 40);
}

function randomSerial(random: IssueEnvironment['random']): string {
  const octets = Uint8Array.from(random(SERIAL_LENGTH));
  octets[0] = (octets[0] ?? 0) & 0x7f;
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** X.509 times have no fractions. */
function wholeSecond(at: number): number {
  return Math.floor(at / 1000) * 1000;
}

/** The public half of a private key. */
export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}
