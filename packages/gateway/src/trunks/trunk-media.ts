import {
  answerFor,
  type CryptoAttribute,
  checkAnswer as checkCrypto,
  chooseCrypto,
  generateMasterKey,
  keyDerivationRateOf,
  keyFingerprint,
  masterKeysOf,
  offerLine,
  preferredSuites,
  type SdesSuiteName,
  serializeCryptoAttribute,
  type UsableCrypto,
} from '@trustline/keying';
import {
  attributeValues,
  checkAnswer,
  createAnswer,
  createOffer,
  type LocalCodec,
  type LocalMedia,
  type LocalSession,
  type MediaDescription,
  mediaConnection,
  mediaDirection,
  nextDescription,
  parseSdp,
  type RtpMap,
  rtcpAddress,
  rtpMaps,
  type SessionDescription,
  type SipHostPort,
  serializeSdp,
} from '@trustline/sip';
import type { DirectionKeys } from '@trustline/srtp';

const SECURE = 'RTP/SAVP';
const CLEAR = 'RTP/AVP';

/** What the gateway speaks, by preference, and the events beside it. */
const codecs: readonly LocalCodec[] = [
  { encoding: 'PCMA', clockRate: 8_000, payloadType: 8 },
  { encoding: 'PCMU', clockRate: 8_000, payloadType: 0 },
  { encoding: 'telephone-event', clockRate: 8_000, payloadType: 101, parameters: '0-15' },
];

export interface TrunkMediaOptions {
  /** Where we receive. */
  readonly address: string;
  readonly port: number;
  /** `prefer` takes a clear offer, and offers keys. */
  readonly srtp: 'require' | 'prefer' | 'forbid';
  /** Whether keys may be told here at all: over TLS only. */
  readonly signallingIsProtected: boolean;
  readonly random: (length: number) => Uint8Array;
}

/** What an offer and its answer came to. */
export interface TrunkMediaAgreement {
  readonly rtp: SipHostPort;
  readonly rtcp: SipHostPort;
  readonly codec: 'PCMA' | 'PCMU';
  readonly payloadType: number;
  readonly payloadTypes: ReadonlyMap<number, 'PCMA' | 'PCMU'>;
  /** Of telephone-events: the number of the far side and ours. */
  readonly telephoneEvents: { readonly send: number | undefined; readonly receive: number | undefined };
  readonly sends: boolean;
  readonly receives: boolean;
  readonly keys: 'clear' | { readonly send: DirectionKeys; readonly receive: DirectionKeys };
}

export type TrunkMediaOutcome =
  | { readonly kind: 'agreed'; readonly sdp: Uint8Array; readonly agreement: TrunkMediaAgreement }
  /** `security`: it was about keys. */
  | { readonly kind: 'refused'; readonly security: boolean; readonly because: string };

/** The offers and answers of one call with a carrier (RFC 3264) and their keys (RFC 4568): one stream of G.711. */
export class TrunkMedia {
  readonly #options: TrunkMediaOptions;
  readonly #sessionId: string;
  readonly #keys = new Map<SdesSuiteName, ReturnType<typeof generateMasterKey>>();
  #offered: { readonly description: SessionDescription; readonly lines: readonly CryptoAttribute[] } | undefined;
  #own: SessionDescription | undefined;

  constructor(options: TrunkMediaOptions) {
    this.#options = options;
    this.#sessionId = String(new DataView(options.random(4).slice().buffer).getUint32(0));
  }

  /** Whether our offers have keys. */
  get offersKeys(): boolean {
    return this.#options.srtp !== 'forbid' && this.#options.signallingIsProtected;
  }

  /** The offer that begins a call; `withoutKeys` after one with keys was refused. */
  offer(withoutKeys = false): Uint8Array {
    const suites = this.offersKeys && !withoutKeys ? preferredSuites : [];
    const lines = suites.map((suite, index) => offerLine(index + 1, suite, this.#key(suite), { keyDerivationRate: 0 }));
    const protocol = lines.length > 0 ? SECURE : CLEAR;
    const description = createOffer(this.#session(), [this.#stream(protocol, lines.map(serializeCryptoAttribute))]);
    this.#offered = { description, lines };
    return serializeSdp(description);
  }

  /** The answer to it; of early media (`preview`) there may be several. */
  takeAnswer(sdp: Uint8Array, preview = false): TrunkMediaOutcome {
    const offered = this.#offered;
    const parsed = parseSdp(sdp);
    const own = offered?.description.media[0];
    const theirs = parsed.ok ? parsed.session.media[0] : undefined;
    if (offered === undefined || own === undefined || !parsed.ok || theirs === undefined) {
      return refused(false, 'the answer could not be read');
    }
    const problem = checkAnswer(offered.description, parsed.session);
    if (problem !== undefined) return refused(offered.lines.length > 0, problem.message);
    if (theirs.port === 0) return refused(false, 'the stream of audio was refused');
    if (!preview) this.#own = offered.description;
    let keys: TrunkMediaAgreement['keys'] = 'clear';
    if (offered.lines.length > 0) {
      const crypto = checkCrypto(offered.lines, attributeValues(theirs.attributes, 'crypto'), {
        suites: preferredSuites,
      });
      if (crypto.kind === 'rejected') return refused(true, `the answer to our keys is not usable: ${crypto.reason}`);
      const { profile, suite } = crypto.answered;
      keys = {
        send: directionKeys({ attribute: crypto.offered, suite, profile }),
        receive: directionKeys(crypto.answered),
      };
    }
    return this.#agreed(sdp, own, parsed.session, theirs, keys);
  }

  /** Answers an offer of the carrier, the first or one that follows. */
  answer(sdp: Uint8Array): TrunkMediaOutcome {
    const parsed = parseSdp(sdp);
    if (!parsed.ok) return refused(false, 'the offer could not be read');
    const chosen = this.#choose(parsed.session);
    if ('kind' in chosen) return chosen;
    const { index, crypto } = chosen;
    const offered = parsed.session.media[index] as MediaDescription;
    let lines: readonly string[] = [];
    let keys: TrunkMediaAgreement['keys'] = 'clear';
    if (crypto !== undefined) {
      const attribute = answerFor(crypto, this.#key(crypto.suite.name), { keyDerivationRate: 0 });
      lines = [serializeCryptoAttribute(attribute)];
      keys = {
        send: directionKeys({ attribute, suite: crypto.suite, profile: crypto.profile }),
        receive: directionKeys(crypto),
      };
    }
    const fresh = createAnswer(parsed.session, this.#session(), (_, at) =>
      at === index ? this.#stream(offered.protocol, lines) : undefined,
    );
    const description = this.#own === undefined ? fresh : nextDescription(this.#own, fresh);
    const own = description.media[index];
    if (own === undefined || own.port === 0) return refused(false, 'the offer has no G.711');
    const outcome = this.#agreed(serializeSdp(description), own, parsed.session, offered, keys);
    if (outcome.kind === 'agreed') this.#own = description;
    return outcome;
  }

  /** Overwrites the keys. */
  close(): void {
    for (const key of this.#keys.values()) key.reveal().fill(0);
    this.#keys.clear();
  }

  /** A protected stream before a clear one, as far as the policy goes. */
  #choose(offer: SessionDescription): { index: number; crypto?: UsableCrypto } | TrunkMediaOutcome {
    const audio = [...offer.media.entries()].filter(([, { type, port }]) => type === 'audio' && port !== 0);
    let refusal = refused(false, 'no stream of audio was offered by RTP/AVP or RTP/SAVP');
    for (const [index, media] of audio.filter(([, { protocol }]) => protocol === SECURE)) {
      if (!this.offersKeys) {
        refusal = refused(true, 'keys are not taken here');
        continue;
      }
      const choice = chooseCrypto(attributeValues(media.attributes, 'crypto'), { suites: preferredSuites });
      if (choice.kind !== 'none') return { index, crypto: choice };
      refusal = refused(true, choice.refused[0]?.reason ?? 'no key was offered');
    }
    const clear = audio.find(([, { protocol }]) => protocol === CLEAR);
    if (clear === undefined) return refusal;
    if (this.#options.srtp === 'require') return refused(true, 'encryption is required');
    return { index: clear[0] };
  }

  #agreed(
    sdp: Uint8Array,
    own: MediaDescription,
    session: SessionDescription,
    theirs: MediaDescription,
    keys: TrunkMediaAgreement['keys'],
  ): TrunkMediaOutcome {
    const maps = rtpMaps(theirs);
    const ownMaps = rtpMaps(own);
    const common = maps.find((map) => nameOf(map) !== undefined && ownMaps.some((one) => nameOf(one) === nameOf(map)));
    const codec = common && nameOf(common);
    const host = addressOf(mediaConnection(session, theirs)?.address);
    const rtcp = rtcpAddress(session, theirs);
    const rtcpHost = addressOf(rtcp.connection?.address);
    if (common === undefined || codec === undefined) return refused(false, 'there is no codec that both have');
    if (!isAddress(host) || !isAddress(rtcpHost)) return refused(false, 'the address of media is no IP address');
    const payloadTypes = new Map<number, 'PCMA' | 'PCMU'>();
    for (const map of ownMaps) {
      const name = nameOf(map);
      if (name !== undefined) payloadTypes.set(map.payloadType, name);
    }
    const direction = host === '0.0.0.0' ? 'inactive' : mediaDirection(session, theirs);
    return {
      kind: 'agreed',
      sdp,
      agreement: {
        rtp: { host, port: theirs.port },
        rtcp: { host: rtcpHost, port: Math.min(rtcp.port, 0xffff) },
        codec,
        payloadType: common.payloadType,
        payloadTypes,
        telephoneEvents: {
          send: maps.find(isTelephoneEvent)?.payloadType,
          receive: ownMaps.find(isTelephoneEvent)?.payloadType,
        },
        sends: direction === 'sendrecv' || direction === 'recvonly',
        receives: direction === 'sendrecv' || direction === 'sendonly',
        keys,
      },
    };
  }

  #key(suite: SdesSuiteName) {
    const known = this.#keys.get(suite);
    if (known !== undefined) return known;
    const made = generateMasterKey(this.#options.random, suite);
    this.#keys.set(suite, made);
    return made;
  }

  #stream(protocol: string, lines: readonly string[]): LocalMedia {
    return {
      type: 'audio',
      port: this.#options.port,
      protocol,
      codecs,
      direction: 'sendrecv',
      packetTime: 20,
      attributes: lines.map((value) => ({ name: 'crypto', value })),
    };
  }

  #session(): LocalSession {
    const { address } = this.#options;
    const network = { networkType: 'IN', addressType: address.includes(':') ? 'IP6' : 'IP4', address };
    return {
      origin: { username: '-', sessionId: this.#sessionId, sessionVersion: '1', ...network },
      connection: network,
    };
  }
}

function directionKeys(crypto: UsableCrypto): DirectionKeys {
  const rate = keyDerivationRateOf(crypto.attribute);
  const prints = crypto.attribute.keys.map(({ material }) => keyFingerprint(material));
  return {
    profile: crypto.profile,
    masterKeys: masterKeysOf(crypto),
    keyDerivationRate: rate,
    fingerprint: `${crypto.suite.name} ${rate} ${prints}`,
  };
}

function refused(security: boolean, because: string): TrunkMediaOutcome {
  return { kind: 'refused', security, because };
}

function nameOf({ encoding, clockRate, channels }: RtpMap): 'PCMA' | 'PCMU' | undefined {
  const name = encoding.toUpperCase();
  return clockRate === 8_000 && channels === 1 && (name === 'PCMA' || name === 'PCMU') ? name : undefined;
}

function isTelephoneEvent({ encoding, clockRate }: RtpMap): boolean {
  return encoding.toLowerCase() === 'telephone-event' && clockRate === 8_000;
}

/** Without the TTL of a multicast address. */
function addressOf(connection: string | undefined): string {
  return (connection ?? '').split('/', 1)[0] ?? '';
}

/** A name would be looked up for every packet, at the far end's bidding. */
function isAddress(host: string): boolean {
  return host.includes(':') ? /^[0-9a-f:.]+$/i.test(host) : /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}
