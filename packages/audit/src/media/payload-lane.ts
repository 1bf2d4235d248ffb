import { BitCounts, OctetCounts } from '../signal/uniformity.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { Companding } from './companding.ts';
import { EventDigits } from './event-digits.ts';
import { type DoubtfulPackets, FRAMES, FrameEvidence } from './frame-evidence.ts';
import { areFramedAlike, ExtraCounts, Framing, usualExtra } from './framing.ts';
import { HeldPackets, type HoldingBudget } from './held-packets.ts';
import type { MediaDecoder } from './media-decoder.ts';
import { PacketHeader } from './packet-header.ts';
import { namedCodec, type PayloadCodec, WELL_COMPRESSED } from './payload-codec.ts';
import { PayloadTail } from './payload-tail.ts';
import type { OpenKey } from './srtp-opener.ts';

/** What the octets of payloads show. */
export type Content =
  /** A pattern: no cipher made them. */
  | 'structured'
  /** As even as a cipher's. */
  | 'even'
  /** Too few to tell. */
  | 'undetermined'
  /** A key opened them. */
  | 'opened';

/** A run of packets of one payload type that show the same. */
export interface LanePart {
  readonly content: Content;
  /** Octets that each has more than its codec makes; undefined where that is not known or not the same. */
  readonly extra: number | undefined;
  /** Decoded, or read as events. */
  readonly isRead: boolean;
  /** The codec whose frames they are, where the form of each frame shows it. */
  readonly frames: string | undefined;
  packets: number;
  readonly first: PacketPlace;
  last: PacketPlace;
}

/** A decoder of octets that are a sample each. */
export type SampleOctets = MediaDecoder & { readonly law: Companding };

/** What a lane needs of its stream. */
export interface LaneOwner {
  /** Makes a decoder, where there is one. */
  decoder(codec: PayloadCodec): MediaDecoder | undefined;
  /** Takes decoded samples. */
  samples(lane: PayloadLane, timestamp: number, sampleRate: number, samples: Int16Array, place: PacketPlace): void;
  /** Takes octets from `from` to `to` that are a sample each. */
  sampleOctets(
    lane: PayloadLane,
    timestamp: number,
    decoder: SampleOctets,
    octets: Uint8Array,
    from: number,
    to: number,
    place: PacketPlace,
  ): void;
  /** How many samples are missing before this timestamp. */
  missing(timestamp: number): number;
  /** A packet whose content is even. */
  even(octets: Uint8Array, payloadAt: number, extended: number, place: PacketPlace): void;
  /** It has looked at some packets: keys may be tried now. */
  judged(lane: PayloadLane, content: Content): void;
  /** Opens a packet that was held, if a key does. */
  reopen(lane: PayloadLane, octets: Uint8Array, place: PacketPlace): boolean;
  /** Whether signalling says that nothing is encrypted. */
  readonly expectsClear: boolean;
}

/** Packets after which is judged, again and again. */
const WINDOW = 8;
/** Packets of a well compressed codec whose first bits have to be counted before they pass for even. */
const BIT_PACKETS = 40;
/** Windows without a result that are put together; then it is begun again. */
const MOST_WINDOWS = 64;
const MOST_PARTS = 64;
/** Of packets that are decoded one in so many is counted, to see whether they stay what they were. */
const SAMPLED = 4;
const SAMPLED_PACKETS = 128;
/** Standard deviations. Of a cipher's output one judgement in 10^11 is called structured. */
const STRUCTURED = 7;
const STRUCTURED_BITS = 6.8;
const EVEN = 5;
const EVEN_BITS = 6;
/** Octets without which nothing is said. */
const FEWEST_OCTETS = 160;
/** Octets that are held back of one payload type at the most. */
const MOST_HELD = 512 * 1024;
/** Packets that have to agree on a digit where nothing said that they are events. */
const AGREEING = 2;

/** Of packets that were held. */
const heldHeader = new PacketHeader();

/** The packets of one payload type of a stream: what they show, and what is read of them. */
export class PayloadLane {
  readonly payloadType: number;
  readonly parts: LanePart[] = [];
  readonly events = new EventDigits();
  readonly #owner: LaneOwner;
  readonly #held: HeldPackets;
  readonly #octets = new OctetCounts();
  readonly #bits = new BitCounts();
  readonly #extras = new ExtraCounts();
  readonly #tail = new PayloadTail();
  #codec: PayloadCodec | undefined;
  #framing: Framing;
  #decoder: MediaDecoder | undefined;
  /** Set while packets are decoded as they come: what each is longer by. */
  #flowing: { readonly extra: number | undefined; readonly part: LanePart } | undefined;
  #windowPackets = 0;
  #windowFirst: PacketPlace | undefined;
  #windowLast: PacketPlace | undefined;
  #windows = 0;
  #sampling = 0;
  /** What the last packet that was held may be longer by; undefined where that is not known. */
  #framedAs: readonly number[] | undefined;
  #evidence: FrameEvidence;
  /** The most of it in the window. */
  #mostEvidence = 0;
  #flowBeginning = -1;
  /** Packets, of those that are decoded, that began as the one before. */
  #repeatedBeginnings = 0;
  /** Octets of the shortest and the longest payload. */
  shortest = Number.POSITIVE_INFINITY;
  longest = 0;
  cutPackets = 0;

  constructor(owner: LaneOwner, payloadType: number, codec: PayloadCodec | undefined, budget: HoldingBudget) {
    this.#owner = owner;
    this.payloadType = payloadType;
    this.#codec = codec;
    this.#framing = new Framing(codec);
    this.#evidence = new FrameEvidence(codec);
    this.#held = new HeldPackets(budget, MOST_HELD);
  }

  get codec(): PayloadCodec | undefined {
    return this.#codec;
  }

  /** Packets that are held back. */
  get held(): HeldPackets {
    return this.#held;
  }

  /** What the last packets show. */
  get content(): Content | undefined {
    return this.#flowing === undefined ? this.parts.at(-1)?.content : 'structured';
  }

  /** Signalling names the codec: what is held is looked at anew. */
  learn(codec: PayloadCodec): void {
    if (this.#codec?.name === codec.name && this.#codec.clockRate === codec.clockRate) return;
    this.#codec = codec;
    this.#framing = new Framing(codec);
    this.#evidence = new FrameEvidence(codec);
    this.#flowing = undefined;
    this.#decoder?.close();
    this.#decoder = undefined;
    this.reconsider();
  }

  /** Takes what is held as if it came now. */
  reconsider(): void {
    this.#uncount(this.#held.length);
    this.#beginWindow();
    this.#held.release((octets, extended, place, isCut) => {
      if (!isCut && this.#owner.reopen(this, octets, place)) return;
      if (heldHeader.read(octets)) this.raw(heldHeader, octets, extended, place, isCut);
    });
  }

  /** A packet that no key opened. */
  raw(header: PacketHeader, octets: Uint8Array, extended: number, place: PacketPlace, isCut: boolean): void {
    const codec = this.#codec;
    if (isCut) this.cutPackets++;
    if (codec === undefined || codec.kind !== 'voice') {
      if (this.#event(header, octets, place, codec)) return;
    }
    const { payloadAt } = header;
    const end = header.payloadEnd(octets, octets.byteLength);
    const length = end - payloadAt;
    this.shortest = Math.min(this.shortest, length);
    this.longest = Math.max(this.longest, length);
    if (!isCut) this.#framing.next(extended, header.timestamp, length);
    const flowing = this.#flowing;
    if (flowing !== undefined) {
      if (isCut || this.#continues(flowing.extra)) {
        this.#flow(header, octets, flowing, place);
        return;
      }
      this.#flowing = undefined;
      this.#beginWindow();
    }
    this.#hold(octets, payloadAt, end, header.timestamp, extended, place, isCut);
  }

  /** A packet that a key opened: `length` octets of it are left. */
  open(header: PacketHeader, octets: Uint8Array, length: number, place: PacketPlace, { isClear }: OpenKey): void {
    const end = header.payloadEnd(octets, length);
    const { payloadAt, timestamp } = header;
    const codec = this.#codec;
    const isEvent = codec === undefined || codec.kind === 'telephone-event';
    const isRead =
      (isEvent &&
        this.events.handle(timestamp, octets.subarray(payloadAt, end), place, codec === undefined ? AGREEING : 1)) ||
      this.#decode(timestamp, octets, payloadAt, end, place);
    this.#count(isClear ? 'structured' : 'opened', undefined, isRead, 1, place, place);
  }

  /** Judges what is there, for nothing more may come. What tells nothing yet is left to what comes. */
  settle(): void {
    if (this.#flowing === undefined && this.#windowPackets > 0) this.#judge(true);
  }

  /** What all packets show, those of which nothing can be told yet among them. */
  get allParts(): readonly LanePart[] {
    const first = this.#windowFirst;
    const last = this.#windowLast;
    const packets = this.#windowPackets;
    if (packets === 0 || first === undefined || last === undefined) return this.parts;
    const waiting = {
      content: 'undetermined',
      extra: this.#windowExtra,
      isRead: false,
      frames: undefined,
      packets,
      first,
      last,
    } as const;
    return [...this.parts, waiting];
  }

  close(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#held.giveUp();
  }

  /** Whether it was an event, or accompanies others: then there is nothing to judge by its octets. */
  #event(header: PacketHeader, octets: Uint8Array, place: PacketPlace, codec: PayloadCodec | undefined): boolean {
    if (codec?.kind === 'comfort-noise') return false;
    const payload = octets.subarray(header.payloadAt, header.payloadEnd(octets, octets.byteLength));
    const isRead = this.events.handle(header.timestamp, payload, place, codec === undefined ? AGREEING : 1);
    if (isRead) this.#count('structured', 0, true, 1, place, place);
    return isRead;
  }

  #continues(extra: number | undefined): boolean {
    return extra === undefined || !this.#framing.isKnown || this.#framing.extras.includes(extra);
  }

  /** Decodes a packet of those that are known to be in the clear. */
  #flow(
    header: PacketHeader,
    octets: Uint8Array,
    { extra, part }: { readonly extra: number | undefined; readonly part: LanePart },
    place: PacketPlace,
  ): void {
    const { payloadAt, timestamp } = header;
    const end =
      extra !== undefined && extra > 0 ? octets.byteLength - extra : header.payloadEnd(octets, octets.byteLength);
    this.#decode(timestamp, octets, payloadAt, end, place);
    part.packets++;
    part.last = place;
    const beginning = octets[payloadAt] ?? -1;
    if (beginning === this.#flowBeginning) this.#repeatedBeginnings++;
    this.#flowBeginning = beginning;
    // With a tag behind it what is in the clear now may be encrypted next, and look no different.
    const isSuspicious = extra !== 0;
    this.#sampling++;
    if (!isSuspicious && this.#sampling % SAMPLED !== 0) return;
    this.#octets.add(octets, payloadAt, octets.byteLength);
    if (this.#sampling < (isSuspicious ? WINDOW : SAMPLED_PACKETS)) return;
    const isChanged = this.#codec?.lengths === undefined && this.#repeatedBeginnings === 0;
    const isEven = this.#verdict(extra) === 'even' || (isChanged && this.#isWellCompressed);
    this.#beginWindow();
    if (!isEven) return;
    this.#flowing = undefined;
    this.#evidence.forget();
  }

  #decode(timestamp: number, octets: Uint8Array, from: number, to: number, place: PacketPlace): boolean {
    const codec = this.#codec;
    if (codec === undefined || codec.kind !== 'voice' || to <= from) return false;
    this.#decoder ??= this.#owner.decoder(codec);
    const decoder = this.#decoder;
    if (decoder === undefined) return false;
    if (areSampleOctets(decoder)) {
      this.#owner.sampleOctets(this, timestamp, decoder, octets, from, to, place);
      return true;
    }
    const missing = this.#owner.missing(timestamp);
    if (missing > 0) decoder.lost(missing);
    const samples = decoder.decode(octets.subarray(from, to));
    if (samples === undefined) return false;
    this.#owner.samples(this, timestamp, decoder.sampleRate, samples, place);
    return true;
  }

  #hold(
    octets: Uint8Array,
    payloadAt: number,
    end: number,
    timestamp: number,
    extended: number,
    place: PacketPlace,
    isCut: boolean,
  ): void {
    if (!isCut) {
      // The time of the packet before is known only now; where this one is framed otherwise they are judged apart.
      if (this.#windowPackets > 0) {
        const { settled } = this.#framing;
        this.#extras.add(settled);
        if (settled !== undefined && settled.length > 0) this.#framedAs = settled;
      }
      if (this.#isFramedAnew()) {
        this.#judge(true, true);
        this.#flowing = undefined;
        this.#evidence.forget();
        this.#beginWindow();
      }
      this.#framedAs = this.#framing.isKnown ? this.#framing.extras : undefined;
    }
    if (this.#windowPackets === 0) this.#windowFirst = place;
    this.#windowLast = place;
    this.#windowPackets++;
    this.#held.hold(octets, extended, place, isCut);
    this.#octets.add(octets, payloadAt, end);
    if (this.#codec?.lengths !== undefined) this.#tail.add(octets, end);
    if (this.#isWellCompressed) this.#bits.add(octets, payloadAt, end);
    if (this.parts.at(-1)?.content === 'even') this.#owner.even(octets, payloadAt, extended, place);
    const evidence = this.#evidence;
    evidence.next(octets, payloadAt, end - payloadAt, timestamp, extended);
    if (evidence.doubtful !== undefined) this.#doubt(evidence.doubtful);
    const isSureNow = this.#mostEvidence < FRAMES && evidence.bits >= FRAMES;
    this.#mostEvidence = Math.max(this.#mostEvidence, evidence.bits);
    if (isSureNow) this.#passOver(this.#windowPackets - evidence.packets);
    if (isSureNow || this.#windowPackets % WINDOW === 0) this.#judge(false);
  }

  /** Some of the window may be in the clear: what the others are, they are not. */
  #doubt({ packets, after }: DoubtfulPackets): void {
    const counted = Math.min(packets, this.#windowPackets - after);
    if (counted <= 0) return;
    const [first, last] = [this.#placeOfHeld(after + counted), this.#placeOfHeld(after + 1)];
    if (first === undefined || last === undefined) return;
    this.#count('undetermined', undefined, false, counted, first, last);
    this.#windowPackets -= counted;
  }

  /** The first packets of the window are not of the kind that those after them are known to be. */
  #passOver(packets: number): void {
    const first = this.#windowFirst;
    const last = this.#placeOfHeld(this.#windowPackets - packets + 1);
    const begins = this.#placeOfHeld(this.#windowPackets - packets);
    if (packets <= 0 || first === undefined || last === undefined || begins === undefined) return;
    const before = this.parts.at(-1);
    const isEven = before?.content === 'even';
    this.#count(isEven ? 'even' : 'undetermined', isEven ? before.extra : undefined, false, packets, first, last);
    this.#windowPackets -= packets;
    this.#windowFirst = begins;
  }

  /** Of the packets that are held, counted from the last: where it stands in the capture. */
  #placeOfHeld(fromLast: number): PacketPlace | undefined {
    let at = this.#held.length - fromLast;
    let found: PacketPlace | undefined;
    this.#held.visit((_, __, place) => {
      if (at-- === 0) found = place;
    });
    return found;
  }

  #isFramedAnew(): boolean {
    const framing = this.#framing;
    if (this.#codec?.lengths === undefined || !framing.isKnown) return false;
    const before = this.#framedAs;
    return this.#windowPackets > 0 && before !== undefined && !areFramedAlike(before, framing.extras);
  }

  get #isWellCompressed(): boolean {
    return this.#telltaleOctets >= WELL_COMPRESSED;
  }

  get #telltaleOctets(): number {
    return this.#codec?.telltaleOctets ?? WELL_COMPRESSED;
  }

  get #isExpectedClear(): boolean {
    return this.#codec?.kind === 'voice' && this.#owner.expectsClear;
  }

  #verdict(extra: number | undefined): Content {
    this.#tail.leaveOut(this.#octets, extra ?? 0, 1);
    const deviation = Math.abs(this.#octets.deviation);
    this.#tail.leaveOut(this.#octets, extra ?? 0, -1);
    if (this.#mostEvidence >= FRAMES) return 'structured';
    const isCounted = this.#bits.packets >= BIT_PACKETS;
    if (this.#octets.total >= FEWEST_OCTETS && deviation > STRUCTURED) return 'structured';
    if (isCounted && this.#bits.deviation > STRUCTURED_BITS) return 'structured';
    if (this.#octets.total < this.#telltaleOctets || deviation > EVEN) return 'undetermined';
    if (!this.#isWellCompressed) return 'even';
    return isCounted && this.#bits.deviation < EVEN_BITS ? 'even' : 'undetermined';
  }

  /** Says what the packets of the window are; `isLast` where no more may come, `isOver` where what comes is framed otherwise. */
  #judge(isLast: boolean, isOver = false): void {
    const extra = this.#windowExtra;
    const verdict = this.#verdict(extra);
    const before = this.parts.at(-1);
    let content = verdict;
    // Noise is noise where signalling says that nothing is encrypted, and nothing is added to it.
    if (verdict === 'even' && extra === 0 && this.#isExpectedClear) content = 'structured';
    if (verdict === 'undetermined') {
      // A few more packets that do not speak against it are of what came before them.
      const isAsBefore = !this.#framing.isKnown || extra === before?.extra;
      if (isLast && before?.content === 'even' && isAsBefore) content = 'even';
      else if (isLast && this.#isExpectedClear && (extra === 0 || !this.#framing.isKnown)) content = 'structured';
      else if (!isOver && (isLast || ++this.#windows < MOST_WINDOWS)) {
        this.#owner.judged(this, content);
        return;
      }
    }
    const [packets, first, last] = [this.#windowPackets, this.#windowFirst, this.#windowLast];
    this.#beginWindow();
    if (first === undefined || last === undefined || packets === 0) return;
    const frames = content === 'structured' ? this.#evidence.codec : undefined;
    if (frames !== undefined) this.#codec ??= namedCodec(frames, frames === 'opus' ? 48_000 : 8_000);
    const isRead = content === 'structured' && this.#canDecode();
    this.#count(
      content,
      extra ?? (isLast && content === before?.content ? before.extra : undefined),
      isRead,
      packets,
      first,
      last,
      frames,
    );
    if (content === 'even' && before?.content !== 'even') this.#tellEven(packets);
    if (isRead) this.#drain(packets, extra);
    this.#owner.judged(this, content);
  }

  /** Of the latest packets that are held it is known now that nobody reads them. */
  #tellEven(packets: number): void {
    let before = this.#held.length - packets;
    this.#held.visit((octets, extended, place) => {
      if (before-- <= 0 && heldHeader.read(octets)) {
        this.#owner.even(octets, heldHeader.payloadAt, extended, place);
      }
    });
  }

  /** What the packets of the window are longer by; of a few what their lengths say. */
  get #windowExtra(): number | undefined {
    const { common } = this.#extras;
    if (common !== undefined || this.#extras.packets > 2) return common;
    return usualExtra(this.#framedAs ?? []);
  }

  #canDecode(): boolean {
    if (this.#codec === undefined || this.#codec.kind !== 'voice') return false;
    this.#decoder ??= this.#owner.decoder(this.#codec);
    return this.#decoder !== undefined;
  }

  /** Decodes the latest packets that are held, which were found to be in the clear; what was held before them stays. */
  #drain(packets: number, extra: number | undefined): void {
    const part = this.parts.at(-1);
    if (part === undefined) return;
    // Where the window is of no one mind, what comes last goes on.
    const flowing = { extra: extra ?? this.#framing.extras[0], part };
    let before = this.#held.length - packets;
    // They are counted by what decodes them; those that could not be held have been counted before.
    part.packets -= Math.min(packets, this.#held.length);
    this.#flowing = flowing;
    this.#held.release((octets, extended, place, isCut) => {
      if (before-- > 0) this.#held.hold(octets, extended, place, isCut);
      else if (heldHeader.read(octets)) this.#flow(heldHeader, octets, flowing, place);
    });
  }

  #beginWindow(): void {
    this.#octets.clear();
    this.#bits.clear();
    this.#extras.clear();
    this.#tail.clear();
    this.#mostEvidence = 0;
    this.#repeatedBeginnings = 0;
    this.#windowPackets = 0;
    this.#windowFirst = undefined;
    this.#windowLast = undefined;
    this.#windows = 0;
    this.#sampling = 0;
  }

  #count(
    content: Content,
    extra: number | undefined,
    isRead: boolean,
    packets: number,
    first: PacketPlace,
    last: PacketPlace,
    frames?: string,
  ): void {
    const isOf = (part: LanePart) =>
      part.content === content && part.extra === extra && part.isRead === isRead && part.frames === frames;
    const before = this.parts.at(-1);
    const part =
      before !== undefined && isOf(before)
        ? before
        : this.parts.length < MOST_PARTS
          ? undefined
          : (this.parts.find(isOf) ?? before);
    if (part === undefined) this.parts.push({ content, extra, isRead, frames, packets, first, last });
    else {
      part.packets += packets;
      part.last = last;
    }
  }

  /** So many packets, the latest of those that could not be read, are looked at again. */
  #uncount(packets: number): void {
    let left = packets - Math.min(packets, this.#windowPackets);
    for (let at = this.parts.length - 1; at >= 0 && left > 0; at--) {
      const part = this.parts[at] as LanePart;
      if (part.isRead || part.content === 'opened') continue;
      const taken = Math.min(left, part.packets);
      part.packets -= taken;
      left -= taken;
      if (part.packets === 0) this.parts.splice(at, 1);
    }
  }
}

function areSampleOctets(decoder: MediaDecoder): decoder is SampleOctets {
  return decoder.law !== undefined;
}
