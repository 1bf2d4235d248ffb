import { createPrivateKey } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import { BmpString, fromBER, OctetString } from 'asn1js';
import {
  Attribute,
  AuthenticatedSafe,
  CertBag,
  Certificate as CertificateDocument,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
} from 'pkijs';
import type { Certificate } from '../certificate.ts';

const oid = {
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
} as const;

/** Rounds of PBKDF2 and of the integrity key: a PKCS#12 file travels, and its password is often short. */
const ITERATIONS = 100_000;

export interface Pkcs12Contents {
  readonly friendlyName: string;
  readonly certificate: Certificate;
  readonly privateKeyPem: Redacted<string>;
  /** Further certificates that the importing program is to trust or send. */
  readonly authorities: readonly Certificate[];
}

/**
 * One password-protected file (PKCS#12, RFC 7292) with a key, its certificate and the authorities: PBES2 with
 * AES-256-CBC and an HMAC-SHA-256, which OpenSSL 3 opens without its legacy provider.
 */
export async function encodePkcs12(contents: Pkcs12Contents, password: Redacted<string>): Promise<Uint8Array> {
  const secret = new TextEncoder().encode(password.reveal()).buffer;
  const keyDer = createPrivateKey(contents.privateKeyPem.reveal()).export({ type: 'pkcs8', format: 'der' });
  const keyBag = new PKCS8ShroudedKeyBag({ parsedValue: PrivateKeyInfo.fromBER(Uint8Array.from(keyDer)) });
  keyDer.fill(0);
  const encryption = {
    password: secret,
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: ITERATIONS,
  };
  await keyBag.makeInternalValues(encryption);
  const attributes = bagAttributes(contents);
  const keys = new SafeContents({
    safeBags: [new SafeBag({ bagId: oid.shroudedKeyBag, bagValue: keyBag, bagAttributes: attributes })],
  });
  const certificates = new SafeContents({
    safeBags: [
      certificateBag(contents.certificate, attributes),
      ...contents.authorities.map((authority) => certificateBag(authority, undefined)),
    ],
  });
  const safe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        { privacyMode: 0, value: keys }, // each key in it is encrypted on its own
        { privacyMode: 1, value: certificates },
      ],
    },
  });
  await safe.makeInternalValues({ safeContents: [{}, encryption] });
  const file = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } });
  await file.makeInternalValues({
    password: secret,
    iterations: ITERATIONS,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  });
  return new Uint8Array(file.toSchema().toBER());
}

/** friendlyName is what people see in a key chain; localKeyId joins the key with its certificate. */
function bagAttributes({ friendlyName, certificate }: Pkcs12Contents): Attribute[] {
  const keyId = Uint8Array.from(Buffer.from(certificate.fingerprint, 'hex').subarray(0, 20)).buffer;
  return [
    new Attribute({ type: oid.friendlyName, values: [new BmpString({ value: friendlyName })] }),
    new Attribute({ type: oid.localKeyId, values: [new OctetString({ valueHex: keyId })] }),
  ];
}

function certificateBag(certificate: Certificate, bagAttributes: Attribute[] | undefined): SafeBag {
  const parsedValue = new CertificateDocument({ schema: fromBER(Uint8Array.from(certificate.der).buffer).result });
  const parameters = { bagId: oid.certificateBag, bagValue: new CertBag({ parsedValue }) };
  return new SafeBag(bagAttributes === undefined ? parameters : { ...parameters, bagAttributes });
}
