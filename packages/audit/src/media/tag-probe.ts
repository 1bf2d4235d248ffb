import {
  type HmacSha1,
  keyDerivationLabels,
  SessionKeyDerivation,
  type SrtpCryptoProvider,
  srtpProfiles,
} from '@trustline/srtp';
import type { MediaKey } from '../model/media-key.ts';

/** Keys whose authentication keys are kept at hand; each holds a few hundred octets. */
const MOST_PROBES = 1_024;
const DIGEST = 20;

const digest = new Uint8Array(DIGEST);
const counterOctets = new Uint8Array(4);

/** Says whether a key made the HMAC tag of a packet (RFC 3711 §4.2), at the price of a digest: nothing is derived twice. */
export class TagProbe {
  readonly #hmac: HmacSha1;
  readonly #tagLength: number;

  constructor(crypto: SrtpCryptoProvider, { profile, masterKey, masterSalt }: MediaKey) {
    const { authenticationKeyLength, rtpTagLength } = srtpProfiles[profile];
    const derivation = new SessionKeyDerivation(crypto, masterKey, masterSalt);
    const key = derivation.derive(keyDerivationLabels.rtpAuthentication, authenticationKeyLength);
    derivation.close();
    this.#hmac = crypto.createHmacSha1(key);
    key.fill(0);
    this.#tagLength = rtpTagLength;
  }

  /** `mki`: stands before the tag, where the key has one. */
  made(packet: Uint8Array, mki: Uint8Array | undefined, rolloverCounter: number): boolean {
    const tagAt = packet.byteLength - this.#tagLength;
    const end = tagAt - (mki?.byteLength ?? 0);
    if (end < 0 || mki?.every((octet, at) => packet[end + at] === octet) === false) return false;
    for (let octet = 0; octet < 4; octet++) counterOctets[octet] = rolloverCounter >>> (24 - 8 * octet);
    this.#hmac.sign(packet, end, counterOctets, digest);
    for (let at = 0; at < this.#tagLength; at++) if (packet[tagAt + at] !== digest[at]) return false;
    return true;
  }

  close(): void {
    this.#hmac.close();
  }
}

/** The probes of keys that are tried again and again; those tried least lately go. */
export class TagProbes {
  readonly #probes = new Map<MediaKey, TagProbe>();

  of(crypto: SrtpCryptoProvider, key: MediaKey): TagProbe {
    let probe = this.#probes.get(key);
    if (probe === undefined) {
      for (const [oldest, old] of this.#probes) {
        if (this.#probes.size < MOST_PROBES) break;
        old.close();
        this.#probes.delete(oldest);
      }
      probe = new TagProbe(crypto, key);
    } else this.#probes.delete(key);
    this.#probes.set(key, probe);
    return probe;
  }

  close(): void {
    for (const probe of this.#probes.values()) probe.close();
    this.#probes.clear();
  }
}
