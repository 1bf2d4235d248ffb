import type { SrtpCryptoProvider } from './crypto-provider.ts';
import type { SrtpMasterKey } from './options.ts';
import type { SrtpProfileName } from './profiles.ts';
import { createSrtpReceiver, type SrtpReceiver } from './receiver.ts';
import type { SrtpRejection } from './rejection.ts';
import { createSrtpSender, type SrtpSender } from './sender.ts';

/** The keys of one direction, as the key exchange delivered them. */
export interface DirectionKeys {
  readonly profile: SrtpProfileName;
  readonly masterKeys: readonly SrtpMasterKey[];
  /** Packets after which session keys are derived anew; 0 for never (RFC 4568 §6.3.1). */
  readonly keyDerivationRate: number;
  /** Tells keys apart without being one: equal names mean equal keys, and the running context goes on. */
  readonly fingerprint: string;
}

/** Keys of both directions; undefined for one that has none yet, in which nothing is sent or taken. */
export interface AgreedKeys {
  readonly send: DirectionKeys | undefined;
  readonly receive: DirectionKeys | undefined;
  /**
   * Others that the far end may send with instead of `receive`, where the key exchange leaves open which it is (H.235.8): the
   * first packet that one of them verifies decides, and the others are forgotten.
   */
  readonly candidates?: readonly DirectionKeys[];
}

/** How long packets under the keys before are still taken after a change, in milliseconds: what was on its way. */
export const KEY_CHANGE_GRACE = 2_000;

/** How many packets were refused, and why. Over both directions of RTP and RTCP, and over every key of the call. */
export type RejectionCounts = Partial<Record<SrtpRejection, number>>;

interface Receiving {
  readonly fingerprint: string;
  readonly context: SrtpReceiver;
}

/**
 * SRTP of one stream of a call, through changes of keys. A re-offer with the same keys keeps the running context and
 * its rollover counter (RFC 3711 §3.3.1); new keys begin anew, and packets under the old ones are taken for a while.
 */
export class MediaProtection {
  readonly #crypto: SrtpCryptoProvider;
  readonly #rejections: RejectionCounts = {};
  #sending: { readonly fingerprint: string; readonly context: SrtpSender } | undefined;
  #receiving: Receiving | undefined;
  #candidates: readonly Receiving[] = [];
  #before: (Receiving & { readonly until: number }) | undefined;

  constructor(crypto: SrtpCryptoProvider) {
    this.#crypto = crypto;
  }

  get isProtected(): boolean {
    return this.#sending !== undefined && this.#receiving !== undefined;
  }

  /** Whether there are keys to send with. */
  get canSend(): boolean {
    return this.#sending !== undefined;
  }

  /** The fingerprint of the key that the far end sends with; undefined while more than one is possible. */
  get receivesWith(): string | undefined {
    return this.#candidates.length === 0 ? this.#receiving?.fingerprint : undefined;
  }

  get rejections(): Readonly<RejectionCounts> {
    return this.#rejections;
  }

  /** Octets that protection adds to an RTP or RTCP packet at most. */
  get overhead(): number {
    return Math.max(this.#sending?.context.rtpOverhead ?? 0, this.#sending?.context.rtcpOverhead ?? 0);
  }

  /**
   * Takes the keys of both directions into use; those of a direction that has none now stay as they are. The master
   * keys are read now and are the caller's to clear.
   */
  useKeys(now: number, { send, receive, candidates = [] }: AgreedKeys): void {
    if (send !== undefined && this.#sending?.fingerprint !== send.fingerprint) {
      this.#sending?.context.close();
      const context = createSrtpSender({
        profile: send.profile,
        crypto: this.#crypto,
        masterKeys: send.masterKeys,
        keyDerivationRate: send.keyDerivationRate,
      });
      this.#sending = { fingerprint: send.fingerprint, context };
    }
    if (receive === undefined || this.#knows(receive)) return;
    this.#before?.context.close();
    this.#before = this.#receiving === undefined ? undefined : { ...this.#receiving, until: now + KEY_CHANGE_GRACE };
    this.#forgetCandidates();
    this.#receiving = this.#receiver(receive);
    this.#candidates = candidates.map((keys) => this.#receiver(keys));
  }

  /** Returns the length written to `out`. @throws {SrtpError} when the keys are spent or there are none */
  protect(kind: 'rtp' | 'rtcp', packet: Uint8Array, out: Uint8Array): number {
    const context = this.#sending?.context;
    if (context === undefined) throw new TypeError('no keys to send with');
    return kind === 'rtp' ? context.protect(packet, out) : context.protectRtcp(packet, out);
  }

  /** Returns the length written to `out`, or why the packet is refused; what was refused has been counted. */
  unprotect(now: number, kind: 'rtp' | 'rtcp', packet: Uint8Array, out: Uint8Array): number | SrtpRejection {
    const result = open(this.#receiving?.context, kind, packet, out);
    if (typeof result === 'number') {
      this.#forgetCandidates();
      return result;
    }
    for (const candidate of this.#candidates) {
      const length = open(candidate.context, kind, packet, out);
      if (typeof length !== 'number') continue;
      this.#receiving?.context.close();
      this.#receiving = candidate;
      this.#forgetCandidates();
      return length;
    }
    if (result === 'authentication-failed' && this.#before !== undefined) {
      if (now < this.#before.until) {
        const earlier = open(this.#before.context, kind, packet, out);
        if (typeof earlier === 'number') return earlier;
      } else {
        this.#before.context.close();
        this.#before = undefined;
      }
    }
    this.#rejections[result] = (this.#rejections[result] ?? 0) + 1;
    return result;
  }

  close(): void {
    this.#sending?.context.close();
    this.#receiving?.context.close();
    this.#before?.context.close();
    this.#forgetCandidates();
    this.#sending = undefined;
    this.#receiving = undefined;
    this.#before = undefined;
  }

  #knows({ fingerprint }: DirectionKeys): boolean {
    return [this.#receiving, ...this.#candidates].some((one) => one?.fingerprint === fingerprint);
  }

  #receiver(keys: DirectionKeys): Receiving {
    const context = createSrtpReceiver({
      profile: keys.profile,
      crypto: this.#crypto,
      masterKeys: keys.masterKeys,
      keyDerivationRate: keys.keyDerivationRate,
    });
    return { fingerprint: keys.fingerprint, context };
  }

  /** All but the one in use. */
  #forgetCandidates(): void {
    for (const candidate of this.#candidates) if (candidate !== this.#receiving) candidate.context.close();
    this.#candidates = [];
  }
}

function open(
  context: SrtpReceiver | undefined,
  kind: 'rtp' | 'rtcp',
  packet: Uint8Array,
  out: Uint8Array,
): number | SrtpRejection {
  if (context === undefined) return 'closed';
  return kind === 'rtp' ? context.unprotect(packet, out) : context.unprotectRtcp(packet, out);
}
