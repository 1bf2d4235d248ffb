import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { Integer } from 'asn1js';
import type { Handle, PKCS11 } from 'pkcs11js';
import type { Certificate } from '../../certificate.ts';
import { hex } from '../../hex.ts';
import { X509Document } from '../../x509-library.ts';
import { pkcs11Library } from './pkcs11-module.ts';
import { attributesOf, certificateObjects, findObjects } from './pkcs11-slots.ts';

/** The label of the keys that are ours to use; others on the token are left alone. */
const KEY_LABEL = 'Trustline SAST';
const KEY_BITS = 2048;
const ID_LENGTH = 16;

/** A key pair on a token. */
export interface TokenKey {
  readonly privateKey: Handle;
  readonly publicKey: KeyObject;
  /** CKA_ID, which key and certificate share. */
  readonly id: Uint8Array;
}

/** Makes the key on the token: it can be used there and never read (CKA_SENSITIVE, not CKA_EXTRACTABLE). */
export async function createKeyPair(pkcs11: PKCS11, session: Handle): Promise<TokenKey> {
  const library = pkcs11Library();
  const id = randomBytes(ID_LENGTH);
  const common = [
    { type: library.CKA_TOKEN, value: true },
    { type: library.CKA_ID, value: id },
    { type: library.CKA_LABEL, value: KEY_LABEL },
  ];
  const made = await pkcs11.C_GenerateKeyPairAsync(
    session,
    { mechanism: library.CKM_RSA_PKCS_KEY_PAIR_GEN },
    [
      ...common,
      { type: library.CKA_PRIVATE, value: false },
      { type: library.CKA_VERIFY, value: true },
      { type: library.CKA_MODULUS_BITS, value: KEY_BITS },
      { type: library.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
    ],
    [
      ...common,
      { type: library.CKA_PRIVATE, value: true },
      { type: library.CKA_SENSITIVE, value: true },
      { type: library.CKA_EXTRACTABLE, value: false },
      { type: library.CKA_SIGN, value: true },
    ],
  );
  return { privateKey: made.privateKey, publicKey: publicKeyOf(pkcs11, session, made.publicKey), id };
}

/** The key that an initialisation left without a certificate, if there is one. */
export function findUncertifiedKey(pkcs11: PKCS11, session: Handle): TokenKey | undefined {
  const library = pkcs11Library();
  const certified = certificateObjects(pkcs11, session).map(({ id }) => hex(id));
  const ours = (keyClass: number) => [
    { type: library.CKA_CLASS, value: keyClass },
    { type: library.CKA_KEY_TYPE, value: library.CKK_RSA },
    { type: library.CKA_LABEL, value: KEY_LABEL },
  ];
  for (const privateKey of findObjects(pkcs11, session, ours(library.CKO_PRIVATE_KEY))) {
    const [id = new Uint8Array()] = attributesOf(pkcs11, session, privateKey, [library.CKA_ID]);
    if (certified.includes(hex(id))) continue;
    const withId = [...ours(library.CKO_PUBLIC_KEY), { type: library.CKA_ID, value: Buffer.from(id) }];
    const [publicKey] = findObjects(pkcs11, session, withId);
    if (publicKey !== undefined) return { privateKey, publicKey: publicKeyOf(pkcs11, session, publicKey), id };
  }
  return undefined;
}

/** Stores a certificate where everybody can read it, beside its key. */
export function storeCertificateObject(
  pkcs11: PKCS11,
  session: Handle,
  certificate: Certificate,
  id: Uint8Array,
): void {
  const library = pkcs11Library();
  const document = new X509Document(Uint8Array.from(certificate.der));
  pkcs11.C_CreateObject(session, [
    { type: library.CKA_CLASS, value: library.CKO_CERTIFICATE },
    { type: library.CKA_CERTIFICATE_TYPE, value: library.CKC_X_509 },
    { type: library.CKA_TOKEN, value: true },
    { type: library.CKA_PRIVATE, value: false },
    { type: library.CKA_LABEL, value: certificate.commonNames[0] ?? KEY_LABEL },
    { type: library.CKA_ID, value: Buffer.from(id) },
    { type: library.CKA_SUBJECT, value: Buffer.from(document.subjectName.toArrayBuffer()) },
    { type: library.CKA_ISSUER, value: Buffer.from(document.issuerName.toArrayBuffer()) },
    { type: library.CKA_SERIAL_NUMBER, value: derInteger(certificate.serialNumber) },
    { type: library.CKA_VALUE, value: Buffer.from(certificate.der) },
  ]);
}

function publicKeyOf(pkcs11: PKCS11, session: Handle, publicKey: Handle): KeyObject {
  const { CKA_MODULUS, CKA_PUBLIC_EXPONENT } = pkcs11Library();
  const [n = new Uint8Array(), e = new Uint8Array()] = attributesOf(pkcs11, session, publicKey, [
    CKA_MODULUS,
    CKA_PUBLIC_EXPONENT,
  ]);
  const text = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', n: text(n), e: text(e) }, format: 'jwk' });
}

/** Ours are positive, with the highest bit clear. */
function derInteger(serialNumber: string): Buffer {
  const octets = Uint8Array.from(Buffer.from(serialNumber, 'hex'));
  return Buffer.from(new Integer({ valueHex: octets.buffer }).toBER());
}
