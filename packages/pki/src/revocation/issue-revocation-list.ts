import { Integer } from 'asn1js';
import { PkiError } from '../error.ts';
import { type Signer, signingAlgorithmOf, signingKeyOf } from '../issue.ts';
import {
  AuthorityKeyIdentifierExtension,
  Extension,
  X509Document,
  X509RevocationListGenerator,
} from '../x509-library.ts';
import { type RevocationReason, revocationReasons } from './reasons.ts';
import { type RevocationList, readRevocationList } from './revocation-list.ts';

const DAY = 86_400_000;

/** How long a list of ours holds. A new one is made with every revocation, and well before the end. */
export const REVOCATION_LIST_VALIDITY = 7 * DAY;

export interface ListedRevocation {
  readonly serialNumber: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: RevocationReason;
}

/**
 * Makes the complete revocation list of an authority of ours (RFC 5280 §5): version 2, with its number and the identifier
 * of the key that signs. It has been read again, and its signature verified, before it is returned.
 *
 * @param now epoch milliseconds
 * @throws {PkiError} pki.refused-request when the authority's certificate does not let it sign lists
 */
export async function issueRevocationList(
  authority: Extract<Signer, { kind: 'authority' }>,
  number: bigint,
  revoked: readonly ListedRevocation[],
  now: number,
): Promise<RevocationList> {
  const { certificate, privateKey } = authority;
  if (certificate.keyUsage !== undefined && !certificate.keyUsage.includes('cRLSign')) {
    throw new PkiError('pki.refused-request', `${certificate.subject} may not sign revocation lists`, {
      nextStep: 'Ask the authority above it for a certificate with the key usage cRLSign.',
    });
  }
  const keyIdentifier = certificate.subjectKeyIdentifier;
  const document = await X509RevocationListGenerator.create({
    issuer: new X509Document(Uint8Array.from(certificate.der)).subjectName,
    thisUpdate: wholeSecond(now),
    nextUpdate: wholeSecond(now + REVOCATION_LIST_VALIDITY),
    // RFC 5280 §5.3.1: a reason that says nothing is left out.
    entries: revoked.map(({ serialNumber, at, reason }) => ({
      serialNumber,
      revocationDate: wholeSecond(at),
      ...(reason === 'unspecified' ? {} : { reason: revocationReasons[reason] as number }),
    })),
    extensions: [
      ...(keyIdentifier === undefined ? [] : [new AuthorityKeyIdentifierExtension(keyIdentifier)]),
      new Extension('2.5.29.20', false, Integer.fromBigInt(number).toBER()),
    ],
    signingKey: signingKeyOf(privateKey),
    signingAlgorithm: signingAlgorithmOf(privateKey),
  });
  const list = readRevocationList(new Uint8Array(document.rawData));
  if (!list.signedBy(certificate) || list.issuerHash !== certificate.subjectHash || list.number !== number) {
    throw new PkiError('pki.refused-result', 'the revocation list made is not the one that was asked for');
  }
  return list;
}

/** X.509 times have no fractions. */
function wholeSecond(at: number): Date {
  return new Date(Math.floor(at / 1000) * 1000);
}
