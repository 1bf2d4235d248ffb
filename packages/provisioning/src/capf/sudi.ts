import { type KeyObject, X509Certificate } from 'node:crypto';
import { ByteReader, ByteWriter } from '@trustline/base';
import { type CapfProofResult, signBare, verifyBare, wrongSignature } from './proof.ts';

/**
 * SUDI_DATA: the certificate that the maker burnt into a phone (its secure unique device identity, the MIC) with
 * signatures over the number of the session and the certificate. The number is the server's, and random: whoever has
 * recorded it once can show it in no other session.
 */
export interface CapfSudi {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly sha1Signature: Uint8Array | undefined;
  readonly sha512Signature: Uint8Array | undefined;
}

/** Items by their tags: `tag | length u16 | value`, in this order (cisco-phones §2.5). */
const tags = { certificate: 0, sha1Signature: 1, sha512Signature: 3 } as const;

/** Makes it for one session. For EC keys, of which no source tells, it is ECDSA as in the other proof. */
export function makeCapfSudi(sessionId: number, certificate: Uint8Array, privateKey: KeyObject): Required<CapfSudi> {
  const data = signedData(sessionId, certificate);
  return {
    certificate,
    sha1Signature: signBare(data, 'sha1', privateKey),
    sha512Signature: signBare(data, 'sha512', privateKey),
  };
}

/**
 * Verifies every signature that is shown, for this session alone. Says nothing of whether the certificate is to be
 * believed.
 *
 * @param sessionId as the server chose it
 */
export function verifyCapfSudi(sessionId: number, sudi: CapfSudi): CapfProofResult {
  let publicKey: KeyObject;
  try {
    publicKey = new X509Certificate(sudi.certificate).publicKey;
  } catch {
    return { proven: false, reason: 'the certificate in its SUDI data cannot be read' };
  }
  const data = signedData(sessionId, sudi.certificate);
  const shown = [
    ['SHA-1', 'sha1', sudi.sha1Signature],
    ['SHA-512', 'sha512', sudi.sha512Signature],
  ] as const;
  const hashes: ('SHA-1' | 'SHA-512')[] = [];
  for (const [name, hash, signature] of shown) {
    if (signature === undefined) continue;
    if (!verifyBare(data, hash, publicKey, signature)) {
      return { proven: false, reason: wrongSignature(`SUDI ${name}`, 'in this session') };
    }
    hashes.push(name);
  }
  if (hashes.length === 0) return { proven: false, reason: 'its SUDI data hold no signature' };
  return { proven: true, hashes };
}

export function encodeCapfSudi({ certificate, sha1Signature, sha512Signature }: CapfSudi): Uint8Array {
  const items = [
    [tags.certificate, certificate],
    [tags.sha1Signature, sha1Signature],
    [tags.sha512Signature, sha512Signature],
  ] as const;
  const writer = new ByteWriter();
  for (const [tag, value] of items) {
    if (value !== undefined) writer.u8(tag).u16(value.byteLength).bytes(value);
  }
  return writer.finish();
}

/** What `encodeCapfSudi` makes, or undefined: another order, another tag, or a length past the end. */
export function decodeCapfSudi(octets: Uint8Array): CapfSudi | undefined {
  const reader = new ByteReader(octets);
  const found = new Map<number, Uint8Array>();
  let last = -1;
  while (reader.remaining > 0) {
    if (reader.remaining < 3) return undefined;
    const tag = reader.u8();
    const length = reader.u16();
    const isKnown = Object.values<number>(tags).includes(tag);
    if (!isKnown || tag <= last || length > reader.remaining) return undefined;
    found.set(tag, reader.take(length));
    last = tag;
  }
  const certificate = found.get(tags.certificate);
  if (certificate === undefined) return undefined;
  return {
    certificate,
    sha1Signature: found.get(tags.sha1Signature),
    sha512Signature: found.get(tags.sha512Signature),
  };
}

/** The number is little-endian here, and big-endian in the head of the message. */
function signedData(sessionId: number, certificate: Uint8Array): Uint8Array {
  const data = new Uint8Array(4 + certificate.byteLength);
  new DataView(data.buffer).setUint32(0, sessionId, true);
  data.set(certificate, 4);
  return data;
}
