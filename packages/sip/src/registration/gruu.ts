import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { hexadecimal } from '@trustline/base';
import { parameterValue } from '../message/grammar.ts';
import { formatHost } from '../message/host.ts';
import { escapeUser, formatUri, parseSipUri, unescapeUri } from '../message/uri.ts';

const TEMPORARY = 'tgruu.';
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** What a GRUU names: one instance of an address-of-record, and for a temporary one the registration that it lasts for. */
export interface GruuTarget {
  /** The user part of the address-of-record. */
  readonly user: string;
  /** Whether it names this instance (`+sip.instance`, without quotes) and this registration. */
  names(instance: string | undefined, callId: string): boolean;
}

/** The two addresses of one instance (RFC 5627 §3.1). */
export interface Gruus {
  readonly public: string;
  readonly temporary: string;
}

/**
 * Makes and reads Globally Routable User Agent URIs (RFC 5627): an address of one phone of a line. A public one shows
 * the line and the instance. A temporary one shows neither: it is encrypted (RFC 5627 §5.4), another one at each
 * registration, and good for as long as the phone keeps the Call-ID of its registration (§3.1.2). Nothing is stored.
 */
export class GruuIssuer {
  readonly #key: Uint8Array;
  readonly #random: (length: number) => Uint8Array;

  /** @param key of 32 octets: whoever keeps it over restarts keeps the temporary ones good */
  constructor(key: Uint8Array, random: (length: number) => Uint8Array) {
    this.#key = key;
    this.#random = random;
  }

  /** @param host where requests for them come to us */
  issue(host: string, user: string, instance: string, callId: string): Gruus {
    const at = { kind: 'sip', secure: false, password: undefined, host, port: undefined, headers: [] } as const;
    const gr = { name: 'gr', value: urnOf(instance) };
    const temporary = TEMPORARY + this.#seal([user, digest(instance), digest(callId)].join('\n'));
    return {
      public: formatUri({ ...at, user: escapeUser(user), parameters: [gr] }),
      temporary: `sip:${temporary}@${formatHost(host)};gr`,
    };
  }

  /** What a URI names; undefined for one that is no GRUU, or no temporary one of ours. */
  read(text: string): GruuTarget | undefined {
    const uri = parseSipUri(text);
    if (uri?.user === undefined || !uri.parameters.some(({ name }) => name.toLowerCase() === 'gr')) return undefined;
    const user = unescapeUri(uri.user);
    const urn = parameterValue(uri.parameters, 'gr');
    if (urn !== undefined && urn !== '') return { user, names: (instance) => sameUrn(urnOf(instance ?? ''), urn) };
    const [name, ofInstance, ofCall] = this.#open(user)?.split('\n') ?? [];
    if (name === undefined) return undefined;
    return {
      user: name,
      names: (instance, callId) => digest(instance ?? '') === ofInstance && digest(callId) === ofCall,
    };
  }

  #seal(text: string): string {
    const nonce = this.#random(NONCE_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = cipher.update(text, 'utf8', 'hex') + cipher.final('hex');
    return hexadecimal(nonce) + sealed + cipher.getAuthTag().toString('hex');
  }

  #open(user: string): string | undefined {
    const sealed = user.startsWith(TEMPORARY) ? octetsOf(user.slice(TEMPORARY.length)) : undefined;
    if (sealed === undefined || sealed.length <= NONCE_LENGTH + TAG_LENGTH) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, NONCE_LENGTH));
    decipher.setAuthTag(sealed.subarray(-TAG_LENGTH));
    try {
      return decipher.update(sealed.subarray(NONCE_LENGTH, -TAG_LENGTH), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined; // not ours, or altered
    }
  }
}

function octetsOf(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2})+$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** `+sip.instance` is a URN in angle brackets (RFC 5626 §4.1); `gr` has it without (RFC 5627 §3.1.1). */
function urnOf(instance: string): string {
  return instance.replace(/^<|>$/g, '');
}

/** URNs of the scheme uuid are compared without regard to case (RFC 9562 §4). */
function sameUrn(one: string, other: string): boolean {
  return one.toLowerCase() === unescapeUri(other).toLowerCase();
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
