import {
  answerFor,
  type CryptoAttribute,
  checkAnswer as checkCrypto,
  type OwnKeyTerms,
  offerLine,
  type SdesSuiteName,
  serializeCryptoAttribute,
} from '@trustline/keying';
import type { AudioAgreement } from '@trustline/rtp';
import {
  attributeValues,
  checkAnswer,
  createAnswer,
  createOffer,
  type LocalMedia,
  type LocalSession,
  type MediaDescription,
  mediaDirection,
  nextDescription,
  parseSdp,
  type SessionDescription,
  SipError,
  type SipHostPort,
  serializeSdp,
} from '@trustline/sip';
import type { AgreedKeys } from '@trustline/srtp';
import { agreedAudio, type Farside, farsideOf, isReceiving, isSending, type StreamKeys } from './agreed-audio.ts';
import { chooseStream } from './choose-stream.ts';
import { audioCodecs, RTP_CLEAR, RTP_SECURE } from './codecs.ts';
import { OwnKeys } from './own-keys.ts';
import type { MediaSecurity } from './security.ts';

/** Where this end receives the media of one call. */
export interface MediaEndpoint {
  /** An IP address the far end can reach. */
  readonly address: string;
  /** Even; RTCP has the next (RFC 3550 §11). */
  readonly port: number;
}

export interface CallMediaOptions {
  readonly security: MediaSecurity;
  /** By preference. */
  readonly suites: readonly SdesSuiteName[];
  /** Of the keys we send with; 0 (default) or a power of two up to 2^24. Whatever the far end declares is taken. */
  readonly keyDerivationRate?: number;
  /** Whether keys may be told here at all: over TLS only. */
  readonly signallingIsProtected: boolean;
  readonly random: (length: number) => Uint8Array;
}

/** What an offer and its answer came to, for the stream of audio. */
export interface AgreedMedia {
  readonly agreement: AudioAgreement<AgreedKeys>;
  readonly rtp: SipHostPort;
  readonly rtcp: SipHostPort;
}

/** Why a description cannot be taken. `warning` is said to the far end too (RFC 3261 §20.43). */
export interface MediaRefusal {
  readonly kind: 'refused';
  readonly security: boolean;
  readonly warning: string;
}

export type AnswerOutcome =
  | { readonly kind: 'agreed'; readonly media: AgreedMedia }
  /** The far end refused the stream (port 0), for good or until it offers it anew. */
  | { readonly kind: 'no-stream' }
  | MediaRefusal;

export type OfferOutcome =
  | { readonly kind: 'answered'; readonly sdp: Uint8Array; readonly media: AgreedMedia | undefined }
  | MediaRefusal;

interface PendingOffer {
  readonly description: SessionDescription;
  readonly lines: readonly CryptoAttribute[];
}

/** Our description in force, the stream in it, and what the far end said last. */
interface Agreed {
  readonly description: SessionDescription;
  readonly stream: number;
  readonly farside: Farside | undefined;
}

/**
 * The offers and answers of one call (RFC 3264) with their keys (RFC 4568), without I/O: one stream of audio, protected
 * as the policy says. Streams of other kinds are refused in their place.
 */
export class CallMedia {
  readonly #options: CallMediaOptions;
  readonly #endpoint: MediaEndpoint;
  readonly #sessionId: string;
  readonly #keys: OwnKeys;
  #pending: PendingOffer | undefined;
  #agreed: Agreed | undefined;
  #holding = false;

  constructor(endpoint: MediaEndpoint, options: CallMediaOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#keys = new OwnKeys(options.random);
    this.#sessionId = String(new DataView(options.random(4).slice().buffer).getUint32(0));
  }

  get isHolding(): boolean {
    return this.#holding;
  }

  /** Whether an offer of ours has no answer yet. */
  get isOffering(): boolean {
    return this.#pending !== undefined;
  }

  /** Whether the next offer is protected. Keys never go over signalling that others can read. */
  get offersProtection(): boolean {
    const { security, signallingIsProtected } = this.#options;
    return security !== 'clear' && signallingIsProtected;
  }

  /** An offer: the first, or one that follows. `newKeys` replaces the keys we send with. */
  offer({ holding = this.#holding, newKeys = false }: { holding?: boolean; newKeys?: boolean } = {}): Uint8Array {
    this.#holding = holding;
    if (newKeys) this.#keys.renew();
    const lines = this.offersProtection ? this.#offerLines() : [];
    const stream = this.#localMedia(
      this.offersProtection ? RTP_SECURE : RTP_CLEAR,
      lines.map(serializeCryptoAttribute),
    );
    const fresh = createOffer(this.#localSession(), [stream]);
    const before = this.#agreed;
    const description =
      before === undefined ? fresh : nextDescription(before.description, inPlace(before, fresh.media[0]));
    this.#pending = { description, lines };
    return serializeSdp(description);
  }

  /** The far end refused our offer: what was agreed before stays in force. */
  offerRefused(holding: boolean): void {
    this.#pending = undefined;
    this.#holding = holding;
  }

  /** The answer to our offer. With `preview` it is early media, and the offer stays open for the real answer. */
  takeAnswer(sdp: Uint8Array, { preview = false }: { preview?: boolean } = {}): AnswerOutcome {
    const pending = this.#pending;
    const parsed = parseSdp(sdp);
    if (pending === undefined || !parsed.ok) return refused(false, 'The session description could not be read');
    if (!preview) this.#pending = undefined;
    const stream = this.#agreed?.stream ?? 0;
    const problem = checkAnswer(pending.description, parsed.session);
    const offered = pending.description.media[stream];
    const answered = parsed.session.media[stream];
    if (problem !== undefined || offered === undefined || answered === undefined) {
      return refused(pending.lines.length > 0, problem?.message ?? 'The answer lacks the stream of audio');
    }
    if (answered.port === 0) {
      if (!preview) this.#agreed = { description: pending.description, stream, farside: undefined };
      return { kind: 'no-stream' };
    }
    const keys = this.#keysOfAnswer(pending, answered);
    if ('kind' in keys) return keys;
    const farside = farsideOf(parsed.session, answered);
    const media = agreedAudio({
      own: offered,
      farside,
      sends: !preview && isSending(mediaDirection(pending.description, offered)) && isReceiving(farside.direction),
      receives: isReceiving(mediaDirection(pending.description, offered)),
      keys: keys.protection,
    });
    if (media === undefined) return refused(false, 'The answer has no codec that was offered, or no IP address');
    if (!preview) this.#agreed = { description: pending.description, stream, farside };
    return { kind: 'agreed', media };
  }

  /** Takes an offer of the far end, the first or one that follows, and answers it. */
  answer(sdp: Uint8Array): OfferOutcome {
    const parsed = parseSdp(sdp);
    if (!parsed.ok) return refused(false, 'The session description could not be read');
    const offer = parsed.session;
    if (this.#agreed !== undefined && !offer.media.some(({ type, port }) => type === 'audio' && port !== 0)) {
      return this.#answerWithoutStream(offer);
    }
    const chosen = chooseStream(offer, this.#options, this.#keys);
    if (chosen.kind === 'refused') return chosen;
    const offered = offer.media[chosen.index];
    if (offered === undefined) return refused(false, 'No stream of audio was offered');
    const farside = farsideOf(offer, offered);
    let lines: readonly string[] = [];
    let keys: StreamKeys = 'clear';
    if (chosen.crypto !== undefined) {
      if (this.#asksForNewKeys(farside)) this.#keys.renew();
      const { suite, profile } = chosen.crypto;
      const attribute = answerFor(chosen.crypto, this.#keys.of(suite.name), this.#keyTerms());
      lines = [serializeCryptoAttribute(attribute)];
      keys = { send: { attribute, suite, profile }, receive: chosen.crypto };
    }
    const answer = createAnswer(offer, this.#localSession(), (_, index) =>
      index === chosen.index ? this.#localMedia(offered.protocol, lines) : undefined,
    );
    const description = this.#successor(answer);
    if (description === undefined) return refused(false, 'The offer leaves out a stream of the session');
    const own = description.media[chosen.index];
    if (own === undefined || own.port === 0) return refused(false, 'No codec was offered that this phone has');
    const media = agreedAudio({
      own,
      farside,
      sends: isSending(mediaDirection(description, own)) && isReceiving(farside.direction),
      receives: isReceiving(mediaDirection(description, own)),
      keys,
    });
    if (media === undefined) return refused(false, 'The offer has no codec that this phone has, or no IP address');
    this.#agreed = { description, stream: chosen.index, farside };
    return { kind: 'answered', sdp: serializeSdp(description), media };
  }

  /** Clears the keys. */
  close(): void {
    this.#keys.clear();
    this.#pending = undefined;
    this.#agreed = undefined;
  }

  /**
   * An offer that changes nothing can only want a new key: the one we send with was told to others, too (a call that
   * rang at several phones), and the manager has it replaced. One from another address is of another partner, who is
   * not to be told a key that the last one knows. Any other offer keeps it (RFC 4568 §7.1.4).
   */
  #asksForNewKeys(farside: Farside): boolean {
    const before = this.#agreed?.farside;
    if (before === undefined) return false;
    const isSamePlace = before.rtp.host === farside.rtp.host && before.rtp.port === farside.rtp.port;
    return before.fingerprint === farside.fingerprint || (!isSamePlace && farside.direction !== 'inactive');
  }

  #answerWithoutStream(offer: SessionDescription): OfferOutcome {
    const answer = createAnswer(offer, this.#localSession(), () => undefined);
    const description = this.#successor(answer);
    if (description === undefined) return refused(false, 'The offer leaves out a stream of the session');
    this.#agreed = { description, stream: this.#agreed?.stream ?? 0, farside: undefined };
    return { kind: 'answered', sdp: serializeSdp(description), media: undefined };
  }

  /** Our next description; undefined where the offer it answers may not follow (RFC 3264 §8). */
  #successor(answer: SessionDescription): SessionDescription | undefined {
    if (this.#agreed === undefined) return answer;
    try {
      return nextDescription(this.#agreed.description, answer);
    } catch (error) {
      if (error instanceof SipError) return undefined;
      throw error;
    }
  }

  #offerLines(): readonly CryptoAttribute[] {
    return this.#options.suites.map((suite, index) =>
      offerLine(index + 1, suite, this.#keys.of(suite), this.#keyTerms()),
    );
  }

  #keyTerms(): OwnKeyTerms {
    return { keyDerivationRate: this.#options.keyDerivationRate ?? 0 };
  }

  #keysOfAnswer(
    { lines }: PendingOffer,
    answered: MediaDescription,
  ): { readonly protection: StreamKeys } | MediaRefusal {
    // `checkAnswer` of SDP has seen to it that the protocol is the one we offered: clear is answered to clear alone.
    if (lines.length === 0) return { protection: 'clear' };
    const crypto = checkCrypto(lines, attributeValues(answered.attributes, 'crypto'), { suites: this.#options.suites });
    if (crypto.kind === 'rejected') return refused(true, `The answer to our keys is not usable: ${crypto.reason}`);
    const { profile, suite } = crypto.answered;
    return {
      protection: { send: { attribute: crypto.offered, suite, profile }, receive: crypto.answered },
    };
  }

  #localMedia(protocol: string, cryptoLines: readonly string[]): LocalMedia {
    return {
      type: 'audio',
      port: this.#endpoint.port,
      protocol,
      codecs: audioCodecs,
      direction: this.#holding ? 'sendonly' : 'sendrecv',
      packetTime: 20,
      attributes: cryptoLines.map((value) => ({ name: 'crypto', value })),
    };
  }

  #localSession(): LocalSession {
    const { address } = this.#endpoint;
    const network = { networkType: 'IN', addressType: address.includes(':') ? 'IP6' : 'IP4', address };
    return {
      origin: { username: '-', sessionId: this.#sessionId, sessionVersion: '1', ...network },
      connection: network,
    };
  }
}

/** The stream in its place among those of the session, which stay refused (RFC 3264 §8). */
function inPlace({ description, stream }: Agreed, fresh: MediaDescription | undefined): SessionDescription {
  const media = description.media.map((before, index) =>
    index === stream && fresh !== undefined ? fresh : { ...before, port: 0, attributes: [] },
  );
  return { ...description, media };
}

function refused(security: boolean, warning: string): MediaRefusal {
  return { kind: 'refused', security, warning };
}
