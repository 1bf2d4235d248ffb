/** Opening what a party sends, through changes of its keys and of what it believes its rollover counter to be. */
import { createSrtpReceiver, type SrtpCryptoProvider, type SrtpReceiver, type SrtpRejection } from '@trustline/srtp';
import type { Component, DirectionKeys } from './settings.ts';

/** How long packets under the key before are still taken after a change, in milliseconds: what was on its way. */
const KEY_CHANGE_GRACE = 2_000;
/** SSRC of a party whose rollover counters are carried over; a phone has one. */
const MOST_SOURCES = 8;

/** One way to read what comes: a key, with the rollover counters of one reading. */
interface Reading {
  readonly fingerprint: string;
  readonly receiver: SrtpReceiver;
}

/**
 * The receiving half of one side. The same key keeps its rollover counters, whatever the address (RFC 3711 §3.3.1). With a
 * new key they are zero at a new address (RFC 4568 §7.1.4). At the same address strangers differ: the counters go on in
 * the first reading and are zero in the second, and the first packet that authenticates decides. Nothing is
 * committed before. Packets under the key before are taken for a while, so that a change of keys leaves no gap.
 */
export class SrtpInbound {
  readonly #crypto: SrtpCryptoProvider;
  #current: Reading;
  /** The present key with counters of zero, until a packet decides. */
  #fromZero: Reading | undefined;
  /** Another key that the party may send with in place of the present one, until a packet decides. */
  #other: Reading | undefined;
  /** The key before the present one; taken until that moment, and then only asked about. */
  #before: { readonly reading: Reading; readonly until: number } | undefined;
  readonly #sources: number[] = [];
  #authenticated = false;

  constructor(crypto: SrtpCryptoProvider, keys: DirectionKeys) {
    this.#crypto = crypto;
    this.#current = this.#reading(keys);
  }

  /** Of the key that the party should send with. */
  get fingerprint(): string {
    return this.#current.fingerprint;
  }

  /** Some packet has authenticated under the present key. */
  get authenticated(): boolean {
    return this.#authenticated;
  }

  /** The context to try first. */
  get receiver(): SrtpReceiver {
    return this.#current.receiver;
  }

  /** The party may send with this key in place of the present one. */
  mayUse(keys: DirectionKeys): void {
    if (this.#authenticated || this.#other?.fingerprint === keys.fingerprint) return;
    this.#other?.receiver.close();
    this.#other = this.#reading(keys);
  }

  /** Takes keys into use; those in use already change nothing. */
  useKeys(now: number, keys: DirectionKeys, atSameAddress: boolean): void {
    if (keys.fingerprint === this.fingerprint) return;
    const before = this.#current;
    this.#fromZero?.receiver.close();
    this.#other?.receiver.close();
    this.#other = undefined;
    this.#before?.reading.receiver.close();
    this.#before = { reading: before, until: now + KEY_CHANGE_GRACE };
    this.#current = this.#reading(keys);
    this.#fromZero = undefined;
    this.#authenticated = false;
    const counters = this.#sources.map((ssrc) => [ssrc, before.receiver.rolloverCounter(ssrc) ?? 0] as const);
    if (!atSameAddress || counters.every(([, counter]) => counter === 0)) return;
    this.#fromZero = this.#reading(keys);
    for (const [ssrc, counter] of counters) this.#current.receiver.setRolloverCounter(ssrc, counter);
  }

  /** A packet of this SSRC was authentic under the present reading, which is decided with it. */
  accepted(ssrc: number): void {
    if (!this.#authenticated) {
      this.#authenticated = true;
      this.#fromZero?.receiver.close();
      this.#fromZero = undefined;
      this.#other?.receiver.close();
      this.#other = undefined;
    }
    if (this.#sources.includes(ssrc)) return;
    if (this.#sources.length === MOST_SOURCES) this.#sources.shift();
    this.#sources.push(ssrc);
  }

  /** Tries a packet that did not authenticate in the other readings. */
  openOtherwise(now: number, component: Component, packet: Uint8Array, out: Uint8Array): Opened {
    const fromZero = this.#fromZero;
    if (fromZero !== undefined) {
      const outcome = openWith(fromZero.receiver, component, packet, out);
      if (typeof outcome === 'number') {
        this.#current.receiver.close();
        this.#current = fromZero;
        this.#fromZero = undefined;
        return outcome;
      }
    }
    const other = component === 'rtp' ? this.#other : undefined;
    if (other !== undefined) {
      const outcome = openWith(other.receiver, component, packet, out);
      if (typeof outcome === 'number') {
        this.#current.receiver.close();
        this.#current = other;
        this.#other = undefined;
        return outcome;
      }
    }
    if (this.#before === undefined || now > this.#before.until) return 'authentication-failed';
    return openWith(this.#before.reading.receiver, component, packet, out);
  }

  /** Whether the party still sends with a key that was replaced. What it opens is not used. */
  opensByKeyBefore(component: Component, packet: Uint8Array): boolean {
    const out = new Uint8Array(packet.byteLength);
    return (
      this.#before !== undefined && typeof openWith(this.#before.reading.receiver, component, packet, out) === 'number'
    );
  }

  close(): void {
    for (const reading of [this.#current, this.#fromZero, this.#other, this.#before?.reading])
      reading?.receiver.close();
  }

  #reading(keys: DirectionKeys): Reading {
    return { fingerprint: keys.fingerprint, receiver: receiverOf(this.#crypto, keys) };
  }
}

/** The length of an opened packet, or why it was refused. */
type Opened = number | SrtpRejection;

/** A context for what is protected with these keys. */
export function receiverOf(crypto: SrtpCryptoProvider, keys: DirectionKeys): SrtpReceiver {
  const { profile, masterKeys, keyDerivationRate } = keys;
  return createSrtpReceiver({ profile, crypto, masterKeys, keyDerivationRate, maximumStreams: MOST_SOURCES });
}

/** Opens one packet of either component with one context. */
export function openWith(receiver: SrtpReceiver, component: Component, packet: Uint8Array, out: Uint8Array): Opened {
  return component === 'rtp' ? receiver.unprotect(packet, out) : receiver.unprotectRtcp(packet, out);
}
