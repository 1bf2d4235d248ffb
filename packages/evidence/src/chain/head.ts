import { type KeyObject, verify as nodeVerify } from 'node:crypto';
import { hexadecimal } from '@trustline/base';
import { canonicalJson, isJsonObject } from './canonical.ts';
import { type ChainState, type Signer, signedOctets } from './entry.ts';

/** Heads of schema 1 named no node; they are still read. */
const HEAD_SCHEMA = 2;
const NAMELESS_SCHEMA = 1;

/**
 * A signed statement that at a time the chain had so many entries and ended in this hash. Kept elsewhere (printed,
 * mailed, on another machine), it finds a tail that was cut later, which a chain alone cannot.
 */
export interface ChainHead {
  readonly schema: typeof HEAD_SCHEMA | typeof NAMELESS_SCHEMA;
  /** Whose chain it is; absent in a head of schema 1. */
  readonly node?: string;
  readonly count: number;
  readonly hash: string;
  readonly at: string;
  readonly signature: string;
}

export function createHead(
  state: ChainState,
  { node, at, sign }: { readonly node: string; readonly at: string; readonly sign: Signer },
): ChainHead {
  const statement = { schema: HEAD_SCHEMA, node, count: state.count, hash: state.hash, at } as const;
  return { ...statement, signature: hexadecimal(sign(signedOctets('head signature', canonicalJson(statement)))) };
}

/** The text of a head file: one line of JSON. */
export function headText(head: ChainHead): string {
  return `${canonicalJson({ ...head })}\n`;
}

/** Reads a head file; undefined when it is not one. Whether it is genuine, {@link isGenuineHead} says. */
export function parseHead(text: string): ChainHead | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { schema, node, count, hash, at, signature } = value;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) return undefined;
  if (typeof hash !== 'string' || typeof at !== 'string' || typeof signature !== 'string') return undefined;
  if (schema === NAMELESS_SCHEMA && node === undefined) return { schema, count, hash, at, signature };
  return schema === HEAD_SCHEMA && typeof node === 'string' ? { schema, node, count, hash, at, signature } : undefined;
}

export function isGenuineHead(head: ChainHead, publicKey: KeyObject): boolean {
  const { signature, ...statement } = head;
  const octets = signedOctets('head signature', canonicalJson({ ...statement }));
  return isSignature(signature) && nodeVerify(null, octets, publicKey, fromHexadecimal(signature));
}

/** An Ed25519 signature in lower-case hexadecimal, so that each has one spelling. */
export function isSignature(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{128}$/.test(text);
}

export function fromHexadecimal(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}
