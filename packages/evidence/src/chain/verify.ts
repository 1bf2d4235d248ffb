import { type KeyObject, verify as nodeVerify } from 'node:crypto';
import { canonicalJson, isJsonObject } from './canonical.ts';
import {
  CHAIN_SCHEMA,
  type ChainEntry,
  type ChainState,
  emptyChain,
  entryHash,
  personalHash,
  type SequenceRange,
  signedOctets,
  stateAfter,
} from './entry.ts';
import { type ChainHead, fromHexadecimal, isGenuineHead, isSignature } from './head.ts';
import { SequenceSet } from './sequenceset.ts';

/** What was broken. */
export type ChainRule =
  | 'malformed'
  | 'sequence'
  | 'content'
  | 'previous'
  | 'signature'
  | 'personal'
  | 'erasure'
  | 'tail'
  | 'head'
  | 'header'
  | 'key';

/** The first entry at which the chain does not hold, and why. */
export interface ChainBreak {
  readonly ok: false;
  /** Place in the input, from 0; the number of entries read when the end itself is wrong. */
  readonly index: number;
  /** The sequence number that is concerned. */
  readonly sequence: number;
  readonly rule: ChainRule;
  readonly sentence: string;
}

export interface ChainHolds {
  readonly ok: true;
  readonly count: number;
  /** Hash of the last entry. */
  readonly hash: string;
  /** Entries whose personal fields were erased by rule. */
  readonly erased: number;
}

export type ChainVerdict = ChainHolds | ChainBreak;

/**
 * Verifies a chain entry by entry, keeping none: what it holds is the last hash and the ranges of erased entries.
 * Feed {@link ChainVerifier.add} until it returns a break; then, or at the end, {@link ChainVerifier.finish}.
 */
export class ChainVerifier {
  readonly #publicKey: KeyObject;
  readonly #head: ChainHead | undefined;
  #state: ChainState;
  #break: ChainBreak | undefined;
  /** The first of the entries at the end that no signature covers yet. */
  #unsignedSince: number | undefined;
  /** Entries that should have personal fields and have none. */
  readonly #missing = new SequenceSet();
  /** Entries that never had personal fields. */
  readonly #impersonal = new SequenceSet();
  /** What `erased` entries name. */
  readonly #erased = new SequenceSet();

  constructor(publicKey: KeyObject, head?: ChainHead) {
    this.#publicKey = publicKey;
    this.#head = head;
    this.#state = emptyChain(publicKey);
    if (head === undefined) return;
    if (!isGenuineHead(head, publicKey)) {
      this.#fail(head.count, 'head', 'The head was not signed with the key of these records.');
    } else if (head.count === 0) {
      this.#compareWithHead();
    }
  }

  /** Takes the next entry, as parsed from JSON. Returns the break once there is one. */
  add(value: unknown): ChainBreak | undefined {
    if (this.#break !== undefined) return this.#break;
    const expected = this.#state.count + 1;
    const entry = readEntry(value);
    if (entry === undefined) {
      return this.#fail(expected, 'malformed', `Entry ${expected} is not an entry of this schema.`);
    }
    if (entry.sequence > expected) {
      const sentence = `Entry ${expected} was removed or moved: entry ${entry.sequence} stands in its place.`;
      return this.#fail(expected, 'sequence', sentence);
    }
    if (entry.sequence < expected) {
      const sentence = `Entry ${entry.sequence} stands again or out of order where entry ${expected} belongs.`;
      return this.#fail(entry.sequence, 'sequence', sentence);
    }
    const { hash, signature, personal, ...content } = entry;
    if (entryHash(content) !== hash) {
      return this.#fail(expected, 'content', `Entry ${expected} was altered: its content does not match its hash.`);
    }
    if (entry.previous !== this.#state.hash) {
      const sentence =
        expected === 1
          ? 'Entry 1 does not begin the chain of this key.'
          : `Entry ${expected} does not follow entry ${expected - 1}: one of the two was put in place of another.`;
      return this.#fail(expected, 'previous', sentence);
    }
    if (signature === null) {
      this.#unsignedSince ??= expected;
    } else if (nodeVerify(null, signedOctets('entry signature', hash), this.#publicKey, fromHexadecimal(signature))) {
      this.#unsignedSince = undefined;
    } else {
      const first = this.#unsignedSince ?? expected;
      const sentence =
        first === expected
          ? `Entry ${expected} was not signed with the key of these records.`
          : `Entries ${first} to ${expected} were not signed with the key of these records.`;
      return this.#fail(first, 'signature', sentence, first - 1);
    }
    if (personal !== undefined && (entry.personalHash === null || personalHash(personal) !== entry.personalHash)) {
      return this.#fail(expected, 'personal', `The personal fields of entry ${expected} were altered.`);
    }
    if (entry.personalHash === null) this.#impersonal.add([expected, expected]);
    else if (personal === undefined) this.#missing.add([expected, expected]);
    if (entry.kind === 'erased' && !this.#takeErasure(entry)) {
      return this.#fail(expected, 'malformed', `Entry ${expected} names erased entries that are not before it.`);
    }
    this.#state = stateAfter(entry);
    return this.#compareWithHead();
  }

  /** The verdict on the whole. */
  finish(): ChainVerdict {
    if (this.#break !== undefined) return this.#break;
    const head = this.#head;
    const count = this.#state.count;
    if (head !== undefined && count < head.count) {
      const sentence = `The tail was cut: entry ${count + 1} is missing, and on ${head.at} there were ${head.count}.`;
      return this.#fail(count + 1, 'tail', sentence);
    }
    const unsigned = this.#unsignedSince;
    if (unsigned !== undefined) {
      const sentence = `Entry ${unsigned} and what follows it are not signed: the entry that signs them is missing.`;
      return this.#fail(unsigned, 'signature', sentence, unsigned - 1);
    }
    const unexplained = this.#missing.firstOutside(this.#erased);
    if (unexplained !== undefined) {
      const sentence = `The personal fields of entry ${unexplained} are gone, and no later entry says they were erased.`;
      return this.#fail(unexplained, 'erasure', sentence, unexplained - 1);
    }
    const present = this.#erased.firstOutside(this.#missing, this.#impersonal);
    if (present !== undefined) {
      const sentence = `The personal fields of entry ${present} are there, though a later entry says they were erased.`;
      return this.#fail(present, 'erasure', sentence, present - 1);
    }
    return { ok: true, count, hash: this.#state.hash, erased: this.#missing.size };
  }

  /** False when the body is no erasure of entries before this one. */
  #takeErasure(entry: ChainEntry): boolean {
    const ranges = entry.body['ranges'];
    if (!Array.isArray(ranges) || typeof entry.body['rule'] !== 'string') return false;
    let last = 0;
    for (const range of ranges) {
      if (!isRange(range) || range[0] <= last || range[1] >= entry.sequence) return false;
      this.#erased.add(range);
      last = range[1];
    }
    return true;
  }

  #compareWithHead(): ChainBreak | undefined {
    const head = this.#head;
    if (head === undefined || this.#state.count !== head.count || this.#state.hash === head.hash) return undefined;
    const sentence = `Entry ${head.count} is not the one that was the last on ${head.at}.`;
    return this.#fail(head.count, 'head', sentence, Math.max(0, head.count - 1));
  }

  #fail(sequence: number, rule: ChainRule, sentence: string, index = this.#state.count): ChainBreak {
    this.#break = { ok: false, index, sequence, rule, sentence };
    return this.#break;
  }
}

/** Verifies entries from an array or a stream, against the head when one was kept elsewhere. */
export async function verifyEntries(
  entries: Iterable<unknown> | AsyncIterable<unknown>,
  publicKey: KeyObject,
  head?: ChainHead,
): Promise<ChainVerdict> {
  const verifier = new ChainVerifier(publicKey, head);
  for await (const entry of entries) if (verifier.add(entry) !== undefined) break;
  return verifier.finish();
}

/** The value as an entry, its every member of the right type; unknown members stay, and the hash covers them. */
function readEntry(value: unknown): ChainEntry | undefined {
  if (!isJsonObject(value)) return undefined;
  const { schema, sequence, at, kind, body, personal, personalHash, previous, hash, signature } = value;
  if (schema !== CHAIN_SCHEMA || typeof sequence !== 'number' || !Number.isSafeInteger(sequence)) return undefined;
  if (typeof at !== 'string' || (kind !== 'event' && kind !== 'call' && kind !== 'erased')) return undefined;
  if (!isJsonObject(body) || typeof previous !== 'string' || typeof hash !== 'string') return undefined;
  if ((signature !== null && !isSignature(signature)) || (personalHash !== null && typeof personalHash !== 'string'))
    return undefined;
  if ('personal' in value) {
    if (!isJsonObject(personal) || !isJsonObject(personal['fields'])) return undefined;
    if (typeof personal['salt'] !== 'string' || Object.keys(personal).length !== 2) return undefined;
  }
  try {
    canonicalJson(value);
  } catch {
    return undefined; // nested beyond any entry of ours, or half a surrogate pair: nothing that we hashed
  }
  return value as unknown as ChainEntry;
}

function isRange(value: unknown): value is SequenceRange {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    Number.isSafeInteger(value[0]) &&
    Number.isSafeInteger(value[1]) &&
    value[0] >= 1 &&
    value[0] <= value[1]
  );
}
