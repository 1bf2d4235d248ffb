import { assertNever, type Redacted, TrustlineError } from '@trustline/base';
import type { SrtpMasterKey } from '@trustline/srtp';
import type { CryptoAttribute, SdesKey, SdesSessionParameter } from './attribute.ts';
import { parseCryptoAttribute } from './parse.ts';
import { reject, type SdesRejection } from './rejection.ts';
import { type SdesSuite, type SdesSuiteName, sdesSuites } from './suites.ts';

/** What this end accepts. Everything that weakens a call is refused unless it is asked for by name. */
export interface SdesPolicy {
  /** Suites that may be used; of several offered lines the offerer's order decides (RFC 4568 §5.1.2). */
  readonly suites: readonly SdesSuiteName[];
  /** Accept UNENCRYPTED_SRTP and UNENCRYPTED_SRTCP. Default false. */
  readonly allowUnencrypted?: boolean;
  /** Accept UNAUTHENTICATED_SRTP. Default false. */
  readonly allowUnauthenticated?: boolean;
  /**
   * Accept KDR. Default true: it weakens nothing, and who takes such a line hands `keyDerivationRateOf` to SRTP. False
   * where the SRTP at hand derives session keys only once.
   */
  readonly allowKeyDerivationRate?: boolean;
}

/** What our own line declares of the key it brings. */
export interface OwnKeyTerms {
  /**
   * SRTP session keys are derived anew after that many packets of ours (RFC 3711 §4.3.1): a power of two up to 2^24.
   * Default 0 for never, which writes no KDR.
   */
  readonly keyDerivationRate?: number;
}

/** A line that can be used, with its suite and the SRTP profile that performs it. */
export interface UsableCrypto {
  readonly attribute: CryptoAttribute;
  readonly suite: SdesSuite;
  readonly profile: SdesSuiteName;
}

/** The line taken, or none; and for every line passed over the reason, in the order offered. */
export type CryptoChoice =
  | ({ readonly kind: 'chosen'; readonly refused: readonly SdesRejection[] } & UsableCrypto)
  | { readonly kind: 'none'; readonly refused: readonly SdesRejection[] };

/** Lines of one offer that are looked at. */
const MAXIMUM_OFFERED_LINES = 32;

/**
 * Chooses among the values of the `a=crypto` attributes of one media description, in their order. Lines after the
 * chosen one are not judged, as the offerer put them last.
 *
 * @see RFC 4568 §5.1.2, §7.1.2
 */
export function chooseCrypto(offered: readonly string[], policy: SdesPolicy): CryptoChoice {
  const refused: SdesRejection[] = [];
  const tags = new Set<number>();
  for (const value of offered.slice(0, MAXIMUM_OFFERED_LINES)) {
    const attribute = parseCryptoAttribute(value);
    if (attribute.kind === 'rejected') {
      refused.push(attribute);
      continue;
    }
    if (tags.has(attribute.tag)) {
      refused.push(reject('sdes.duplicate-tag', 'an earlier line has this tag', 'RFC 4568 §4.1', attribute.tag));
      continue;
    }
    tags.add(attribute.tag);
    const judged = judge(attribute, policy);
    if ('code' in judged) refused.push(judged);
    else return { kind: 'chosen', refused, ...judged };
  }
  if (offered.length > MAXIMUM_OFFERED_LINES) {
    const ignored = offered.length - MAXIMUM_OFFERED_LINES;
    refused.push(reject('sdes.too-large', `${ignored} more lines were not looked at`, 'RFC 4568 §5.1.2'));
  }
  return { kind: 'none', refused };
}

/** Whether a parsed line may be used under this policy. */
function judge(attribute: CryptoAttribute, policy: SdesPolicy): UsableCrypto | SdesRejection {
  const { suite, tag } = attribute;
  if (suite === undefined) {
    return reject('sdes.suite-not-supported', `${attribute.suiteName} cannot be performed`, 'RFC 4568 §6.2', tag);
  }
  if (!policy.suites.includes(suite.name)) {
    return reject('sdes.suite-not-allowed', `${suite.name} is not allowed here`, 'RFC 4568 §7.1.2', tag);
  }
  for (const parameter of attribute.sessionParameters) {
    const refusal = judgeParameter(parameter, policy, tag);
    if (refusal !== undefined) return refusal;
  }
  return { attribute, suite, profile: suite.name };
}

function judgeParameter(parameter: SdesSessionParameter, policy: SdesPolicy, tag: number): SdesRejection | undefined {
  const unsupported = (name: string) =>
    reject('sdes.session-parameter-not-supported', `${name} is not taken here`, 'RFC 4568 §6.3', tag);
  switch (parameter.kind) {
    case 'unencrypted-srtp':
    case 'unencrypted-srtcp':
      if (policy.allowUnencrypted === true) return undefined;
      return reject('sdes.unencrypted-refused', 'the line asks for no encryption', 'RFC 4568 §6.3.2', tag);
    case 'unauthenticated-srtp':
      if (policy.allowUnauthenticated === true) return undefined;
      return reject('sdes.unauthenticated-refused', 'the line asks for no authentication', 'RFC 4568 §6.3.3', tag);
    case 'key-derivation-rate':
      return policy.allowKeyDerivationRate === false ? unsupported(`KDR=${parameter.exponent}`) : undefined;
    case 'fec-key':
      return unsupported('FEC_KEY');
    case 'fec-order': // no redundancy is ever agreed on, so its order touches nothing
    case 'window-size-hint':
      return undefined;
    case 'unknown':
      // "a mandatory session parameter that is not understood MUST NOT be accepted", RFC 4568 §6.3.7
      return parameter.optional ? undefined : unsupported(parameter.text);
    default:
      return assertNever(parameter);
  }
}

/**
 * The line of our answer: tag and spelling of the suite as offered, our own key (RFC 4568 §5.1.2). Negotiated
 * session parameters that the policy let pass are repeated; hints and unknown ones are not, nor is KDR, which each end
 * declares of the key that it sends with (RFC 4568 §6.3.1).
 *
 * @throws {TrustlineError} keying.wrong-key-length, keying.invalid-key-derivation-rate, keying.key-reused when `ownKey`
 *   is a key of the offer
 */
export function answerFor(
  chosen: UsableCrypto,
  ownKey: Redacted<Uint8Array>,
  terms: OwnKeyTerms = {},
): CryptoAttribute {
  checkKeyLength(chosen.suite, ownKey);
  if (chosen.attribute.keys.some((key) => sameKey(key.material, ownKey))) {
    throw new TrustlineError('keying.key-reused', 'each direction has a master key of its own (RFC 4568 §6.1)');
  }
  return {
    kind: 'crypto',
    tag: chosen.attribute.tag,
    suiteName: chosen.attribute.suiteName,
    suite: chosen.suite,
    keys: [{ material: ownKey, lifetime: undefined, mki: undefined }],
    sessionParameters: [...declared(terms), ...chosen.attribute.sessionParameters.filter(isNegotiated)],
  };
}

/**
 * One line of an offer of ours.
 *
 * @throws {TrustlineError} keying.wrong-key-length, keying.invalid-key-derivation-rate
 */
export function offerLine(
  tag: number,
  suiteName: SdesSuiteName,
  ownKey: Redacted<Uint8Array>,
  terms: OwnKeyTerms = {},
): CryptoAttribute {
  const suite = sdesSuites[suiteName];
  checkKeyLength(suite, ownKey);
  return {
    kind: 'crypto',
    tag,
    suiteName,
    suite,
    keys: [{ material: ownKey, lifetime: undefined, mki: undefined }],
    sessionParameters: declared(terms),
  };
}

/** The line of ours that the far end took, and theirs. */
export interface AcceptedAnswer {
  readonly kind: 'accepted';
  readonly offered: CryptoAttribute;
  readonly answered: UsableCrypto;
}

/**
 * Checks the `a=crypto` values of an answer against our offer: exactly one line, its tag one of ours and its suite
 * the one we offered under that tag, no key of ours sent back, nothing weakened.
 *
 * @see RFC 4568 §5.1.3, §7.1.3
 */
export function checkAnswer(
  offered: readonly CryptoAttribute[],
  answer: readonly string[],
  policy: SdesPolicy,
): AcceptedAnswer | SdesRejection {
  const [value, second] = answer;
  if (value === undefined) return reject('sdes.no-answer', 'the answer holds no crypto attribute', 'RFC 4568 §5.1.3');
  if (second !== undefined) {
    return reject('sdes.several-answers', 'an answer holds one crypto attribute', 'RFC 4568 §5.1.2');
  }
  const attribute = parseCryptoAttribute(value);
  if (attribute.kind === 'rejected') return attribute;
  const line = offered.find((candidate) => candidate.tag === attribute.tag);
  if (line === undefined || line.suite?.name !== attribute.suite?.name || attribute.suite === undefined) {
    return reject(
      'sdes.answer-not-offered',
      `tag ${attribute.tag} with ${attribute.suiteName} was not offered`,
      'RFC 4568 §5.1.3',
      attribute.tag,
    );
  }
  const parameters = (side: CryptoAttribute) => side.sessionParameters.filter(isNegotiated).map(({ kind }) => kind);
  if (parameters(line).sort().join() !== parameters(attribute).sort().join()) {
    return reject(
      'sdes.answer-not-offered',
      'the answer asks for other encryption or authentication than the offer',
      'RFC 4568 §7.1.3',
      attribute.tag,
    );
  }
  const reflected = attribute.keys.some((key) =>
    offered.some((own) => own.keys.some((ours) => sameKey(ours.material, key.material))),
  );
  if (reflected) {
    return reject('sdes.key-reflected', 'the answer sends our own key back', 'RFC 4568 §6.1', attribute.tag);
  }
  const answered = judge(attribute, policy);
  return 'code' in answered ? answered : { kind: 'accepted', offered: line, answered };
}

/** The master keys of a usable line as `srtp` takes them. The arrays are copies: clear them after use. */
export function masterKeysOf(crypto: UsableCrypto): readonly SrtpMasterKey[] {
  return crypto.attribute.keys.map((key: SdesKey) => {
    const material = key.material.reveal();
    return {
      key: material.slice(0, crypto.suite.keyLength),
      salt: material.slice(crypto.suite.keyLength),
      ...(key.mki === undefined ? {} : { mki: key.mki }),
      ...(key.lifetime === undefined ? {} : { lifetime: key.lifetime }),
    };
  });
}

/**
 * After how many packets SRTP derives new session keys from the master keys of this line, as `srtp` takes it: 0 where
 * the line has no KDR. `KDR=0` stands for 2^0, new keys for every packet, and is not the default "never".
 *
 * @see RFC 4568 §6.3.1 (its text names 1 to 24, its grammar in §9.2 0 to 24: what the grammar lets through is taken)
 */
export function keyDerivationRateOf({ sessionParameters }: CryptoAttribute): number {
  const rate = sessionParameters.find(({ kind }) => kind === 'key-derivation-rate');
  return rate?.kind === 'key-derivation-rate' ? 2 ** rate.exponent : 0;
}

function declared({ keyDerivationRate = 0 }: OwnKeyTerms): readonly SdesSessionParameter[] {
  if (keyDerivationRate === 0) return [];
  const exponent = Math.log2(keyDerivationRate);
  if (Number.isInteger(exponent) && exponent >= 0 && exponent <= 24) return [{ kind: 'key-derivation-rate', exponent }];
  throw new TrustlineError(
    'keying.invalid-key-derivation-rate',
    `the key derivation rate is 0 or a power of two up to 2^24, not ${keyDerivationRate} (RFC 3711 §4.3.1)`,
  );
}

function isNegotiated(parameter: SdesSessionParameter): boolean {
  return (
    parameter.kind === 'unencrypted-srtp' ||
    parameter.kind === 'unencrypted-srtcp' ||
    parameter.kind === 'unauthenticated-srtp'
  );
}

function checkKeyLength(suite: SdesSuite, key: Redacted<Uint8Array>): void {
  const expected = suite.keyLength + suite.saltLength;
  const length = key.reveal().byteLength;
  if (length !== expected) {
    throw new TrustlineError(
      'keying.wrong-key-length',
      `${suite.name} takes ${expected} octets of key and salt, not ${length} (RFC 4568 §6.1)`,
    );
  }
}

function sameKey(left: Redacted<Uint8Array>, right: Redacted<Uint8Array>): boolean {
  const a = left.reveal();
  const b = right.reveal();
  if (a.byteLength !== b.byteLength) return false;
  let difference = 0;
  for (let i = 0; i < a.byteLength; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
