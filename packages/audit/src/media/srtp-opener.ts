import { createSrtpReceiver, type SrtpCryptoProvider, type SrtpReceiver, srtpProfiles } from '@trustline/srtp';
import type { MediaKey } from '../model/media-key.ts';
import type { HeldPackets } from './held-packets.ts';
import { TagProbes } from './tag-probe.ts';

/** Keys that are tried on one stream, and on all: those that were told of the media, and any others. Each costs some hundredths of a millisecond. */
const MOST_TRIES_OF_A_STREAM = 600;
const MOST_LOOSE_TRIES_OF_A_STREAM = 128;
const MOST_FITTING_TRIES = 1_000_000;
const MOST_LOOSE_TRIES = 200_000;
/** Streams that keep their keys ready; of those that were opened first keys are made anew, should they still go. */
const MOST_OPEN_STREAMS = 2_000;
/** Keys that one stream uses at the same time: those before, while packets of them are on their way. */
const MOST_OPEN = 4;
/** Rollover counters past the first that are tried for a stream that had run when the capture began: 16 hours and 100 minutes of voice. */
const COUNTERS_OF_A_FITTING_KEY = 44;
const COUNTERS_OF_A_LOOSE_KEY = 4;
/** Packets back from the highest that are still opened: those that were held back come late. */
const REPLAY_WINDOW = 8_192;

/** How many keys may still be tried, and are ready, of all streams together. Those that fit do not wait for any others. */
export class TryBudget {
  readonly probes = new TagProbes();
  readonly #open = new Set<SrtpOpener>();
  #fitting = MOST_FITTING_TRIES;
  #loose = MOST_LOOSE_TRIES;
  isExceeded = false;

  take(isFitting: boolean): boolean {
    const left = isFitting ? this.#fitting-- : this.#loose--;
    if (left <= 0) this.isExceeded = true;
    return left > 0;
  }

  opened(opener: SrtpOpener): void {
    this.#open.add(opener);
    if (this.#open.size <= MOST_OPEN_STREAMS) return;
    for (const oldest of this.#open) {
      oldest.close();
      return;
    }
  }

  closed(opener: SrtpOpener): void {
    this.#open.delete(opener);
  }
}

/** A key that opens the stream. */
export interface OpenKey {
  readonly key: MediaKey;
  readonly receiver: SrtpReceiver;
  /** Only authenticated by it, and readable without. */
  readonly isClear: boolean;
}

/** Whether what came out of packets without a tag is what a codec makes. */
export type ContentCheck = (packets: readonly Uint8Array[]) => boolean;

/** Longest packet that a transport carries (RFC 768). */
const LONGEST = 65_536;
/** The packet that was opened last, of whatever stream. */
export const opened = new Uint8Array(LONGEST);

/** Tries keys on the packets of one SSRC, and opens what they fit. */
export class SrtpOpener {
  readonly #crypto: SrtpCryptoProvider;
  readonly #budget: TryBudget;
  readonly #ssrc: number;
  readonly #open: OpenKey[] = [];
  readonly #tried = new Set<MediaKey>();
  #tries = 0;
  #looseTries = 0;
  /** Of the packet that was opened last. */
  used: OpenKey | undefined;

  constructor(crypto: SrtpCryptoProvider, budget: TryBudget, ssrc: number) {
    this.#crypto = crypto;
    this.#budget = budget;
    this.#ssrc = ssrc;
  }

  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** The length of the packet that lies in {@link opened} now; undefined where no key that is in use opens it. */
  unprotect(octets: Uint8Array): number | undefined {
    for (const open of this.#open) {
      const length = open.receiver.unprotect(octets, opened);
      if (typeof length !== 'number') continue;
      this.used = open;
      return length;
    }
    return undefined;
  }

  /** Whether one of the keys, which were not tried before, opens the packets: one of them, and those held after it. */
  tryKeys(
    keys: readonly MediaKey[],
    held: HeldPackets,
    isFitting: boolean,
    check: ContentCheck,
    tagOctets?: number,
  ): boolean {
    const fresh = keys.filter((key) => !this.#tried.has(key));
    if (fresh.length === 0 || held.length === 0) return false;
    const packets = samplesOf(held, isFitting ? SAMPLES : 1);
    for (const key of fresh) {
      if (this.#tries >= MOST_TRIES_OF_A_STREAM || (!isFitting && this.#looseTries >= MOST_LOOSE_TRIES_OF_A_STREAM))
        return false;
      this.#tried.add(key);
      for (const variant of variantsOf(key)) {
        if (!isFitting && !leaves(key, variant, tagOctets)) continue;
        if (!this.#budget.take(isFitting)) return false;
        this.#tries++;
        if (!isFitting) this.#looseTries++;
        if (this.#try(key, variant, packets, isFitting, check)) return true;
      }
    }
    return false;
  }

  /** What was tried in vain may fit packets that come later: all keys, or these. */
  forget(keys?: readonly MediaKey[]): void {
    if (keys === undefined) this.#tried.clear();
    else for (const key of keys) this.#tried.delete(key);
  }

  /** Gives back what its keys hold. Packets that still come are opened by trying them again. */
  close(): void {
    for (const { receiver } of this.#open) receiver.close();
    this.#open.length = 0;
    this.#tried.clear();
    this.#budget.closed(this);
  }

  #try(
    key: MediaKey,
    mki: Uint8Array | undefined,
    packets: readonly Sample[],
    isFitting: boolean,
    check: ContentCheck,
  ): boolean {
    const counter = this.#counterOf(key, mki, packets, isFitting, check);
    if (counter === undefined) return false;
    const receiver = this.#receiver(key, mki, 0);
    if (receiver === undefined) return false;
    // What is held longest may lie a rollover before the packet that was tried.
    if (counter > 0) receiver.setRolloverCounter(this.#ssrc, counter);
    const isClear = key.unencryptedSrtp === true || srtpProfiles[key.profile].encryption === 'none';
    this.#open.unshift({ key, receiver, isClear });
    this.#budget.opened(this);
    for (const { receiver: old } of this.#open.splice(MOST_OPEN)) old.close();
    return true;
  }

  /** The rollover counter of the packet that is held longest, if the key fits; by the tags, or what comes out without one. */
  #counterOf(
    key: MediaKey,
    mki: Uint8Array | undefined,
    packets: readonly Sample[],
    isFitting: boolean,
    check: ContentCheck,
  ): number | undefined {
    if (key.unauthenticatedSrtp === true && srtpProfiles[key.profile].encryption !== 'galois') {
      return this.#counterByContent(key, mki, packets, check);
    }
    if (!isUsable(key, mki)) return undefined;
    const oldest = packets[0]?.extended ?? 0;
    const width = isFitting ? COUNTERS_OF_A_FITTING_KEY : COUNTERS_OF_A_LOOSE_KEY;
    let agreeing = 0;
    for (const { octets, extended } of packets.toReversed()) {
      const counter = this.#counterByTag(key, mki, octets, width);
      if (counter === undefined) continue;
      agreeing++;
      // A tag of 32 bits is right by accident once in four thousand million times: two have to be, where there are two.
      if (srtpProfiles[key.profile].rtpTagLength <= 4 && agreeing < Math.min(2, packets.length)) continue;
      return Math.max(0, counter - (Math.floor(extended / 0x10000) - Math.floor(oldest / 0x10000)));
    }
    return undefined;
  }

  /** The rollover counter with which the key makes the tag of the packet; undefined where it does not. */
  #counterByTag(key: MediaKey, mki: Uint8Array | undefined, octets: Uint8Array, width: number): number | undefined {
    if (srtpProfiles[key.profile].encryption === 'galois') {
      const receiver = this.#receiver(key, mki, width);
      const isAuthentic = typeof receiver?.unprotect(octets, opened) === 'number';
      const counter = receiver?.rolloverCounter(this.#ssrc) ?? 0;
      receiver?.close();
      return isAuthentic ? counter : undefined;
    }
    const probe = this.#budget.probes.of(this.#crypto, key);
    for (let counter = 0; counter <= width; counter++) if (probe.made(octets, mki, counter)) return counter;
    return undefined;
  }

  #counterByContent(
    key: MediaKey,
    mki: Uint8Array | undefined,
    packets: readonly Sample[],
    check: ContentCheck,
  ): number | undefined {
    for (let counter = 0; counter <= COUNTERS_OF_A_LOOSE_KEY; counter++) {
      const receiver = this.#receiver(key, mki, 0);
      if (receiver === undefined) return undefined;
      if (counter > 0) receiver.setRolloverCounter(this.#ssrc, counter);
      const found = packets.flatMap(({ octets }) => {
        const length = receiver.unprotect(octets, opened);
        return typeof length === 'number' ? [opened.slice(0, length)] : [];
      });
      receiver.close();
      if (found.length > 0 && check(found)) return counter;
    }
    return undefined;
  }

  #receiver(key: MediaKey, mki: Uint8Array | undefined, rolloverCounterSearch: number): SrtpReceiver | undefined {
    const { profile, masterKey, masterSalt, unencryptedSrtp, unauthenticatedSrtp } = key;
    if (!isUsable(key, mki)) return undefined;
    const { encryption } = srtpProfiles[profile];
    const master = { key: masterKey, salt: masterSalt };
    return createSrtpReceiver({
      profile,
      crypto: this.#crypto,
      masterKeys: [mki === undefined ? master : { ...master, mki }],
      replayWindow: REPLAY_WINDOW,
      maximumStreams: 1,
      rolloverCounterSearch,
      unencryptedRtp: unencryptedSrtp === true,
      unauthenticatedRtp: unauthenticatedSrtp === true && encryption !== 'galois',
    });
  }
}

/** Longest MKI (RFC 4568 §6.1). */
const LONGEST_MKI = 128;

function isUsable(
  { profile, masterKey, masterSalt, unauthenticatedSrtp }: MediaKey,
  mki: Uint8Array | undefined,
): boolean {
  const { masterKeyLength, masterSaltLength, encryption } = srtpProfiles[profile];
  if (masterKey.byteLength !== masterKeyLength || masterSalt.byteLength !== masterSaltLength) return false;
  // Neither encrypted nor authenticated: there is nothing to open.
  if (encryption === 'none' && unauthenticatedSrtp === true) return false;
  return mki === undefined || (mki.byteLength > 0 && mki.byteLength <= LONGEST_MKI);
}

interface Sample {
  readonly octets: Uint8Array;
  readonly extended: number;
}

/** The MKI that the key was given with, and none: not every sender that agreed on one adds it. */
function variantsOf({ mki }: MediaKey): readonly (Uint8Array | undefined)[] {
  return mki === undefined || mki.byteLength === 0 ? [undefined] : [mki, undefined];
}

/** Whether a key leaves a tag and an MKI as long as what was seen behind payloads, if it was. */
function leaves(
  { profile, unauthenticatedSrtp }: MediaKey,
  mki: Uint8Array | undefined,
  tagOctets: number | undefined,
): boolean {
  if (tagOctets === undefined) return true;
  return tagOctets === (unauthenticatedSrtp === true ? 0 : srtpProfiles[profile].rtpTagLength) + (mki?.byteLength ?? 0);
}

/** The packet that is held longest, the latest, and some between them: of a tag one is enough, but forged ones may be among them. */
function samplesOf(held: HeldPackets, between: number): readonly Sample[] {
  const wanted = new Set([0, held.length - 1]);
  for (let nth = 1; nth < between; nth++) wanted.add(Math.floor((nth * held.length) / between));
  const samples: Sample[] = [];
  let at = 0;
  held.visit((octets, extended, _, isCut) => {
    if (wanted.has(at++) && !isCut) samples.push({ octets: octets.slice(), extended });
  });
  return samples;
}

const SAMPLES = 6;
