import { createCipheriv, createHash, type KeyObject } from 'node:crypto';
import type { Certificate } from '../certificate.ts';
import { signerIdentityOf } from '../trust-list/certificate-fields.ts';
import { type HeaderRequest, signedOctets, unsignedHeader } from '../trust-list/header.ts';
import { assertSignedBy, type SigningDigest, signatureLengthOf, type UnsignedFile } from '../trust-list/sign.ts';
import { digestNames, invalid, PADDING_TAG } from '../trust-list/tlv.ts';
import { wrapKey } from './key-wrapping.ts';
import { parseSignedFile, type SignedFile, serializeSignedFile } from './parse.ts';

export interface SignedFileRequest {
  /** The name that phones ask for, with its ending: `SEP001122334455.cnf.xml.sgn`. */
  readonly fileName: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly digest: SigningDigest;
  /** A certificate that phones know with the role TFTP or CCM+TFTP. */
  readonly signer: Certificate;
  /** The plain file, which stands unchanged after the header. */
  readonly payload: Uint8Array;
}

export interface EncryptedFileRequest extends SignedFileRequest {
  /** RSA public key of the phone: that of its LSC, or else of its MIC. */
  readonly recipient: KeyObject;
  /** Cryptographically strong randomness. */
  readonly random: (length: number) => Uint8Array;
}

/**
 * Makes a signed file (`.sgn`), all but its signature.
 *
 * @throws {PkiError} pki.invalid-file-value, pki.unsuited-signer
 */
export function buildSignedFile(request: SignedFileRequest): UnsignedFile {
  return unsignedFile(request, { version: { major: 1, minor: 0 }, encryption: undefined }, request.payload);
}

const AES_KEY_LENGTH = 16;
const AES_BLOCK = 16;

/**
 * Makes a file that is encrypted to one phone and signed (`.enc.sgn`), all but its signature: AES-128-CBC under a
 * fresh key, which RSAES-PKCS1-v1_5 wraps. The header holds a hash of the plain file, as the format wants it: who has
 * a guess of the whole file can test it, so a file with a secret of few digits needs something unguessable beside it.
 *
 * @throws {PkiError} pki.invalid-file-value, pki.unsuited-signer, pki.unsuited-recipient
 */
export function buildEncryptedFile({ recipient, random, ...request }: EncryptedFileRequest): UnsignedFile {
  const { payload, digest } = request;
  const key = random(AES_KEY_LENGTH);
  const initializationVector = random(AES_BLOCK);
  const paddingLength = AES_BLOCK - (payload.byteLength % AES_BLOCK);
  const cipher = createCipheriv('aes-128-cbc', key, initializationVector).setAutoPadding(false);
  const padding = new Uint8Array(paddingLength).fill(PADDING_TAG);
  const ciphertext = [cipher.update(payload), cipher.update(padding), cipher.final()];
  const encryption = {
    initializationVector,
    paddingLength,
    wrappedKey: wrapKey(key, recipient, random),
    hash: digest,
    plainHash: new Uint8Array(createHash(digestNames[digest]).update(payload).digest()),
  };
  key.fill(0);
  return unsignedFile(request, { version: { major: 2, minor: 0 }, encryption }, join(ciphertext));
}

function unsignedFile(
  { fileName, timestamp, digest, signer }: SignedFileRequest,
  kind: Pick<HeaderRequest, 'version' | 'encryption'>,
  payload: Uint8Array,
): UnsignedFile {
  const header = unsignedHeader({
    ...kind,
    signerVersion: undefined,
    signer: signerIdentityOf(signer),
    digest,
    signatureLength: signatureLengthOf(signer),
    fileName,
    timestamp,
  });
  const file: SignedFile = { header, payload };
  const written = serializeSignedFile(file);
  const read = parseSignedFile(written); // what a phone would not read is found here, before anything is signed
  if (!read.ok) invalid(read.message);
  const octets = signedOctets(written, read.layout);
  return {
    digest,
    octets,
    finish(signature) {
      assertSignedBy(signer, digest, octets, signature);
      return serializeSignedFile({ header: { ...header, signature }, payload });
    },
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
