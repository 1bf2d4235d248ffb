import { verify } from 'node:crypto';
import type { Certificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import { isSignatureLength } from './header.ts';
import { digestNames } from './tlv.ts';
import type { ListDigest } from './types.ts';

/** The digests that a maker chooses from: phones of every age know SHA-1, newer ones SHA-512. */
export type SigningDigest = Exclude<ListDigest, 'SHA-256'>;

/** Makes an RSASSA-PKCS1-v1_5 signature over the octets: a security token, or the key of a server. */
export type SignOctets = (digest: SigningDigest, octets: Uint8Array) => Promise<Uint8Array>;

/** A file that lacks nothing but its signature. */
export interface UnsignedFile {
  readonly digest: SigningDigest;
  /** What is to be signed: the whole file without its SIGNATURE field. */
  readonly octets: Uint8Array;
  /**
   * The file with its signature in place, which is verified first: a file with a wrong one locks phones out.
   *
   * @throws {PkiError} pki.wrong-signature
   */
  finish(signature: Uint8Array): Uint8Array;
}

/** Has a file signed and puts it together. Whatever `sign` throws comes out as it is, and no file is made. */
export async function signFile(file: UnsignedFile, sign: SignOctets): Promise<Uint8Array> {
  return file.finish(await sign(file.digest, file.octets));
}

/**
 * The octets of a signature by this certificate's key.
 *
 * @throws {PkiError} pki.unsuited-signer
 */
export function signatureLengthOf({ key, subject }: Certificate): number {
  const length = key.kind === 'RSA' ? key.bits / 8 : 0;
  if (isSignatureLength(length) && length >= SHORTEST_SIGNATURE) return length;
  throw new PkiError('pki.unsuited-signer', `${subject} cannot sign files for phones: they carry RSA signatures only`, {
    nextStep: 'Sign with a certificate that has an RSA key of 2048 bits.',
  });
}

/** RSA below 1024 bits is broken by anyone with a computer; the format could carry 512. */
const SHORTEST_SIGNATURE = 128;

/** @throws {PkiError} pki.wrong-signature */
export function assertSignedBy(
  signer: Certificate,
  digest: ListDigest,
  octets: Uint8Array,
  signature: Uint8Array,
): void {
  if (isSignedBy(signer, digest, octets, signature)) return;
  throw new PkiError('pki.wrong-signature', `the signature was not made with the key of ${signer.subject}`, {
    nextStep: 'Check that the token which signs is the one whose certificate was chosen.',
  });
}

/** True when the key of `signer` made this RSASSA-PKCS1-v1_5 signature. */
export function isSignedBy(
  { key, publicKey }: Certificate,
  digest: ListDigest,
  octets: Uint8Array,
  signature: Uint8Array,
): boolean {
  return (
    key.kind === 'RSA' && isSuitedSignatureLength(signature, key.bits) && check(digest, octets, publicKey, signature)
  );
}

function isSuitedSignatureLength({ byteLength }: Uint8Array, bits: number): boolean {
  return byteLength >= SHORTEST_SIGNATURE && byteLength === bits / 8;
}

function check(
  digest: ListDigest,
  octets: Uint8Array,
  publicKey: Certificate['publicKey'],
  signature: Uint8Array,
): boolean {
  try {
    return verify(digestNames[digest], octets, publicKey, signature);
  } catch {
    return false; // an RSA key that is bound to PSS, for one
  }
}
