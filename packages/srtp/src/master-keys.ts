import { SessionKeyDerivation } from './key-derivation.ts';
import { arrayOption, integerOption, invalid, knownNames, octetsOption, optionsObject } from './option-checks.ts';
import type { CheckedOptions, SrtpMasterKey } from './options.ts';
import { SRTCP_INDEX_LIMIT, SRTP_INDEX_LIMIT } from './packet-index.ts';
import type { SrtpProfile } from './profiles.ts';
import { SessionKeySchedule, type SrtpProtocol } from './session-keys.ts';

/** Longest MKI (RFC 4568 §6.1). */
export const MAXIMUM_MKI_LENGTH = 128;
/** Master keys one context holds at a time. */
export const MAXIMUM_MASTER_KEYS = 16;

/** One master key in use: its session keys, and what it has protected so far. */
export class ActiveKey {
  readonly mki: Uint8Array;
  readonly rtp: SessionKeySchedule;
  readonly rtcp: SessionKeySchedule;
  readonly rtpLifetime: number;
  readonly rtcpLifetime: number;
  rtpPackets = 0;
  rtcpPackets = 0;
  readonly #options: CheckedOptions;
  readonly #derivation: SessionKeyDerivation;
  readonly #key: Uint8Array;
  readonly #salt: Uint8Array;

  constructor(options: CheckedOptions, master: SrtpMasterKey) {
    const { crypto, profile, keyDerivationRate, quotientBits } = options;
    this.#options = options;
    this.mki = Uint8Array.from(master.mki ?? []);
    this.rtpLifetime = Math.min(master.lifetime ?? SRTP_INDEX_LIMIT, SRTP_INDEX_LIMIT);
    this.rtcpLifetime = Math.min(master.lifetime ?? SRTCP_INDEX_LIMIT, SRTCP_INDEX_LIMIT);
    this.#key = Uint8Array.from(master.key);
    this.#salt = Uint8Array.from(master.salt);
    this.#derivation = new SessionKeyDerivation(crypto, this.#key, this.#salt);
    const headerExtensions = options.encryptedHeaderExtensions !== undefined;
    const rtp = { protocol: 'rtp', keyDerivationRate, quotientBits: 48, headerExtensions } as const;
    const rtcp = { protocol: 'rtcp', keyDerivationRate, quotientBits, headerExtensions: false } as const;
    this.rtp = new SessionKeySchedule(crypto, profile, this.#derivation, rtp);
    this.rtcp = new SessionKeySchedule(crypto, profile, this.#derivation, rtcp);
  }

  /**
   * Counts one packet; the caller has seen that there is one left. Returns whether few are left since this one: then
   * `warn` is to be called when the packet is done, since who is told may use contexts.
   */
  count(protocol: SrtpProtocol): boolean {
    const lifetime = protocol === 'rtp' ? this.rtpLifetime : this.rtcpLifetime;
    const packets = protocol === 'rtp' ? ++this.rtpPackets : ++this.rtcpPackets;
    return lifetime - packets === Math.min(this.#options.keyWarningAt, lifetime - 1);
  }

  /** Tells that the end of this key's life is near. */
  warn(protocol: SrtpProtocol): void {
    const remaining = protocol === 'rtp' ? this.rtpLifetime - this.rtpPackets : this.rtcpLifetime - this.rtcpPackets;
    this.#options.onKeyWarning?.({ protocol, mki: this.mki.slice(), remaining });
  }

  /** Key and salt, for sealing: the arrays are the key's own. */
  get secrets(): { readonly key: Uint8Array; readonly salt: Uint8Array } {
    return { key: this.#key, salt: this.#salt };
  }

  /** Whether this is the same master key and salt; in a time that does not tell where they differ. */
  equals(other: ActiveKey): boolean {
    const [ours, theirs] = [this.secrets, other.secrets];
    if (ours.key.byteLength !== theirs.key.byteLength) return false;
    let difference = 0;
    for (let i = 0; i < ours.key.byteLength; i++) difference |= (ours.key[i] as number) ^ (theirs.key[i] as number);
    for (let i = 0; i < ours.salt.byteLength; i++) difference |= (ours.salt[i] as number) ^ (theirs.salt[i] as number);
    return difference === 0;
  }

  close(): void {
    this.rtp.close();
    this.rtcp.close();
    this.#derivation.close();
    this.#key.fill(0);
    this.#salt.fill(0);
  }
}

/** Checks the master keys and derives their session keys. */
export function activateKeys(
  options: CheckedOptions,
  masterKeys: readonly SrtpMasterKey[],
): readonly [ActiveKey, ...ActiveKey[]] {
  arrayOption('masterKeys', masterKeys);
  if (masterKeys.length > MAXIMUM_MASTER_KEYS) {
    throw invalid(`masterKeys: at most ${MAXIMUM_MASTER_KEYS} keys, not ${masterKeys.length}`);
  }
  const [first, ...others] = masterKeys;
  if (first === undefined) throw invalid('masterKeys: at least one key is needed, none came');
  optionsObject('masterKeys[0]', first);
  for (const [position, master] of masterKeys.entries()) checkMasterKey(options.profile, master, position, first);
  const identifiers = new Set(masterKeys.map((master) => (master.mki ?? []).join('.')));
  if (identifiers.size !== masterKeys.length) {
    throw invalid('masterKeys: every key has an mki of its own where there are several', 'RFC 3711 §8.1');
  }
  return [new ActiveKey(options, first), ...others.map((master) => new ActiveKey(options, master))];
}

function checkMasterKey(profile: SrtpProfile, master: SrtpMasterKey, position: number, first: SrtpMasterKey): void {
  const name = `masterKeys[${position}]`;
  optionsObject(name, master);
  knownNames(name, master, ['key', 'salt', 'mki', 'lifetime']);
  checkLength(`${name}.key`, master.key, profile.masterKeyLength, profile);
  checkLength(`${name}.salt`, master.salt, profile.masterSaltLength, profile);
  if (master.mki !== undefined) {
    octetsOption(`${name}.mki`, master.mki, 'RFC 4568 §6.1');
    integerOption(`${name}.mki length`, master.mki.byteLength, 1, MAXIMUM_MKI_LENGTH, 'RFC 4568 §6.1');
  }
  if (master.mki?.byteLength !== first.mki?.byteLength) {
    throw invalid(`${name}.mki: as long as that of every other key`, 'RFC 3711 §3.1');
  }
  if (master.lifetime !== undefined) {
    integerOption(`${name}.lifetime`, master.lifetime, 1, SRTP_INDEX_LIMIT, 'RFC 3711 §9.2');
  }
}

function checkLength(name: string, value: Uint8Array, expected: number, profile: SrtpProfile): void {
  octetsOption(name, value, 'RFC 3711 §8.2');
  if (value.byteLength !== expected) {
    throw invalid(`${name}: ${expected} octets for ${profile.name}, not ${value.byteLength}`, 'RFC 3711 §8.2');
  }
}
