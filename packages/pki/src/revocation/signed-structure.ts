import { type KeyObject, verify } from 'node:crypto';
import { BitString, fromBER, ObjectIdentifier, Sequence } from 'asn1js';

/** What every signed structure of X.509 is: the part to be signed, the algorithm, the signature (RFC 5280 §4.1). */
export interface SignedStructure {
  /** The signed octets, as they stand in the input. */
  readonly signed: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/** Signatures that are taken, by object identifier (RFC 8017 §A.2.4, RFC 5758 §3.2, RFC 8410 §3); never SHA-1. */
const hashOf: ReadonlyMap<string, string | null> = new Map([
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.3.101.112', null], // Ed25519 hashes by itself
]);

/**
 * Takes a signed structure apart.
 *
 * @throws {RangeError} when the octets are not exactly one
 */
export function readSignedStructure(der: Uint8Array): SignedStructure {
  const { offset, result } = fromBER(Uint8Array.from(der));
  if (offset !== der.byteLength || !(result instanceof Sequence)) throw new RangeError('it is not one DER structure');
  const elements = result.valueBlock.value;
  // The reader takes lengths that do not fit; DER has one way to write each structure, and only that is taken.
  if (
    !isWrittenAs(
      der,
      elements.map(({ valueBeforeDecodeView }) => valueBeforeDecodeView),
    )
  ) {
    throw new RangeError('its lengths do not fit');
  }
  const [signed, algorithm, signature] = elements;
  const oid = algorithm instanceof Sequence ? algorithm.valueBlock.value[0] : undefined;
  if (!(signed instanceof Sequence && oid instanceof ObjectIdentifier && signature instanceof BitString)) {
    throw new RangeError('it is not a signed structure');
  }
  if (signature.valueBlock.unusedBits !== 0) throw new RangeError('its signature is no whole number of octets');
  return {
    signed: Uint8Array.from(signed.valueBeforeDecodeView),
    algorithm: oid.getValue(),
    signature: Uint8Array.from(signature.valueBlock.valueHexView),
  };
}

/** True when the octets are a SEQUENCE of exactly these elements (X.690 §8.1.3, §10.1). */
function isWrittenAs(der: Uint8Array, elements: readonly Uint8Array[]): boolean {
  const length = elements.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const lengthOctets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthOctets.unshift(rest % 256);
  const header = length < 0x80 ? [0x30, length] : [0x30, 0x80 + lengthOctets.length, ...lengthOctets];
  if (der.byteLength !== header.length + length) return false;
  let at = header.length;
  if (!header.every((octet, index) => der[index] === octet)) return false;
  for (const element of elements) {
    if (!element.every((octet, index) => der[at + index] === octet)) return false;
    at += element.byteLength;
  }
  return true;
}

/** True when a key made the signature, by an algorithm that is still taken. */
export function isSignedBy({ signed, algorithm, signature }: SignedStructure, key: KeyObject): boolean {
  const hash = hashOf.get(algorithm);
  if (hash === undefined) return false;
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false; // a key of another kind than the algorithm
  }
}
