import { Redacted } from '@trustline/base';
import type { CryptoAttribute, SdesKey, SdesSessionParameter } from './attribute.ts';
import { decodeBase64 } from './base64.ts';
import { reject, type SdesRejection } from './rejection.ts';
import { type SdesSuite, sdesSuiteNamed } from './suites.ts';

/** Longest attribute value read; the longest sensible one, 16 keys of AES-256, has under 2,000 characters. */
const MAXIMUM_ATTRIBUTE_LENGTH = 8192;
const MAXIMUM_KEYS = 16;
const MAXIMUM_SESSION_PARAMETERS = 32;
/** No suite knows a longer life (RFC 4568 §6.2, RFC 3711 §9.2). */
const MAXIMUM_LIFETIME = 2 ** 48;

/**
 * Parses the value of one `a=crypto` attribute, without the leading `a=crypto:`. Never throws.
 *
 * @see RFC 4568 §9.2
 */
export function parseCryptoAttribute(value: string): CryptoAttribute | SdesRejection {
  if (value.length > MAXIMUM_ATTRIBUTE_LENGTH) {
    return reject('sdes.too-large', `a crypto attribute of ${value.length} characters`, 'RFC 4568 §9.2');
  }
  const [tagText = '', suiteName = '', keyText, ...parameterTexts] = value.trim().split(/[ \t]+/);
  if (!/^\d{1,9}$/.test(tagText)) return reject('sdes.bad-tag', 'the tag is one to nine digits', 'RFC 4568 §4.1');
  const tag = Number(tagText);
  if (!/^\w+$/.test(suiteName)) return reject('sdes.bad-syntax', 'the crypto suite is missing', 'RFC 4568 §4.2', tag);
  if (keyText === undefined) return reject('sdes.bad-syntax', 'the key parameters are missing', 'RFC 4568 §4.3', tag);
  const suite = sdesSuiteNamed(suiteName);

  const keys = parseKeys(keyText, suite, tag);
  if ('code' in keys) return keys;
  if (parameterTexts.length > MAXIMUM_SESSION_PARAMETERS) {
    return reject('sdes.too-large', `${parameterTexts.length} session parameters`, 'RFC 4568 §6.3', tag);
  }
  const sessionParameters: SdesSessionParameter[] = [];
  for (const text of parameterTexts) {
    const parameter = parseSessionParameter(text, suite, tag);
    if ('code' in parameter) return parameter;
    // "a given session parameter MUST NOT occur more than once", §6.3
    if (parameter.kind !== 'unknown' && sessionParameters.some((other) => other.kind === parameter.kind)) {
      return reject('sdes.bad-session-parameter', `${parameter.kind} occurs twice`, 'RFC 4568 §6.3', tag);
    }
    sessionParameters.push(parameter);
  }
  return { kind: 'crypto', tag, suiteName, suite, keys, sessionParameters };
}

type Keys = readonly [SdesKey, ...SdesKey[]];

function parseKeys(text: string, suite: SdesSuite | undefined, tag: number): Keys | SdesRejection {
  const keys: SdesKey[] = [];
  for (const part of text.split(';')) {
    const key = parseKey(part, suite, tag);
    if ('code' in key) return key;
    keys.push(key);
  }
  if (keys.length > MAXIMUM_KEYS) return reject('sdes.too-large', `${keys.length} keys`, 'RFC 4568 §6.1', tag);
  const [first, ...others] = keys;
  if (first === undefined) return reject('sdes.bad-syntax', 'no key', 'RFC 4568 §4.3', tag);
  if (others.length > 0) {
    const identifiers = new Set(keys.map((key) => key.mki?.join('.')));
    if (keys.some((key) => key.mki === undefined || key.mki.byteLength !== first.mki?.byteLength)) {
      return reject('sdes.bad-mki', 'several keys need MKIs of one length', 'RFC 4568 §6.1', tag);
    }
    if (identifiers.size !== keys.length) return reject('sdes.bad-mki', 'two keys share an MKI', 'RFC 4568 §6.1', tag);
  }
  return [first, ...others];
}

function parseKey(text: string, suite: SdesSuite | undefined, tag: number): SdesKey | SdesRejection {
  const colon = text.indexOf(':');
  const method = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (colon < 0) return reject('sdes.bad-syntax', 'a key parameter has no method', 'RFC 4568 §9.1', tag);
  if (method !== 'inline') {
    return reject('sdes.unknown-key-method', 'the only key method defined is "inline"', 'RFC 4568 §4.3', tag);
  }
  const [encoded = '', ...rest] = text.slice(colon + 1).split('|');
  const octets = decodeBase64(encoded);
  if (octets === undefined) return reject('sdes.bad-key', 'the key is not base64', 'RFC 4568 §6.1', tag);
  if (suite !== undefined && octets.byteLength !== suite.keyLength + suite.saltLength) {
    return reject(
      'sdes.bad-key-length',
      `${suite.name} takes ${suite.keyLength + suite.saltLength} octets of key and salt, not ${octets.byteLength}`,
      'RFC 4568 §6.1',
      tag,
    );
  }
  // The salt is no secret: a master key of zeros is known to all, whatever stands beside it.
  if (suite !== undefined && octets.subarray(0, suite.keyLength).every((octet) => octet === 0)) {
    return reject(
      'sdes.zero-key',
      "the master key is all zeros: the sender's source of randomness gave nothing",
      'RFC 4568 §6.1',
      tag,
    );
  }
  const material = new Redacted(octets);

  // key-salt ["|" lifetime] ["|" mki]: only the MKI has a colon
  let lifetime: number | undefined;
  let mki: Uint8Array | undefined;
  for (const [position, field] of rest.entries()) {
    if (field.includes(':')) {
      mki = parseMki(field);
      if (mki === undefined || position !== rest.length - 1) {
        return reject('sdes.bad-mki', 'an MKI is value:length, 1 to 128 octets, and fits', 'RFC 4568 §6.1', tag);
      }
    } else {
      lifetime = parseLifetime(field);
      if (lifetime === undefined || position !== 0) {
        return reject('sdes.bad-lifetime', 'a lifetime is from 2 to 2^48 packets', 'RFC 4568 §6.1', tag);
      }
    }
  }
  return { material, lifetime, mki };
}

function parseLifetime(text: string): number | undefined {
  const match = /^(2\^)?(\d{1,15})$/.exec(text);
  if (match === null) return undefined;
  const packets = match[1] === undefined ? Number(match[2]) : 2 ** Number(match[2]);
  // A life of one packet (2^0) could protect no call: it is a mistake or an attack, and refused.
  return packets >= 2 && packets <= MAXIMUM_LIFETIME ? packets : undefined;
}

function parseMki(text: string): Uint8Array | undefined {
  const match = /^(\d{1,309}):(\d{1,3})$/.exec(text); // 128 octets have at most 309 decimal digits
  const length = Number(match?.[2] ?? 0);
  if (match === null || length < 1 || length > 128) return undefined;
  let rest = BigInt(match[1] ?? '0');
  const octets = new Uint8Array(length);
  for (let i = length - 1; i >= 0; i--) {
    octets[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return rest === 0n ? octets : undefined;
}

/** Names that ask for no protection, defined or to come: nobody may call such a line safe to ignore. */
const WEAKENING_NAME = /^-*(unencrypted|unauthenticated)/i;

/**
 * Names are literals of the grammar, so their case has no meaning (RFC 5234 §2.3, RFC 4568 §9.2). A dash before a
 * name that is known here changes nothing either: "-" lets a receiver ignore what it does not understand (§6.3.7), and
 * this one understands it.
 */
function parseSessionParameter(
  text: string,
  suite: SdesSuite | undefined,
  tag: number,
): SdesSessionParameter | SdesRejection {
  const equals = text.indexOf('=');
  const written = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  const name = written.replace(/^-+/, '').toUpperCase();
  // The spelling goes back as it came: a peer may compare more narrowly than the grammar.
  const spelled = written === name ? {} : { written };
  const malformed = () => reject('sdes.bad-session-parameter', `${written} has a wrong value`, 'RFC 4568 §6.3', tag);
  switch (name) {
    case 'KDR': {
      const exponent = /^\d{1,2}$/.test(value ?? '') ? Number(value) : Number.NaN;
      return exponent <= 24 ? { kind: 'key-derivation-rate', exponent, ...spelled } : malformed();
    }
    case 'UNENCRYPTED_SRTP':
      return value === undefined ? { kind: 'unencrypted-srtp', ...spelled } : malformed();
    case 'UNENCRYPTED_SRTCP':
      return value === undefined ? { kind: 'unencrypted-srtcp', ...spelled } : malformed();
    case 'UNAUTHENTICATED_SRTP':
      return value === undefined ? { kind: 'unauthenticated-srtp', ...spelled } : malformed();
    case 'FEC_ORDER': {
      const order = value?.toUpperCase();
      return order === 'FEC_SRTP' || order === 'SRTP_FEC' ? { kind: 'fec-order', order, ...spelled } : malformed();
    }
    case 'FEC_KEY': {
      const keys = parseKeys(value ?? '', suite, tag);
      return 'code' in keys ? keys : { kind: 'fec-key', keys, ...spelled };
    }
    case 'WSH': // values below 64 are seen; whoever uses the hint raises it to 64
      return /^\d{2,5}$/.test(value ?? '')
        ? { kind: 'window-size-hint', packets: Number(value), ...spelled }
        : malformed();
    default:
      if (!/^-?[!-~]+$/.test(text) || text === '-') return malformed();
      return { kind: 'unknown', optional: text.startsWith('-') && !WEAKENING_NAME.test(text), text };
  }
}
