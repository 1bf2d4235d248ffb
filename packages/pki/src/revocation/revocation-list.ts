import { createHash } from 'node:crypto';
import { Enumerated, fromBER, Integer, Sequence } from 'asn1js';
import type { Certificate } from '../certificate.ts';
import { describeName } from '../distinguished-name.ts';
import { PkiError } from '../error.ts';
import { hex } from '../hex.ts';
import { AuthorityKeyIdentifierExtension, type Extension, X509RevocationList } from '../x509-library.ts';
import { type RevocationReason, revocationReasonOf } from './reasons.ts';
import { isSignedBy, readSignedStructure } from './signed-structure.ts';

/** The largest list that is read: some 100,000 entries. */
export const MAX_REVOCATION_LIST_LENGTH = 4 * 1024 * 1024;

const oid = {
  number: '2.5.29.20',
  reason: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  authorityKey: '2.5.29.35',
} as const;

export interface RevokedEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: RevocationReason;
}

/**
 * A certificate revocation list (RFC 5280 §5), read whole. Reading proves nothing: `checkRevocationList` decides whether
 * to believe it. Times are epoch milliseconds, numbers and identifiers lower-case hex.
 */
export interface RevocationList {
  readonly der: Uint8Array;
  /** SHA-256 of `der`. */
  readonly fingerprint: string;
  readonly issuer: string;
  readonly issuerHash: string;
  readonly authorityKeyIdentifier: string | undefined;
  /** cRLNumber (§5.2.3); lists of version 1 have none. */
  readonly number: bigint | undefined;
  readonly thisUpdate: number;
  /** When the next one is promised; RFC 5280 §5.1.2.5 wants it in every list. */
  readonly nextUpdate: number | undefined;
  /** By serial number, without leading zeros. */
  readonly entries: ReadonlyMap<string, RevokedEntry>;
  /** Critical extensions of the list or an entry that nothing here understands: the list must be refused (§5.2, §5.3). */
  readonly unknownCriticalExtensions: readonly string[];
  signedBy(issuer: Certificate): boolean;
}

/**
 * Reads one list in DER.
 *
 * @throws {PkiError} pki.malformed-revocation-list
 */
export function readRevocationList(der: Uint8Array): RevocationList {
  if (der.byteLength > MAX_REVOCATION_LIST_LENGTH) {
    throw malformed(`it has ${der.byteLength} octets, and at most ${MAX_REVOCATION_LIST_LENGTH} are read`);
  }
  try {
    return parse(Uint8Array.from(der));
  } catch (cause) {
    throw malformed(cause instanceof RangeError ? cause.message : 'it is no list in DER', cause);
  }
}

/** Reads a list from a file: DER, or PEM (RFC 7468 §6: `X509 CRL`). @throws {PkiError} as `readRevocationList` */
export function readRevocationListFile(octets: Uint8Array): RevocationList {
  const isPem = octets[0] !== 0x30;
  if (!isPem) return readRevocationList(octets);
  const text = new TextDecoder('latin1').decode(octets.subarray(0, 2 * MAX_REVOCATION_LIST_LENGTH));
  const blocks = [...text.matchAll(/-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g)];
  const [body, ...more] = blocks.map(([, one = '']) => one);
  if (body === undefined || more.length > 0) throw malformed('it is neither DER nor one block of PEM (X509 CRL)');
  try {
    return readRevocationList(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)));
  } catch (cause) {
    if (cause instanceof PkiError) throw cause;
    throw malformed('its PEM block is not base64', cause);
  }
}

/** A serial number as lists and certificates can be compared by it: hex without leading zeros. */
export function plainSerial(serialNumber: string): string {
  return serialNumber.toLowerCase().replace(/^0+(?=.)/, '');
}

function parse(der: Uint8Array): RevocationList {
  const structure = readSignedStructure(der);
  const document = new X509RevocationList(der);
  const entries = new Map<string, RevokedEntry>();
  const unknown = new Set(unknownCritical(document.extensions, [oid.number, oid.authorityKey]));
  for (const entry of document.entries) {
    for (const type of unknownCritical(entry.extensions, [oid.reason, oid.invalidityDate])) unknown.add(type);
    const reason = entry.extensions.find(({ type }) => type === oid.reason);
    const at = milliseconds(entry.revocationDate);
    entries.set(plainSerial(entry.serialNumber), { at, reason: revocationReasonOf(reason && reasonCode(reason)) });
  }
  const number = document.extensions.find(({ type }) => type === oid.number);
  const nextUpdate = document.nextUpdate;
  const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  return {
    der,
    fingerprint: sha256(der),
    issuer: describeName(document.issuerName),
    issuerHash: sha256(new Uint8Array(document.issuerName.toArrayBuffer())),
    authorityKeyIdentifier: document.getExtension(AuthorityKeyIdentifierExtension)?.keyId?.toLowerCase(),
    number: number && listNumber(number),
    thisUpdate: milliseconds(document.thisUpdate),
    nextUpdate: nextUpdate === undefined ? undefined : milliseconds(nextUpdate),
    entries,
    unknownCriticalExtensions: [...unknown],
    signedBy: ({ publicKey }) => innerAlgorithmIsSame(structure.signed, der) && isSignedBy(structure, publicKey),
  };
}

/** RFC 5280 §5.1.1.2: the algorithm outside the signed part is the one inside it. */
function innerAlgorithmIsSame(signed: Uint8Array, der: Uint8Array): boolean {
  const inner = elements(signed).find((one) => one instanceof Sequence);
  const outer = elements(der)[1];
  if (!(inner instanceof Sequence) || !(outer instanceof Sequence)) return false;
  return hex(inner.valueBeforeDecodeView) === hex(outer.valueBeforeDecodeView);
}

function elements(der: Uint8Array): readonly unknown[] {
  const { result } = fromBER(Uint8Array.from(der));
  return result instanceof Sequence ? result.valueBlock.value : [];
}

function unknownCritical(extensions: readonly Extension[], known: readonly string[]): readonly string[] {
  return extensions.filter(({ critical, type }) => critical && !known.includes(type)).map(({ type }) => type);
}

function listNumber({ value }: Extension): bigint {
  const { result } = fromBER(value);
  if (result instanceof Integer) return BigInt(`0x${hex(new Uint8Array(result.valueBlock.valueHexView)) || '0'}`);
  throw new RangeError('its number is none');
}

function reasonCode({ value }: Extension): number {
  const { result } = fromBER(value);
  if (result instanceof Enumerated) return result.valueBlock.valueDec;
  throw new RangeError('a reason in it is none');
}

function milliseconds(date: Date): number {
  const at = date.getTime();
  if (Number.isNaN(at)) throw new RangeError('a date in it cannot be read');
  return at;
}

function malformed(problem: string, cause?: unknown): PkiError {
  return new PkiError('pki.malformed-revocation-list', `the revocation list cannot be read: ${problem}`, {
    nextStep: 'Fetch the list again from the authority; DER and PEM are read.',
    cause,
  });
}
