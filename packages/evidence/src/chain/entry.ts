/**
 * The chain of evidence: entries numbered from 1, each holding the hash of the one before and a signature.
 *
 *     genesis  = SHA-256("trustline evidence genesis" LF canonical {publicKey, schema})
 *     personalHash = SHA-256("trustline evidence personal" LF canonical {fields, salt}), or null
 *     hash     = SHA-256("trustline evidence entry" LF canonical entry without hash, signature and personal)
 *     signature = Ed25519 over "trustline evidence entry signature" LF hash in hexadecimal, or null
 *
 * Entries that are stored together are signed together: the last of them has the signature, which its hash, made over
 * theirs, extends to the others. A chain whose last entry is not signed does not hold.
 *
 * "Canonical" is RFC 8785; hashes and signatures are lower-case hexadecimal. The hash covers the personal fields
 * only through `personalHash`: so they, with their salt, can be removed and every hash still holds, and without
 * the salt nobody can test guesses of a number against what is left.
 */
import { createPublicKey, hash, type KeyObject, sign as nodeSign } from 'node:crypto';
import { hexadecimal, TrustlineError } from '@trustline/base';
import type { SecurityEvent } from '../event.ts';
import type { CallRecord } from '../record.ts';
import { canonicalJson, type JsonObject } from './canonical.ts';
import { joinEvent, joinRecord, separateEvent, separateRecord } from './personal.ts';

export const CHAIN_SCHEMA = 1;
/** Octets of salt; as long as the hash, so that a guess at the fields cannot be tested without it. */
export const SALT_LENGTH = 32;

/** Sequence numbers from the first to the last, both included. */
export type SequenceRange = readonly [first: number, last: number];

/** What is written: an event, a call, or the erasure of the personal fields of earlier entries. */
export type EntryContent =
  | { readonly kind: 'event'; readonly event: SecurityEvent }
  | { readonly kind: 'call'; readonly record: CallRecord }
  | {
      readonly kind: 'erased';
      /** Ascending and apart. Entries that never had personal fields may lie within. */
      readonly ranges: readonly SequenceRange[];
      /** The rule that asked for it: `older than 90 days`. It must name nobody. */
      readonly rule: string;
    };

/** An entry as it is stored and exported. */
export interface ChainEntry {
  readonly schema: typeof CHAIN_SCHEMA;
  readonly sequence: number;
  readonly at: string;
  readonly kind: EntryContent['kind'];
  readonly body: JsonObject;
  /** Absent once erased, and for entries that have none. */
  readonly personal?: { readonly fields: JsonObject; readonly salt: string };
  /** Null for an entry that never had personal fields. */
  readonly personalHash: string | null;
  readonly previous: string;
  readonly hash: string;
  /** Null for an entry that is signed with a later one. */
  readonly signature: string | null;
}

/** Where a chain stands: all that is needed to append to it. */
export interface ChainState {
  readonly count: number;
  /** Hash of the last entry, or the genesis hash. */
  readonly hash: string;
}

/** Signs octets with the key of the records. */
export type Signer = (message: Uint8Array) => Uint8Array;

/** A signer by an Ed25519 private key that node:crypto holds. */
export function ed25519Signer(privateKey: KeyObject): Signer {
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new TrustlineError('evidence.wrong-key', 'Records are signed with an Ed25519 key.');
  }
  return (message) => nodeSign(null, message, privateKey);
}

/** The public key as it stands in an export: SubjectPublicKeyInfo, DER, base64. */
export function exportPublicKey(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
}

/** A chain of no entries. It is bound to its key: entries of one chain cannot open another. */
export function emptyChain(publicKey: KeyObject): ChainState {
  return { count: 0, hash: genesisHash(exportPublicKey(publicKey)) };
}

function genesisHash(publicKey: string): string {
  return labelledHash('genesis', canonicalJson({ publicKey, schema: CHAIN_SCHEMA }));
}

/** Where a chain stands after an entry; to go on after a restart. */
export function stateAfter(entry: ChainEntry): ChainState {
  return { count: entry.sequence, hash: entry.hash };
}

/** An entry in its canonical form, to be stored as it is, and what it is found by. */
export interface WrittenEntry {
  readonly sequence: number;
  readonly at: string;
  /** The kind of the event, else of the entry. */
  readonly subject: string;
  /** The call that it is about; null for what is about none. */
  readonly call: string | null;
  readonly hasPersonalFields: boolean;
  /** {@link ChainEntry} in canonical JSON. */
  readonly text: string;
}

/**
 * Appends: the entry to store and the state after it. Store the entry before using the new state. Without `sign` the
 * entry is signed with the next one that is, and has to be stored together with that.
 *
 * @throws {TrustlineError} evidence.not-canonical when the content holds what JSON cannot
 * @throws {TrustlineError} evidence.short-salt when the salt is shorter than {@link SALT_LENGTH}
 */
export function writeEntry(
  state: ChainState,
  content: EntryContent,
  { at, salt, sign }: { readonly at: string; readonly salt: Uint8Array; readonly sign: Signer | undefined },
): { readonly entry: WrittenEntry; readonly state: ChainState } {
  if (salt.byteLength < SALT_LENGTH) {
    throw new TrustlineError('evidence.short-salt', `The salt of an entry has at least ${SALT_LENGTH} octets.`);
  }
  const { body, personal } = separate(content);
  const sequence = state.count + 1;
  // Each part is written once, and stands in what is hashed and in what is stored. Names in the order of RFC 8785.
  const fields = personal && `{"fields":${canonicalJson(personal)},"salt":"${hexadecimal(salt)}"}`;
  const start = `{"at":${canonicalJson(at)},"body":${canonicalJson(body)}`;
  const kind = `"kind":"${content.kind}"`;
  const personalHash = fields === undefined ? 'null' : `"${labelledHash('personal', fields)}"`;
  const rest = `"personalHash":${personalHash},"previous":"${state.hash}","schema":${CHAIN_SCHEMA},"sequence":${sequence}`;
  const hashed = labelledHash('entry', `${start},${kind},${rest}}`);
  const signature = sign === undefined ? 'null' : `"${hexadecimal(sign(signedOctets('entry signature', hashed)))}"`;
  const personalPart = fields === undefined ? '' : `,"personal":${fields}`;
  const entry: WrittenEntry = {
    sequence,
    at,
    subject: content.kind === 'event' ? content.event.kind : content.kind,
    call: callOf(body),
    hasPersonalFields: fields !== undefined,
    text: `${start},"hash":"${hashed}",${kind}${personalPart},${rest},"signature":${signature}}`,
  };
  return { entry, state: { count: sequence, hash: hashed } };
}

/** As {@link writeEntry}, for whoever wants to read the entry. */
export function appendEntry(...[state, content, options]: Parameters<typeof writeEntry>): {
  readonly entry: ChainEntry;
  readonly state: ChainState;
} {
  const written = writeEntry(state, content, options);
  return { entry: JSON.parse(written.entry.text) as ChainEntry, state: written.state };
}

/** The call that an entry is about; null for one that is about none. */
export function callOfEntry({ body }: ChainEntry): string | null {
  return callOf(body);
}

function callOf({ call }: JsonObject): string | null {
  return typeof call === 'string' ? call : null;
}

/** The entry without its personal fields and their salt. Append an `erased` entry that names it in the same step. */
export function erasePersonalFields(entry: ChainEntry): ChainEntry {
  const { personal: _, ...rest } = entry;
  return rest;
}

/**
 * What an entry says, or undefined for a schema this version does not know. Erased texts read {@link ERASED}.
 * Only for entries out of our own store, or verified.
 */
export function entryContent(entry: ChainEntry): EntryContent | undefined {
  switch (entry.kind) {
    case 'event': {
      const event = joinEvent(entry.body, entry.personal?.fields);
      return event && { kind: 'event', event };
    }
    case 'call': {
      const record = joinRecord(entry.body, entry.personal?.fields);
      return record && { kind: 'call', record };
    }
    case 'erased':
      return { kind: 'erased', ...(entry.body as unknown as { ranges: SequenceRange[]; rule: string }) };
  }
}

export function personalHash(personal: { readonly fields: JsonObject; readonly salt: string }): string {
  return labelledHash('personal', canonicalJson({ fields: personal.fields, salt: personal.salt }));
}

export function entryHash(entry: Omit<ChainEntry, 'hash' | 'signature' | 'personal'>): string {
  return labelledHash('entry', canonicalJson({ ...entry }));
}

/** What is signed; the label keeps a signature over one thing from passing as one over another. */
export function signedOctets(label: 'entry signature' | 'head signature' | 'export header', text: string): Uint8Array {
  return new TextEncoder().encode(`trustline evidence ${label}\n${text}`);
}

function separate(content: EntryContent): { readonly body: JsonObject; readonly personal?: JsonObject } {
  switch (content.kind) {
    case 'event':
      return separateEvent(content.event);
    case 'call':
      return separateRecord(content.record);
    case 'erased':
      return { body: { ranges: content.ranges, rule: content.rule } };
  }
}

function labelledHash(label: 'genesis' | 'personal' | 'entry', canonical: string): string {
  return hash('sha256', `trustline evidence ${label}\n${canonical}`, 'hex');
}
