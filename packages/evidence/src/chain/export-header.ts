/**
 * The first line of an export, schema 2: canonical JSON (RFC 8785) that names the key, the node and the time, and
 *
 *     signature = Ed25519 over "trustline evidence export header" LF canonical header without signature
 *
 * Schema 1 was the same without a signature. It is still read, and told apart: what it says of node and time is a claim.
 */
import { createPublicKey, type KeyObject, verify as nodeVerify } from 'node:crypto';
import { hexadecimal } from '@trustline/base';
import { canonicalJson, type JsonObject, parseCanonical } from './canonical.ts';
import { exportPublicKey, type Signer, signedOctets } from './entry.ts';
import { fromHexadecimal, isSignature } from './head.ts';

const EXPORT_SCHEMA = 2;
const UNSIGNED_SCHEMA = 1;

/** What a header turned out to be. */
export interface ExportHeader {
  readonly publicKey: KeyObject;
  readonly signed: 'genuine' | 'altered' | 'unsigned';
}

export function exportHeaderLine(header: {
  readonly publicKey: KeyObject;
  readonly node: string;
  readonly at: string;
  readonly sign: Signer;
}): string {
  const { publicKey, node, at, sign } = header;
  const fields = { trustline: 'evidence', schema: EXPORT_SCHEMA, publicKey: exportPublicKey(publicKey), node, at };
  const signature = hexadecimal(sign(headerOctets(fields)));
  return `${canonicalJson({ ...fields, signature })}\n`;
}

/** Reads a first line; undefined when it is no header of an export. */
export function readHeader(line: string): ExportHeader | undefined {
  const header = parseCanonical(line);
  if (header?.['trustline'] !== 'evidence' || typeof header['publicKey'] !== 'string') return undefined;
  const publicKey = readKey(header['publicKey']);
  if (publicKey === undefined) return undefined;
  const { signature, ...fields } = header;
  if (header['schema'] === UNSIGNED_SCHEMA && signature === undefined) return { publicKey, signed: 'unsigned' };
  if (header['schema'] !== EXPORT_SCHEMA) return undefined;
  const isGenuine =
    isSignature(signature) && nodeVerify(null, headerOctets(fields), publicKey, fromHexadecimal(signature));
  return { publicKey, signed: isGenuine ? 'genuine' : 'altered' };
}

/** The public key that an export's first line names, for showing its fingerprint; undefined when it is no header. */
export function headerKey(line: string): KeyObject | undefined {
  return readHeader(line)?.publicKey;
}

/** The node that an export's first line names; whether that is proved, {@link readHeader} and a verdict say. */
export function headerNode(line: string): string | undefined {
  const node = readHeader(line) === undefined ? undefined : parseCanonical(line)?.['node'];
  return typeof node === 'string' ? node : undefined;
}

function headerOctets(fields: JsonObject): Uint8Array {
  return signedOctets('export header', canonicalJson(fields));
}

function readKey(text: string): KeyObject | undefined {
  try {
    const der = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    // node:crypto types its DER input as Buffer; it takes any Uint8Array.
    const key = createPublicKey({ key: der as Buffer, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}
