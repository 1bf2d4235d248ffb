import type { TransportAddress } from '@trustline/capture';
import { type Exposure, isOpen } from '../model/exposure.ts';
import type { KeySource, MediaKey } from '../model/media-key.ts';
import { readCrypto } from '../signalling/sdp/keys.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { StrayKeys } from './stray-keys.ts';

const COLON = 0x3a;
const METHOD = new TextEncoder().encode('inline');
/** Octets in front of a key in which its suite stands, and behind the method in which key and parameters do. */
const LOOKED_BEFORE = 256;
const LOOKED_BEHIND = 400;
/** Of one payload. */
const MOST_KEYS = 64;
/** Octets at the end of a piece that are kept for the next: a key may be parted by segments. */
const KEPT = 512;
/** So many octets of text at the end of a piece, or what comes next has nothing to do with it. */
const TEXT_AT_THE_END = 8;

/** Suites by the length of their keys in base64 without padding, for keys whose suite is not named (RFC 4568 §6.2, RFC 6188, RFC 7714). */
const suitesByLength: Readonly<Record<number, readonly string[]>> = {
  38: ['AEAD_AES_128_GCM'],
  40: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
  59: ['AEAD_AES_256_GCM'],
  62: ['AES_256_CM_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_32'],
};

const latin1 = new TextDecoder('latin1');

/**
 * The keys that stand in octets as session descriptions have them (RFC 4568 §6.1: `SUITE inline:BASE64|…`), whatever is
 * around them: also where a JSON text escapes their slashes. Each key in all the suites that it may be of.
 */
export function keysWithin(octets: Uint8Array, source: KeySource): readonly (readonly MediaKey[])[] {
  const found: (readonly MediaKey[])[] = [];
  for (let at = octets.indexOf(COLON); at >= 0; at = octets.indexOf(COLON, at + 1)) {
    if (!followsMethod(octets, at)) continue;
    const methodAt = at - METHOD.byteLength;
    const before = latin1.decode(octets.subarray(Math.max(0, methodAt - LOOKED_BEFORE), methodAt));
    const behind = latin1.decode(octets.subarray(at + 1, at + 1 + LOOKED_BEHIND)).replaceAll('\\/', '/');
    const keys = readKey(before, behind, source);
    if (keys.length > 0) found.push(keys);
    if (found.length >= MOST_KEYS) break;
  }
  return found;
}

function followsMethod(octets: Uint8Array, colonAt: number): boolean {
  const from = colonAt - METHOD.byteLength;
  return from >= 0 && METHOD.every((letter, at) => ((octets[from + at] as number) | 0x20) === letter);
}

function readKey(before: string, behind: string, source: KeySource): readonly MediaKey[] {
  const [, key = '', rest = ''] = /^([A-Za-z0-9+/_-]{38,})={0,2}([^\r\n"'<>\\]*)/.exec(behind) ?? [];
  if (key === '') return [];
  const named = /([A-Za-z][\w-]*)[ \t]+(?:\S*;)?$/.exec(before)?.[1];
  const suites = named === undefined ? [] : [named];
  for (const tried of [suites, suitesByLength[key.length] ?? []]) {
    const keys = tried.flatMap(
      (suite) => readCrypto(`1 ${suite} inline:${key}${rest}`, source)?.keys.slice(0, 1) ?? [],
    );
    if (keys.length > 0) return keys;
  }
  return [];
}

/** Looks for keys in what goes from one end to another, datagram by datagram or piece by piece of a connection. */
export class KeyHunt {
  readonly #strayKeys: StrayKeys;
  readonly #from: TransportAddress;
  readonly #to: TransportAddress;
  readonly #exposure: Exposure;
  #tail = new Uint8Array(0);

  constructor(strayKeys: StrayKeys, from: TransportAddress, to: TransportAddress, exposure: Exposure) {
    this.#strayKeys = strayKeys;
    this.#from = from;
    this.#to = to;
    this.#exposure = exposure;
  }

  /** Octets that are by themselves. */
  datagram(octets: Uint8Array, place: PacketPlace): void {
    const exposure = this.#exposure;
    if (!isOpen(exposure) || octets.indexOf(COLON) < 0) return;
    const source = { kind: 'signalling', how: 'sdes', place, exposure, isUnexplained: true } as const;
    for (const keys of keysWithin(octets, source)) {
      this.#strayKeys.found({ from: this.#from, to: this.#to, place, keys });
    }
  }

  /** Octets that go on where those before ended. */
  piece(octets: Uint8Array, place: PacketPlace): void {
    if (!isOpen(this.#exposure)) return;
    const all = this.#tail.byteLength === 0 ? octets : joined(this.#tail, octets);
    this.datagram(all, place);
    this.#tail = endsInText(all) ? all.slice(-KEPT) : new Uint8Array(0);
  }

  /** Something is missing here. */
  gap(): void {
    this.#tail = new Uint8Array(0);
  }
}

function endsInText(octets: Uint8Array): boolean {
  return octets
    .subarray(-TEXT_AT_THE_END)
    .every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 13 || octet === 10);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const all = new Uint8Array(one.byteLength + other.byteLength);
  all.set(one, 0);
  all.set(other, one.byteLength);
  return all;
}
