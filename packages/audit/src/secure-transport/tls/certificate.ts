import { createHash } from 'node:crypto';
import { ByteReader } from '@trustline/base';
import { type Certificate, readCertificate } from '@trustline/pki';
import type { PacketPlace } from '../../traffic/place.ts';

/** A certificate that an end has shown. */
export interface SeenCertificate {
  readonly der: Uint8Array;
  /** Undefined where it cannot be read. */
  readonly certificate: Certificate | undefined;
  /** Of the packet that completed the message. */
  readonly place: PacketPlace;
}

/** By the names of the hashes in `a=fingerprint` (RFC 8122 §5), in upper-case pairs with colons as there. */
export type CertificateFingerprints = Readonly<Record<'sha-1' | 'sha-256' | 'sha-384' | 'sha-512', string>>;

/** Certificates of one chain that are kept; longer ones are cut. */
const LONGEST_CHAIN = 16;

/** The list in a Certificate message, before TLS 1.3 (RFC 5246 §7.4.2) or since (RFC 8446 §4.4.2). */
export function readCertificateList(body: Uint8Array, isTls13: boolean, place: PacketPlace): SeenCertificate[] {
  const message = new ByteReader(body);
  if (isTls13) message.skip(message.u8());
  const list = new ByteReader(message.take(message.u24()));
  const chain: SeenCertificate[] = [];
  while (list.remaining > 0 && chain.length < LONGEST_CHAIN) {
    const der = list.take(list.u24()).slice();
    if (isTls13) list.skip(list.u16());
    const certificate = readable(der);
    // Many connections show the same one: the octets of one reading are shared.
    chain.push({ der: certificate?.der ?? der, certificate, place });
  }
  return chain;
}

export function fingerprintsOf(der: Uint8Array): CertificateFingerprints {
  const digest = (hash: string) =>
    createHash(hash)
      .update(der)
      .digest('hex')
      .toUpperCase()
      .replace(/..(?=.)/g, '$&:');
  return {
    'sha-1': digest('sha1'),
    'sha-256': digest('sha256'),
    'sha-384': digest('sha384'),
    'sha-512': digest('sha512'),
  };
}

function readable(der: Uint8Array): Certificate | undefined {
  try {
    return readCertificate(der);
  } catch {
    return undefined;
  }
}
