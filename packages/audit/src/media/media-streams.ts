import type { FlowKey } from '@trustline/capture';
import { isRtcp, type OpusLibrary } from '@trustline/rtp';
import type { SrtpCryptoProvider } from '@trustline/srtp';
import type { MediaKey } from '../model/media-key.ts';
import type { Observations } from '../model/observations.ts';
import type { PacketPlace } from '../traffic/place.ts';
import { type AudioStore, MemoryAudioStore } from './audio-store.ts';
import type { AuditedStream } from './audited-stream.ts';
import { UnexplainedBook } from './beside-media.ts';
import { HoldingBudget } from './held-packets.ts';
import { type DescribedMedia, KeyBook, textOf } from './key-book.ts';
import { KeystreamBook } from './keystream-reuse.ts';
import { MediaDecoders } from './media-decoder.ts';
import { type FlowSigns, MediaStream, type StreamSurroundings } from './media-stream.ts';
import { PacketHeader } from './packet-header.ts';
import { FEWEST_WITHOUT_ORDER } from './rtp-stream.ts';
import { TryBudget } from './srtp-opener.ts';
import { framedAsOthers, straysAmong } from './stray-streams.ts';
import { ControlBook } from './stream-control.ts';

export interface MediaLimits {
  /** Streams in all; what comes beyond them is not heard. */
  readonly streams: number;
  /** Octets of packets that wait for a key or an explanation, all streams together. */
  readonly heldOctets: number;
  /** Octets of audio that are kept in memory, where audio is asked for and no store of it is given. */
  readonly audioOctets: number;
}

export const defaultMediaLimits: MediaLimits = {
  streams: 50_000,
  heldOctets: 32 * 1024 * 1024,
  audioOctets: 128 * 1024 * 1024,
};

export interface MediaStreamsOptions {
  /** Tells of codecs and keys as they are read. */
  readonly observations: Observations;
  /** Without it nothing is opened. */
  readonly crypto?: SrtpCryptoProvider;
  /** Keys of the auditor's. */
  readonly givenKeys?: readonly MediaKey[];
  readonly limits?: Partial<MediaLimits>;
  /** Keeps the audio itself: in memory, or where a store puts it. */
  readonly includeAudio?: boolean | AudioStore;
  /** Decodes Opus; or decoders of one's own. */
  readonly opus?: OpusLibrary;
  readonly decoders?: MediaDecoders;
}

/** Streams that one direction between two ports may have. */
const MOST_OF_A_FLOW = 256;
/** Of those, such as go in no order, or are of few packets: what is no RTP shows another SSRC in each datagram. */
const MOST_DOUBTFUL = 16;
/** Packets of a stream that is no accident among others of its kind. */
const FEWEST_OF_SHORT = 3;
/** Packets of no stream between two looks at whether media goes there. */
const STRAYS_BETWEEN = 16;
/** `ZRTP` at its place (RFC 6189 §5). */
const ZRTP_COOKIE = 0x5a525450;
const ZRTP_TYPE_AT = 16;

const header = new PacketHeader();

/** Hears media in one pass: give it the datagrams of flows, and ask what was heard. Sans-IO. */
export class MediaStreams {
  readonly #around: StreamSurroundings;
  readonly #control = new ControlBook();
  readonly #unexplained = new UnexplainedBook();
  readonly #limits: MediaLimits;
  readonly #streams: MediaStream[] = [];
  readonly #signs = new Map<string, FlowSigns>();
  readonly #byAddress = new Map<string, MediaStream[]>();
  readonly #byPort = new Map<number, MediaStream[]>();
  #packetsNotHeard = 0;

  constructor(options: MediaStreamsOptions) {
    this.#limits = { ...defaultMediaLimits, ...options.limits };
    const { includeAudio = false, observations, crypto, opus } = options;
    this.#around = {
      book: new KeyBook(options.givenKeys ?? []),
      keystreams: new KeystreamBook(),
      decoders: options.decoders ?? new MediaDecoders(opus),
      held: new HoldingBudget(this.#limits.heldOctets),
      tries: new TryBudget(),
      crypto,
      store:
        includeAudio === true
          ? new MemoryAudioStore(this.#limits.audioOctets)
          : includeAudio === false
            ? undefined
            : includeAudio,
    };
    this.#around.book.listen(observations, (described) => this.#described(described));
  }

  /** Watches the datagrams of one direction between two ports. */
  watch(flow: FlowKey): MediaWatch {
    const books = { control: this.#control, unexplained: this.#unexplained };
    return new MediaWatch(flow, books, (what, place) => {
      if (what === 'stream') return this.#begin(flow, place);
      if (what === 'rest') return this.#hasRoom && this.#isOfMedia(flow) ? this.#begin(flow, place) : undefined;
      const signs = this.#signsOf(flow);
      signs.zrtp ??= place;
      if (what === 'zrtp-completed') signs.isZrtpCompleted = true;
      return undefined;
    });
  }

  /** DTLS was seen between the ports of the flow, in either direction: media beside it may be no clear media (RFC 5764). */
  dtlsSeen(flow: Pick<FlowKey, 'source' | 'destination'>): void {
    this.#signsOf(flow).isDtlsSeen = true;
  }

  /** DTLS between the ports has agreed on keys; `encrypts`: not where they are of SRTP with a NULL cipher. */
  dtlsAgreed(flow: Pick<FlowKey, 'source' | 'destination'>, encrypts: boolean): void {
    const signs = this.#signsOf(flow);
    signs.isDtlsAgreed = true;
    signs.isNullAgreed = !encrypts;
  }

  /** Keys that DTLS between these ports has agreed on, where its secret was given. */
  keysFound({ source, destination }: Pick<FlowKey, 'source' | 'destination'>, keys: readonly MediaKey[]): void {
    this.#around.book.found(source, destination, keys);
    for (const end of [source, destination]) {
      for (const stream of this.#byAddress.get(textOf(end)) ?? []) stream.described();
    }
  }

  /** What is known of the streams now, in the order of their first packets. More may come afterwards. */
  streams(): readonly AuditedStream[] {
    const pairs = Map.groupBy(this.#streams, ({ flow }) => pairOf(flow));
    const media = new Set([...pairs.values()].filter(speakForMedia).flat());
    const strays = new Set([...pairs.values()].flatMap((streams) => straysAmong(streams)));
    const shown = this.#streams.filter((stream) => !strays.has(stream) && (media.has(stream) || stream.isExplained));
    const numbers = new Map<object, number>(shown.map((stream, at) => [stream, at + 1]));
    const audited = shown.map((stream) => ({
      audited: stream.audited(this.#control, (other) => numbers.get(other) ?? 0),
      shape: stream.shape,
    }));
    const byPair = Map.groupBy(audited, (one) => pairOf(one.audited.flow));
    const inPairs = [...byPair.values()].flatMap((pair) =>
      framedAsOthers(pair).map((told, at) => [pair[at], told] as const),
    );
    const told = new Map(inPairs);
    return audited.map((one) => {
      const stream = told.get(one) ?? one.audited;
      return { ...stream, unexplained: this.#unexplained.beside(pairOf(stream.flow), stream.first, stream.last) };
    });
  }

  /** What was left out for want of room, in words. */
  limitsReached(): readonly string[] {
    const { held, tries, book } = this.#around;
    return [
      ...(this.#packetsNotHeard > 0
        ? [`${this.#packetsNotHeard} packets of RTP streams beyond ${this.#limits.streams} were not heard`]
        : []),
      ...(held.givenUp > 0
        ? [`${held.givenUp} packets of media were too old to be opened, had a key for them come later`]
        : []),
      ...(tries.isExceeded ? ['so many keys of media were tried that no more were'] : []),
      ...(this.#unexplained.notKept > 0
        ? [`${this.#unexplained.notKept} datagrams that nothing explains were not kept: they may go beside media`]
        : []),
      ...(book.notKept > 0 ? [`${book.notKept} descriptions of media were not kept`] : []),
    ];
  }

  /** Gives back what decoders and keys hold; nothing is heard afterwards. */
  close(): void {
    for (const stream of this.#streams) stream.close();
    this.#around.tries.probes.close();
  }

  get #hasRoom(): boolean {
    return this.#streams.length < this.#limits.streams;
  }

  #begin(flow: FlowKey, place: PacketPlace): MediaStream | undefined {
    if (!this.#hasRoom) {
      this.#packetsNotHeard++;
      return undefined;
    }
    const stream = new MediaStream(flow, header, place, this.#signsOf(flow), this.#around);
    this.#streams.push(stream);
    for (const end of [flow.source, flow.destination]) {
      put(this.#byAddress, textOf(end), stream);
      put(this.#byPort, end.port, stream);
    }
    return stream;
  }

  /**
   * Streams that were heard before it was read may be explained by it: those that still go, for ports are used again. By the port
   * alone only where nothing was said of their addresses.
   */
  #described({ description }: DescribedMedia): void {
    const { microseconds } = description.place;
    const streams = new Set<MediaStream>();
    for (const address of [description.receives, ...(description.candidates ?? [])]) {
      for (const stream of this.#byAddress.get(textOf(address)) ?? [])
        if (stream.goesOn(microseconds)) streams.add(stream);
      for (const stream of this.#byPort.get(address.port) ?? []) {
        if (!stream.isExplained && stream.goesOn(microseconds)) streams.add(stream);
      }
    }
    for (const stream of streams) stream.described();
  }

  /** Whether media goes between these ports, in either direction, or signalling says that it does at one of them. */
  #isOfMedia(flow: FlowKey): boolean {
    const pair = pairOf(flow);
    const streams = this.#byAddress.get(textOf(flow.source)) ?? [];
    const between = streams.filter((stream) => pairOf(stream.flow) === pair);
    return between.some(({ isExplained }) => isExplained) || speakForMedia(between);
  }

  /** Shared by both directions, at whichever interface and in whichever tunnel. */
  #signsOf(flow: Pick<FlowKey, 'source' | 'destination'>): FlowSigns {
    const key = pairOf(flow);
    let signs = this.#signs.get(key);
    if (signs === undefined) {
      signs = { zrtp: undefined, isZrtpCompleted: false, isDtlsSeen: false, isDtlsAgreed: false, isNullAgreed: false };
      if (this.#signs.size < MOST_SIGNS) this.#signs.set(key, signs);
    }
    return signs;
  }
}

/** Pairs of ports of which signs are kept: those of streams, of DTLS and of ZRTP. */
const MOST_SIGNS = 60_000;
/** Streams of one address that are told of a description: the latest. */
const MOST_OF_AN_ADDRESS = 64;

function put<Key>(map: Map<Key, MediaStream[]>, key: Key, stream: MediaStream): void {
  const all = map.get(key);
  if (all === undefined) map.set(key, [stream]);
  else {
    if (all.length >= MOST_OF_AN_ADDRESS) all.shift();
    all.push(stream);
  }
}

/** Two ports, whichever of them sends. */
function pairOf({ source, destination }: Pick<FlowKey, 'source' | 'destination'>): string {
  const [one, other] = [textOf(source), textOf(destination)];
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** Whether what goes between two ports is media: one stream of it is by itself, or short ones in order are together. */
function speakForMedia(streams: readonly MediaStream[]): boolean {
  if (streams.some(({ isCredible, isLikely }) => isCredible || isLikely)) return true;
  const short = streams.filter(({ packets, isInOrder }) => isInOrder && packets >= FEWEST_OF_SHORT);
  const packets = short.reduce((sum, stream) => sum + stream.packets, 0);
  return packets >= FEWEST_WITHOUT_ORDER && new Set(short.flatMap(({ payloadTypes }) => payloadTypes)).size === 1;
}

/** Told what is found in a flow; gives the stream that begins, if there is room for it. */
type TellOfFlow = (what: 'stream' | 'rest' | 'zrtp' | 'zrtp-completed', place: PacketPlace) => MediaStream | undefined;

/** The media of one direction between two ports. */
export class MediaWatch {
  readonly #flow: FlowKey;
  readonly #control: ControlBook;
  readonly #unexplained: UnexplainedBook;
  readonly #tell: TellOfFlow;
  readonly #streams: MediaStream[] = [];
  #last: MediaStream | undefined;
  /** Takes what is of no stream, where media is known to go. */
  #rest: MediaStream | undefined;
  #strays = 0;

  constructor(
    flow: FlowKey,
    { control, unexplained }: { readonly control: ControlBook; readonly unexplained: UnexplainedBook },
    tell: TellOfFlow,
  ) {
    this.#flow = flow;
    this.#control = control;
    this.#unexplained = unexplained;
    this.#tell = tell;
  }

  /** Whether the datagram may be of media: RTP, SRTP, RTCP, SRTCP or ZRTP. `isCut`: the capture has less than was sent. */
  datagram(octets: Uint8Array, place: PacketPlace, isCut = false): boolean {
    const first = octets[0];
    if (first === undefined) return false;
    if (first >> 6 !== 2) return first >> 4 === 1 && this.#zrtp(octets, place);
    if (isRtcp(octets)) return isCut || this.#control.datagram(this.#flow.source.address, octets, place);
    if (!header.read(octets)) return false;
    let stream = this.#last;
    if (stream === undefined || stream.ssrc !== header.ssrc) {
      stream = this.#streamOf(header.ssrc, place) ?? this.#restOf(place);
      if (stream === undefined) return false;
      this.#last = stream;
    }
    stream.packet(header, octets, place, isCut);
    return true;
  }

  /** What is of no protocol that is known. */
  unexplained(octets: Uint8Array, place: PacketPlace): void {
    this.#unexplained.add(pairOf(this.#flow), octets, place);
  }

  #streamOf(ssrc: number, place: PacketPlace): MediaStream | undefined {
    const known = this.#streams.find((stream) => stream.ssrc === ssrc);
    if (known !== undefined) return known;
    if (this.#streams.length >= MOST_OF_A_FLOW) return undefined;
    if (this.#streams.length >= MOST_DOUBTFUL) {
      const doubtful = this.#streams.reduce((sum, { isCredible }) => sum + (isCredible ? 0 : 1), 0);
      if (doubtful >= MOST_DOUBTFUL) return undefined;
    }
    const stream = this.#tell('stream', place);
    if (stream !== undefined) this.#streams.push(stream);
    return stream;
  }

  /** Asked for once in a while only: most flows of so many SSRCs are no media. */
  #restOf(place: PacketPlace): MediaStream | undefined {
    if (this.#rest === undefined && this.#strays++ % STRAYS_BETWEEN === 0) this.#rest = this.#tell('rest', place);
    return this.#rest;
  }

  #zrtp(octets: Uint8Array, place: PacketPlace): boolean {
    if (octets.byteLength < ZRTP_TYPE_AT + 8) return false;
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    if (view.getUint32(4) !== ZRTP_COOKIE) return false;
    // RFC 6189 §5.8: the last of the exchange.
    const type = String.fromCharCode(...octets.subarray(ZRTP_TYPE_AT, ZRTP_TYPE_AT + 8));
    this.#tell(type === 'Conf2ACK' ? 'zrtp-completed' : 'zrtp', place);
    return true;
  }
}
