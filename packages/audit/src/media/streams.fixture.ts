import type { FlowKey, TransportAddress } from '@trustline/capture';
import { encodeALaw, encodeMuLaw, G722Encoder, serializeRtcpCompound, serializeRtpPacket } from '@trustline/rtp';
import { createSrtpSender, type SrtpContextOptions, type SrtpSender, srtpProfiles } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import type { MediaCodec, MediaDescription, MediaKeying } from '../model/leg.ts';
import type { MediaKey } from '../model/media-key.ts';
import { Observations } from '../model/observations.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { AuditedStream } from './audited-stream.ts';
import { MediaStreams, type MediaStreamsOptions, type MediaWatch } from './media-streams.ts';

export const caller: TransportAddress = { address: '192.0.2.1', port: 40_000 };
export const called: TransportAddress = { address: '192.0.2.2', port: 40_002 };
export const speech: Int16Array = speechLike(11, 40_000);

export function flowOf(source = caller, destination = called): FlowKey {
  return { source, destination, protocol: 17, tunnel: 0, interface: 0 };
}

/** Samples as payloads of 20 ms. */
export const encodings = {
  pcmu: (samples: Int16Array) => inPieces(samples, 160, (piece) => g711(piece, encodeMuLaw)),
  pcma: (samples: Int16Array) => inPieces(samples, 160, (piece) => g711(piece, encodeALaw)),
  /** Of samples at 16 kHz. */
  g722: (samples: Int16Array) => {
    const encoder = new G722Encoder();
    return inPieces(samples, 320, (piece) => encoder.encode(piece));
  },
} as const;

function g711(samples: Int16Array, law: (samples: Int16Array, out: Uint8Array) => void): Uint8Array {
  const octets = new Uint8Array(samples.length);
  law(samples, octets);
  return octets;
}

function inPieces(samples: Int16Array, length: number, encode: (piece: Int16Array) => Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.floor(samples.length / length) }, (_, at) =>
    encode(samples.subarray(at * length, (at + 1) * length)),
  );
}

export interface SentStream {
  readonly payloads: readonly Uint8Array[];
  readonly payloadType?: number;
  /** Timestamp units from packet to packet. */
  readonly step?: number;
  readonly ssrc?: number;
  readonly sequenceNumber?: number;
  readonly timestamp?: number;
  readonly sender?: SrtpSender;
}

/** RTP, or SRTP where there is a sender of it, 20 ms apart. */
export function datagramsOf({
  payloads,
  payloadType = 0,
  step = 160,
  ssrc = 0xcafe,
  sequenceNumber = 1_000,
  timestamp = 5_000,
  sender,
}: SentStream): Uint8Array[] {
  return payloads.map((payload, at) => {
    const clear = serializeRtpPacket({
      marker: at === 0,
      payloadType,
      sequenceNumber: (sequenceNumber + at) & 0xffff,
      timestamp: (timestamp + at * step) >>> 0,
      ssrc,
      csrcs: [],
      extension: undefined,
      payload,
      paddingLength: 0,
    });
    if (sender === undefined) return clear;
    const out = new Uint8Array(clear.byteLength + 160);
    return out.slice(0, sender.protect(clear, out));
  });
}

/** Sender reports with the name of the sender, under SRTCP where there is a sender of it. */
export function srtcp(packets: number, sender: SrtpSender | undefined, ssrc = 0xcafe): Uint8Array[] {
  return Array.from({ length: packets }, (_, at) => {
    const clear = serializeRtcpCompound([
      {
        kind: 'sender-report',
        ssrc,
        ntp: { seconds: at, fraction: 0 },
        rtpTimestamp: at,
        packetCount: at,
        octetCount: at,
        reports: [],
        extension: new Uint8Array(0),
      },
      { kind: 'source-description', chunks: [{ ssrc, items: [{ type: 1, value: new TextEncoder().encode('p7@x') }] }] },
    ]);
    if (sender === undefined) return clear;
    const out = new Uint8Array(clear.byteLength + 64);
    return out.slice(0, sender.protectRtcp(clear, out));
  });
}

/** A key that is the same for the same seed, as if it was read of clear signalling. */
export function keyOf(profile: MediaKey['profile'], seed = 1, more: Partial<MediaKey> = {}): MediaKey {
  const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
  return {
    profile,
    masterKey: Uint8Array.from({ length: masterKeyLength }, (_, at) => seed * 17 + at),
    masterSalt: Uint8Array.from({ length: masterSaltLength }, (_, at) => seed * 31 + 3 * at),
    source: {
      kind: 'signalling',
      how: 'sdes',
      place: { number: 1, microseconds: 0 },
      exposure: { kind: 'clear' },
    },
    ...more,
  };
}

export function senderOf(key: MediaKey, more: Partial<SrtpContextOptions> = {}): SrtpSender {
  const master = { key: key.masterKey, salt: key.masterSalt };
  return createSrtpSender({
    profile: key.profile,
    crypto: nodeCrypto,
    masterKeys: [key.mki === undefined ? master : { ...master, mki: key.mki }],
    unencryptedRtp: key.unencryptedSrtp === true,
    unauthenticatedRtp: key.unauthenticatedSrtp === true,
    ...more,
  });
}

export interface Described {
  readonly end?: 'caller' | 'called';
  readonly receives?: TransportAddress;
  readonly profile?: string;
  readonly keying?: readonly MediaKeying[];
  readonly keys?: readonly MediaKey[];
  readonly codecs?: readonly MediaCodec[];
  /** Of the leg. */
  readonly identity?: string;
}

/** What a tap hears of datagrams and descriptions in their order, 20 ms apart; datagrams go from the caller to the called. */
export class Line {
  readonly observations = new Observations();
  readonly media: MediaStreams;
  readonly #watches = new Map<string, MediaWatch>();
  #number = 0;
  #waited = 0;

  constructor(options: Partial<MediaStreamsOptions> = {}) {
    this.media = new MediaStreams({ observations: this.observations, crypto: nodeCrypto, ...options });
  }

  describe({
    end = 'called',
    receives = end === 'called' ? called : caller,
    profile = 'RTP/AVP',
    keying = profile.includes('SAVP') ? ['sdes'] : ['none'],
    keys = [],
    codecs = [],
    identity = 'a call',
  }: Described): void {
    const place = this.#nextPlace();
    const leg = this.observations.leg('sip', identity, place);
    if (leg === undefined) throw new Error('there are too many legs');
    const description: MediaDescription = {
      place,
      end,
      kind: 'audio',
      receives,
      profile,
      direction: 'sendrecv',
      codecs,
      keying,
      keys,
      suites: [],
    };
    this.observations.describe(leg, description);
  }

  send(datagrams: readonly Uint8Array[], flow = flowOf(), isCut = false): void {
    const key = JSON.stringify(flow);
    const watch = this.#watches.get(key) ?? this.media.watch(flow);
    this.#watches.set(key, watch);
    for (const datagram of datagrams) {
      watch.datagram(datagram, this.#nextPlace(), isCut);
    }
  }

  /** Nothing comes for so long. */
  wait(seconds: number): void {
    this.#waited += 1_000_000 * seconds;
  }

  /** The call is over, by its signalling. */
  hangUp(identity = 'a call'): void {
    const leg = this.observations.known('sip', identity);
    if (leg !== undefined) leg.ended = this.#nextPlace();
  }

  #nextPlace(): PacketPlace {
    this.#number++;
    return { number: this.#number, microseconds: 20_000 * this.#number + this.#waited };
  }

  /** The one stream that was heard. */
  only(): AuditedStream {
    const [stream, ...others] = this.media.streams();
    if (stream === undefined || others.length > 0) throw new Error(`${others.length + 1} streams, or none`);
    return stream;
  }
}
