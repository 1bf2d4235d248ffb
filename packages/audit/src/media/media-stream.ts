import type { FlowKey } from '@trustline/capture';
import type { SrtpCryptoProvider } from '@trustline/srtp';
import type { MediaKey } from '../model/media-key.ts';
import { OctetCounts } from '../signal/uniformity.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { AudioStore } from './audio-store.ts';
import type { AuditedStream, Opening } from './audited-stream.ts';
import { HeardAudio } from './heard-audio.ts';
import type { HoldingBudget } from './held-packets.ts';
import type { KeyBook } from './key-book.ts';
import { KeystreamBook } from './keystream-reuse.ts';
import type { MediaDecoder, MediaDecoders } from './media-decoder.ts';
import { PacketHeader } from './packet-header.ts';
import { type OrderedPackets, PacketOrder } from './packet-order.ts';
import { fixedCodec, type PayloadCodec } from './payload-codec.ts';
import { type Content, type LaneOwner, type LanePart, PayloadLane, type SampleOctets } from './payload-lane.ts';
import { PeakPicture } from './peak-picture.ts';
import { RtpStream } from './rtp-stream.ts';
import { type SignalledMedia, signalledMedia } from './signalled-media.ts';
import { opened, SrtpOpener, type TryBudget } from './srtp-opener.ts';
import type { StreamShape } from './stray-streams.ts';
import type { ControlBook } from './stream-control.ts';
import { judgeStream, type StreamJudgement } from './stream-judgement.ts';

/** What all streams share. */
export interface StreamSurroundings {
  readonly book: KeyBook;
  readonly keystreams: KeystreamBook;
  readonly decoders: MediaDecoders;
  readonly held: HoldingBudget;
  readonly tries: TryBudget;
  readonly crypto: SrtpCryptoProvider | undefined;
  readonly store: AudioStore | undefined;
}

/** What goes between the two ports of a stream beside it; written by who watches the flow. */
export interface FlowSigns {
  zrtp: PacketPlace | undefined;
  isZrtpCompleted: boolean;
  isDtlsSeen: boolean;
  isDtlsAgreed: boolean;
  /** DTLS has agreed on SRTP that encrypts nothing. */
  isNullAgreed: boolean;
}

/** Payload types of one stream that are told apart. */
const MOST_LANES = 8;
const MOST_OPENINGS = 32;
/** Without a packet for so long, in microseconds, a stream is over, and what is said then of its ports is of another. */
const LONGEST_IDLE = 60_000_000;
/** Packets come for so long, in microseconds, after signalling has ended a call. */
const AFTER_THE_END = 5_000_000;
/** Packets in a row that the keys in use do not open, before others are tried; then ever more. */
const FIRST_FAILURES = 3;
/** Octets of a payload without tag from which it is said whether it was decrypted well. */
const CHECKED_OCTETS = 400;
const CHECKED_DEVIATION = 7;
/** Octets of a packet that nobody can read from which its place in the picture is drawn. */
const DRAWN_OCTETS = 24;

const header = new PacketHeader();

/** One SSRC from one address to another: its packets are put in order, judged, opened, decoded, and forgotten. */
export class MediaStream implements OrderedPackets, LaneOwner {
  readonly ssrc: number;
  readonly flow: FlowKey;
  readonly #around: StreamSurroundings;
  readonly #signs: FlowSigns;
  readonly #statistics: RtpStream;
  readonly #order = new PacketOrder(this);
  readonly #lanes: PayloadLane[] = [];
  readonly #openings: { key: MediaKey; packets: number; first: PacketPlace; last: PacketPlace }[] = [];
  readonly #noise = new PeakPicture();
  #isNoiseDrawn = false;
  #lane: PayloadLane | undefined;
  #audio: HeardAudio | undefined;
  #opener: SrtpOpener | undefined;
  #signalled: SignalledMedia | undefined;
  #fittingKeys: readonly MediaKey[] = [];
  #isExplained = false;
  #hasSeenEven = false;
  #start: number;
  #lastMicroseconds: number;
  /** Packets that no key in use opened, since one was opened. */
  #failures = 0;
  #triesAtFailure = FIRST_FAILURES;
  #wantsKeys: 'no' | 'fitting' | 'all' = 'no';
  #looseVersion = 0;
  /** Times that packets were judged which nobody could read, since signalling spoke of keys. */
  #closedWindows = 0;
  #retryAt = 1;
  /** It has packets of other SSRCs, too: those of a flow that has too many to tell them apart. */
  #isMixed = false;

  constructor(flow: FlowKey, first: PacketHeader, place: PacketPlace, signs: FlowSigns, around: StreamSurroundings) {
    this.ssrc = first.ssrc;
    this.flow = flow;
    this.#around = around;
    this.#signs = signs;
    this.#start = place.microseconds;
    this.#lastMicroseconds = place.microseconds;
    this.#statistics = new RtpStream({ source: flow.source, destination: flow.destination }, first, place);
    this.described();
  }

  get isCredible(): boolean {
    return !this.#isMixed && this.#statistics.isCredible;
  }

  /** Whether it is media though nothing else says so, in no order as it may be. */
  get isLikely(): boolean {
    return !this.#isMixed && this.#statistics.isLikely;
  }

  get expectsClear(): boolean {
    return this.#signalled?.isClear === true && this.#signs.zrtp === undefined && !this.#signs.isDtlsSeen;
  }

  get isInOrder(): boolean {
    return !this.#isMixed && this.#statistics.isInOrder;
  }

  get packets(): number {
    return this.#statistics.packets;
  }

  get payloadTypes(): readonly number[] {
    return this.#statistics.payloadTypes;
  }

  /** As far as it is known now: what waits is judged as it is. */
  get shape(): StreamShape {
    this.#order.flush();
    this.#settle();
    const { packets, repeated } = this.#statistics.report();
    const isSeen = this.#lanes.some(({ allParts }) => allParts.some(isSeenPart));
    return {
      isEmpty: !isSeen && this.#lanes.every(({ longest, events }) => longest === 0 && events.digits === ''),
      isSeen,
      packets: packets - repeated,
      lengths: new Map(
        this.#lanes.map(({ payloadType, shortest, longest }) => [
          payloadType,
          shortest === longest ? longest : undefined,
        ]),
      ),
    };
  }

  /** The next packet of the capture, whose header was read. */
  packet(first: PacketHeader, octets: Uint8Array, place: PacketPlace, isCut: boolean): void {
    if (first.ssrc !== this.ssrc) this.#isMixed = true;
    const isRenumbered = this.#statistics.handle(first, octets.byteLength, place, this.#lane?.codec?.clockRate);
    this.#lastMicroseconds = place.microseconds;
    if (isRenumbered) this.#order.pass(octets, place, isCut);
    else this.#order.push(octets, first.sequenceNumber, place, isCut);
  }

  /** Whether signalling spoke of its addresses. */
  get isExplained(): boolean {
    return this.#isExplained;
  }

  /** Whether its last packet is not long before that time. */
  goesOn(microseconds: number): boolean {
    return microseconds - this.#lastMicroseconds < LONGEST_IDLE;
  }

  /** Signalling said something that may be of this stream. */
  described(): void {
    const { source, destination } = this.flow;
    // What was said of a call that was over before it began is of another stream at the same ports.
    const { isExact, described: all } = this.#around.book.about(source, destination);
    const described = all.filter(
      ({ leg: { ended } }) => ended === undefined || ended.microseconds + AFTER_THE_END >= this.#start,
    );
    this.#isExplained = isExact && described.length > 0;
    if (described.length > 0) {
      this.#signalled = signalledMedia(described, destination);
      for (const lane of this.#lanes) {
        const codec = this.#codecOf(lane.payloadType);
        if (codec !== undefined) lane.learn(codec);
      }
    }
    this.#fittingKeys = this.#around.book.keysFor(described);
    if (this.#fittingKeys.length === 0) return;
    this.#wantsKeys = 'fitting';
    this.#closedWindows = 0;
    this.#retryAt = 1;
    this.#tryKeys();
  }

  inOrder(octets: Uint8Array, extended: number, place: PacketPlace, isCut: boolean): void {
    if (!header.read(octets)) return;
    let lane = this.#lane;
    if (lane === undefined || lane.payloadType !== header.payloadType) {
      lane = this.#laneOf(header.payloadType);
      this.#lane = lane;
    }
    if (!isCut && this.#opener?.isOpen === true) {
      if (this.reopen(lane, octets, place)) return;
      this.#failed();
      header.read(octets);
    }
    lane.raw(header, octets, extended, place, isCut);
    if (this.#wantsKeys !== 'no') this.#tryKeys();
  }

  reopen(lane: PayloadLane, octets: Uint8Array, place: PacketPlace): boolean {
    const opener = this.#opener;
    const length = opener?.unprotect(octets);
    if (length === undefined || opener?.used === undefined || !header.read(opened)) return false;
    this.#failures = 0;
    this.#triesAtFailure = FIRST_FAILURES;
    const { payloadAt, sequenceNumber, payloadType } = header;
    if (payloadType !== lane.payloadType) return false;
    const { key, receiver, isClear } = opener.used;
    if (!isClear && KeystreamBook.compares(sequenceNumber)) {
      const known = { key, rolloverCounter: receiver.rolloverCounter(this.ssrc) ?? 0 };
      this.#around.keystreams.add(this, this.ssrc, sequenceNumber, octets, payloadAt, place, known);
    }
    this.#countOpening(key, place);
    lane.open(header, opened, length, place, opener.used);
    return true;
  }

  decoder(codec: PayloadCodec): MediaDecoder | undefined {
    return this.#around.decoders.make(codec);
  }

  missing(timestamp: number): number {
    return this.#audio?.missing(timestamp) ?? 0;
  }

  samples(
    { codec }: PayloadLane,
    timestamp: number,
    sampleRate: number,
    samples: Int16Array,
    place: PacketPlace,
  ): void {
    this.#audio ??= new HeardAudio(sampleRate, codec?.clockRate ?? sampleRate, this.#around.store);
    this.#audio.add(timestamp, samples, sampleRate, place);
  }

  sampleOctets(
    { codec }: PayloadLane,
    timestamp: number,
    decoder: SampleOctets,
    octets: Uint8Array,
    from: number,
    to: number,
    place: PacketPlace,
  ): void {
    const { sampleRate } = decoder;
    this.#audio ??= new HeardAudio(sampleRate, codec?.clockRate ?? sampleRate, this.#around.store);
    this.#audio.addOctets(timestamp, decoder, octets, from, to, place);
  }

  even(octets: Uint8Array, payloadAt: number, extended: number, place: PacketPlace): void {
    this.#around.keystreams.add(this, this.ssrc, extended & 0xffff, octets, payloadAt, place);
    this.#isNoiseDrawn = true;
    const seconds = (place.microseconds - this.#start) / 1_000_000;
    this.#noise.add(seconds, loudest(octets, payloadAt));
  }

  judged(_: PayloadLane, content: Content): void {
    const isOpen = this.#opener?.isOpen === true;
    if (content === 'structured') {
      // What was tried on packets in the clear may fit those that come after them.
      this.#opener?.forget();
      this.#hasSeenEven = false;
      return;
    }
    if (content === 'even' && !this.#hasSeenEven) {
      this.#hasSeenEven = true;
      this.#opener?.forget();
      this.#wantsKeys = 'all';
    } else if (content === 'even' && !isOpen && this.#looseVersion !== this.#around.book.version)
      this.#wantsKeys = 'all';
    if (isOpen || this.#fittingKeys.length === 0) return;
    // A key is told before the first packet under it: it is tried again, ever more seldom.
    this.#closedWindows++;
    if (this.#closedWindows < this.#retryAt) return;
    this.#retryAt *= 2;
    this.#opener?.forget(this.#fittingKeys);
    if (this.#wantsKeys === 'no') this.#wantsKeys = 'fitting';
  }

  /** What is known of it now. More may come: what waits is judged as it is, and goes on. */
  audited(book: ControlBook, numberOf: (stream: object) => number): AuditedStream {
    this.#order.flush();
    this.#settle();
    const { keystreams } = this.#around;
    const control = book.of(this.flow.source.address, this.ssrc);
    const { zrtp, isZrtpCompleted, isDtlsSeen, isDtlsAgreed, isNullAgreed } = this.#signs;
    const isNullCipher = isNullAgreed || this.#signalled?.isNullCipher === true;
    const cutPackets = this.#lanes.reduce((sum, lane) => sum + lane.cutPackets, 0);
    const judgement = this.#asOrdered(
      judgeStream(this.#lanes, {
        signalled: this.#signalled,
        control,
        isZrtpSeen: zrtp !== undefined,
        isZrtpCompleted,
        isDtlsSeen,
        isDtlsAgreed,
        isNullCipher,
        cutPackets,
        key: this.#openings[0]?.key,
      }),
    );
    const reuse = keystreams.of(this);
    const reused = reuse && { other: numberOf(reuse.other), packets: reuse.packets, first: reuse.first };
    const tones = this.#audio?.digits();
    const events = this.#lanes.filter(({ events: { digits } }) => digits !== '');
    return {
      ...this.#statistics.report(),
      flow: this.flow,
      ...judgement,
      codec: this.#mainLane()?.codec?.name,
      cutPackets,
      key: this.#openings[0]?.key,
      openings: this.#openings satisfies readonly Opening[],
      audio: this.#audio?.summary(),
      noisePeaks: this.#isNoiseDrawn ? this.#noise.peaks() : undefined,
      digits: [
        ...events.map(({ events: { digits, places } }) => ({ how: 'rfc4733', digits, places }) as const),
        ...(tones === undefined || tones.digits === '' ? [] : [{ how: 'in-band-tones', ...tones } as const]),
      ],
      control,
      zrtp,
      zrtpCompleted: isZrtpCompleted,
      dtls: isDtlsSeen,
      isNullCipher,
      keystreamReuse: reuse?.isShown === true ? reused : undefined,
      numbersUsedAgain: reuse?.isShown === false ? reused : undefined,
    };
  }

  /** What goes in no order is not shown to be SRTP, which needs one (RFC 3711 §3.3.1); what was heard or opened was. */
  #asOrdered(judgement: StreamJudgement): StreamJudgement {
    const { state } = judgement;
    if (state === 'clear' || state === 'opened' || this.isInOrder) return judgement;
    const { packets } = this;
    const because = this.#isMixed
      ? `${packets} packets look like RTP, but of more SSRCs than a sender has`
      : `${packets} packets look like RTP, but go in no order`;
    return { ...judgement, state: 'unknown', because };
  }

  /** Nothing more comes: gives back what it holds. */
  close(): void {
    for (const lane of this.#lanes) lane.close();
    this.#opener?.close();
  }

  #settle(): void {
    for (const lane of this.#lanes) lane.settle();
    if (this.#lanes.some(({ held }) => held.length > 0)) {
      this.#wantsKeys = 'all';
      this.#tryKeys();
      for (const lane of this.#lanes) lane.settle();
    }
  }

  #laneOf(payloadType: number): PayloadLane {
    const known = this.#lanes.find((lane) => lane.payloadType === payloadType);
    if (known !== undefined) return known;
    const last = this.#lanes.at(-1);
    if (last !== undefined && this.#lanes.length >= MOST_LANES) return last;
    const lane = new PayloadLane(this, payloadType, this.#codecOf(payloadType), this.#around.held);
    this.#lanes.push(lane);
    return lane;
  }

  #codecOf(payloadType: number): PayloadCodec | undefined {
    return fixedCodec(payloadType) ?? this.#signalled?.codecs.get(payloadType);
  }

  /** The lane of the voice with the most packets. */
  #mainLane(): PayloadLane | undefined {
    const packets = ({ parts }: PayloadLane) => parts.reduce((sum, part) => sum + part.packets, 0);
    const voices = this.#lanes.filter(({ codec }) => codec?.kind === 'voice');
    return (voices.length > 0 ? voices : this.#lanes).toSorted((a, b) => packets(b) - packets(a))[0];
  }

  #failed(): void {
    this.#failures++;
    if (this.#failures !== this.#triesAtFailure) return;
    this.#triesAtFailure *= 4;
    this.#opener?.forget();
    this.#wantsKeys = 'all';
  }

  #tryKeys(): void {
    const wanted = this.#wantsKeys;
    const { crypto, tries, book } = this.#around;
    const lane = this.#lanes.toSorted((a, b) => b.held.length - a.held.length)[0];
    if (crypto === undefined || lane === undefined || lane.held.length === 0) return;
    this.#wantsKeys = 'no';
    const loose = wanted === 'all' ? book.looseKeys(this.flow.source, this.flow.destination) : [];
    if (wanted === 'all') this.#looseVersion = book.version;
    if (this.#fittingKeys.length + loose.length === 0) return;
    this.#opener ??= new SrtpOpener(crypto, tries, this.ssrc);
    const opener = this.#opener;
    const found =
      opener.tryKeys(this.#fittingKeys, lane.held, true, isDecrypted) ||
      opener.tryKeys(loose, lane.held, false, isDecrypted, lane.allParts.at(-1)?.extra);
    if (!found) return;
    for (const one of this.#lanes) one.reconsider();
  }

  #countOpening(key: MediaKey, place: PacketPlace): void {
    const last = this.#openings.at(-1);
    const opening = last?.key === key ? last : this.#openings.find((one) => one.key === key);
    if (opening !== undefined) {
      opening.packets++;
      opening.last = place;
    } else if (this.#openings.length < MOST_OPENINGS)
      this.#openings.push({ key, packets: 1, first: place, last: place });
  }
}

function isSeenPart({ content, isRead }: LanePart): boolean {
  return isRead || content === 'structured' || content === 'opened';
}

/** Whether payloads that no tag vouches for came out as something that no cipher leaves. */
function isDecrypted(packets: readonly Uint8Array[]): boolean {
  const counts = new OctetCounts();
  for (const packet of packets) if (header.read(packet)) counts.add(packet, header.payloadAt, packet.byteLength);
  return counts.total >= CHECKED_OCTETS && Math.abs(counts.deviation) > CHECKED_DEVIATION;
}

/** The greatest magnitude of the first octets, as mu-law decodes them. */
function loudest(octets: Uint8Array, from: number): number {
  let least = 0x7f;
  const to = Math.min(octets.byteLength, from + DRAWN_OCTETS);
  for (let at = from; at < to; at++) {
    const magnitude = (octets[at] as number) & 0x7f;
    if (magnitude < least) least = magnitude;
  }
  const exponent = (~least >> 4) & 7;
  return ((0x84 + ((~least & 0x0f) << 3)) << exponent) - 0x84;
}
