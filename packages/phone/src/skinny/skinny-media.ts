import type { PlayoutPayload } from '@trustline/rtp';
import { MediaPayloadType, MediaStatus, type StreamRequest } from '@trustline/sccp';
import type { AgreedMedia, MediaEndpoint } from '../call/call-media.ts';
import { COMFORT_NOISE_PAYLOAD_TYPE } from '../call/codecs.ts';
import { clearKeys } from '../call/own-keys.ts';
import { forgetKeys, type StreamPolicy, streamProtection } from './stream-keys.ts';

interface Codec {
  readonly name: 'PCMA' | 'PCMU';
  /** RFC 3551 §6. */
  readonly payloadType: number;
}

const codecs: ReadonlyMap<number, Codec> = new Map<number, Codec>([
  [MediaPayloadType.G711Alaw64k, { name: 'PCMA', payloadType: 8 }],
  [MediaPayloadType.G711Ulaw64k, { name: 'PCMU', payloadType: 0 }],
]);

const payloadTypes: ReadonlyMap<number, PlayoutPayload> = new Map<number, PlayoutPayload>([
  [8, 'PCMA'],
  [0, 'PCMU'],
  [COMFORT_NOISE_PAYLOAD_TYPE, 'comfort-noise'],
]);

interface Stream {
  readonly request: StreamRequest;
  readonly codec: Codec;
  readonly isClear: boolean;
}

interface SentStream extends Stream {
  readonly address: string;
  readonly port: number;
}

/** Why a stream is not taken: a `MediaStatus` for the manager, a sentence for people. */
export interface StreamRefusal {
  readonly status: number;
  readonly reason: string;
}

/** Who sends nothing has no place to send to yet; RTCP neither. */
const nowhere = { host: '0.0.0.0', port: 9 };

/**
 * The two streams of one call, which the manager opens and closes each for itself, as what the audio makes of them. Both are
 * protected, or neither is: where one comes that is not as the other, the other is silent until the manager begins it anew.
 */
export class SkinnyMedia {
  readonly endpoint: MediaEndpoint;
  readonly #policy: StreamPolicy;
  #receiving: Stream | undefined;
  #sending: SentStream | undefined;
  /** Of the last stream that was sent: a silent one still has its far end. */
  #destination: { readonly address: string; readonly port: number } | undefined;
  /** Fingerprints of keys that this phone has sent with, and received with. */
  readonly #sentWith = new Set<string>();
  readonly #receivedWith = new Set<string>();
  #newest: Stream | undefined;

  constructor(endpoint: MediaEndpoint, policy: StreamPolicy) {
    this.endpoint = endpoint;
    this.#policy = policy;
  }

  /** Whether the call's audio is protected; undefined while there is none. */
  get isProtected(): boolean | undefined {
    return this.#newest === undefined ? undefined : !this.#newest.isClear;
  }

  /** Whether this phone is to send. */
  get sends(): boolean {
    return this.#sending !== undefined;
  }

  receive(request: StreamRequest): StreamRefusal | undefined {
    const stream = this.#checked(request);
    if ('status' in stream) return stream;
    const { keys, ...taken } = stream;
    if (keys !== undefined) {
      if (this.#sentWith.has(keys)) return unusable('The manager wants this phone to decrypt its own voice');
      this.#receivedWith.add(keys);
    }
    this.#close(this.#receiving);
    this.#receiving = taken;
    this.#newest = taken;
    return undefined;
  }

  send(request: StreamRequest, address: string, port: number): StreamRefusal | undefined {
    const stream = this.#checked(request);
    if ('status' in stream) return stream;
    const { keys, ...taken } = stream;
    if (keys !== undefined) {
      if (this.#receivedWith.has(keys)) return unusable('The manager gave the same key for both directions');
      // A key may protect no packet index twice, and what it has protected before is known to nobody here (RFC 3711 §9.1).
      if (this.#sentWith.has(keys)) return unusable('The manager gave a key that this phone has sent with before');
      this.#sentWith.add(keys);
    }
    this.#close(this.#sending);
    this.#sending = { ...taken, address, port };
    this.#destination = { address, port };
    this.#newest = this.#sending;
    return undefined;
  }

  /** Closes what is received, or sent, under this number; false where nothing is. */
  stop(direction: 'receiving' | 'sending', passThroughPartyId: number): boolean {
    const stream = direction === 'receiving' ? this.#receiving : this.#sending;
    if (stream?.request.passThroughPartyId !== passThroughPartyId) return false;
    this.#close(stream);
    if (direction === 'receiving') this.#receiving = undefined;
    else this.#sending = undefined;
    if (this.#newest === stream) this.#newest = this.#receiving ?? this.#sending;
    return true;
  }

  close(): void {
    this.#close(this.#receiving);
    this.#close(this.#sending);
    this.#receiving = undefined;
    this.#sending = undefined;
    this.#newest = undefined;
  }

  /** What the audio is to do, with copies of the keys; undefined where nothing is sent or received. */
  agreed(): AgreedMedia | undefined {
    const isClear = this.#newest?.isClear;
    const receiving = this.#receiving?.isClear === isClear ? this.#receiving : undefined;
    const sending = this.#sending?.isClear === isClear ? this.#sending : undefined;
    const codec = (sending ?? receiving)?.codec;
    if (isClear === undefined || codec === undefined) return undefined;
    const remote = sending ?? this.#destination;
    const rtp = remote === undefined ? nowhere : { host: remote.address, port: remote.port };
    return {
      rtp,
      rtcp: { host: rtp.host, port: rtp.port + 1 },
      agreement: {
        codec: codec.name,
        payloadType: codec.payloadType,
        telephoneEvents: { send: eventsOf(sending), receive: eventsOf(receiving) },
        payloadTypes,
        sends: sending !== undefined,
        receives: receiving !== undefined,
        protection: isClear ? 'clear' : { send: this.#keysOf(sending), receive: this.#keysOf(receiving) },
      },
    };
  }

  #checked(request: StreamRequest): (Stream & { readonly keys: string | undefined }) | StreamRefusal {
    const codec = codecs.get(request.payloadType);
    if (codec === undefined) {
      return { status: MediaStatus.InvalidCodec, reason: 'The manager wants a codec that this phone has not' };
    }
    const protection = streamProtection(request.keyInfo, this.#policy);
    if (protection === 'clear') return { request, codec, isClear: true, keys: undefined };
    if ('refused' in protection) return unusable(protection.refused);
    const { fingerprint } = protection;
    clearKeys(protection);
    return { request, codec, isClear: false, keys: fingerprint };
  }

  #keysOf(stream: Stream | undefined) {
    if (stream === undefined) return undefined;
    const protection = streamProtection(stream.request.keyInfo, this.#policy);
    return protection === 'clear' || 'refused' in protection ? undefined : protection;
  }

  #close(stream: Stream | undefined): void {
    if (stream?.isClear === false) forgetKeys(stream.request.keyInfo);
  }
}

function eventsOf(stream: Stream | undefined): number | undefined {
  const payloadType = stream?.request.telephoneEventPayloadType ?? 0;
  return payloadType === 0 ? undefined : payloadType;
}

function unusable(reason: string): StreamRefusal {
  return { status: MediaStatus.EncoderOrDecoderFailed, reason };
}
