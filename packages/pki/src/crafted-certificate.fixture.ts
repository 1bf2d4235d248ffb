import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { type Certificate, type KeyUsageName, readCertificate } from './certificate.ts';
import { signingKeyOf, spkiOf } from './issue.ts';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from './x509-library.ts';

/** Tests need certificates that the issuing pipeline rightly refuses to make: this makes them as told. */
export interface Craft {
  readonly commonName?: string | readonly string[];
  readonly issuer?: Crafted;
  /** The name written as issuer, where it should differ from the issuer's own. */
  readonly claimedIssuer?: string;
  readonly privateKey?: KeyObject;
  /** The key to certify, for whoever keeps its private half to himself. */
  readonly spki?: Uint8Array | undefined;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: readonly KeyUsageName[];
  readonly extendedKeyUsage?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly hash?: 'SHA-1' | 'SHA-256';
  readonly extensions?: readonly Extension[];
}

export interface Crafted {
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
  readonly commonName: string;
}

const now = Date.UTC(2026, 10, 23, 12);
export const craftedNow = now;
const DAY = 86_400_000;

/** EC, so that a table of hundreds of certificates takes no time. */
export const newEcKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
export const newRsaKey = (bits: number): KeyObject => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;

export async function craft(how: Craft = {}): Promise<Crafted> {
  const privateKey = how.privateKey ?? newEcKey();
  const names = typeof how.commonName === 'string' ? [how.commonName] : (how.commonName ?? ['SEP001122334455']);
  const signer = how.issuer?.privateKey ?? privateKey;
  const signature = algorithmOf(signer, how.hash ?? 'SHA-256');
  const extensions: Extension[] = [...(how.extensions ?? [])];
  if (how.ca !== undefined) extensions.push(new BasicConstraintsExtension(how.ca, how.pathLength, true));
  if (how.keyUsage !== undefined) {
    extensions.push(
      new KeyUsagesExtension(
        how.keyUsage.reduce((flags, name) => flags | KeyUsageFlags[name], 0),
        true,
      ),
    );
  }
  if (how.extendedKeyUsage !== undefined) extensions.push(new ExtendedKeyUsageExtension([...how.extendedKeyUsage]));
  if (how.dnsNames !== undefined) {
    extensions.push(new SubjectAlternativeNameExtension(how.dnsNames.map((value) => ({ type: 'dns', value }))));
  }
  const document = await X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(8).toString('hex')}`,
    subject: names.map((name) => ({ CN: [name] })),
    issuer: [{ CN: [how.claimedIssuer ?? how.issuer?.commonName ?? names[0] ?? ''] }],
    notBefore: new Date(how.notBefore ?? now - 365 * DAY),
    notAfter: new Date(how.notAfter ?? now + 365 * DAY),
    publicKey: Uint8Array.from(how.spki ?? spkiOf(createPublicKey(privateKey))),
    signingKey:
      signature.name === 'ECDSA' && signature.hash === 'SHA-256'
        ? signingKeyOf(signer)
        : signer.toCryptoKey(signature, false, ['sign']),
    signingAlgorithm: signature,
    extensions,
  });
  return { certificate: readCertificate(new Uint8Array(document.rawData)), privateKey, commonName: names[0] ?? '' };
}

export async function craftAuthority(commonName: string, how: Craft = {}): Promise<Crafted> {
  return craft({ commonName, ca: true, keyUsage: ['keyCertSign', 'digitalSignature'], ...how });
}

function algorithmOf(key: KeyObject, hash: string) {
  return key.asymmetricKeyType === 'ec'
    ? { name: 'ECDSA', hash, namedCurve: 'P-256' }
    : { name: 'RSASSA-PKCS1-v1_5', hash };
}
