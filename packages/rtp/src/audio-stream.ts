import { AudioPlayout, type PlayoutPayload, type PlayoutStatistics } from './audio-playout.ts';
import { type DtmfDigit, dtmfEventOf } from './dtmf.ts';
import { encodeALaw, encodeMuLaw } from './g711.ts';
import { RTP_HEADER_LENGTH, RtpHeaderView, writeRtpHeader } from './packet.ts';
import { type MediaStatistics, RtcpSession } from './rtcp-session.ts';
import { TelephoneEventReceiver } from './telephone-event-receiver.ts';
import { TelephoneEventSender } from './telephone-event-sender.ts';
import { estimateVoiceQuality } from './voice-quality.ts';

/** Samples of one frame: 20 ms at 8 kHz. */
export const FRAME_SAMPLES = 160;
/** Milliseconds between two calls of {@link AudioStream.frame}. */
export const FRAME_MILLISECONDS = 20;
/** Longest datagram read. */
export const MAXIMUM_DATAGRAM = 2_048;

const CLOCK_RATE = 8_000;

/** What protects the packets of a stream, with keys of its own kind: `MediaProtection` of `@trustline/srtp`. */
export interface PacketProtection<Keys> {
  /** Whether there are keys for both directions. */
  readonly isProtected: boolean;
  /** Whether there are keys to send with. */
  readonly canSend: boolean;
  /** Octets that protection adds to a packet at most. */
  readonly overhead: number;
  /** How many packets were refused, by why. */
  readonly rejections: Readonly<Record<string, number>>;
  useKeys(now: number, keys: Keys): void;
  /** Writes to `out` and returns the length. */
  protect(kind: 'rtp' | 'rtcp', packet: Uint8Array, out: Uint8Array): number;
  /** Writes to `out` and returns the length, or why the packet is refused. */
  unprotect(now: number, kind: 'rtp' | 'rtcp', packet: Uint8Array, out: Uint8Array): number | string;
  /** Clears the keys. */
  close(): void;
}

/** What both ends agreed on, for one stream of audio. */
export interface AudioAgreement<Keys> {
  readonly codec: 'PCMU' | 'PCMA';
  /** The number we send with; the far end's choice. */
  readonly payloadType: number;
  /** Payload types of telephone events: the far end's number and ours; undefined where an end takes none. */
  readonly telephoneEvents: { readonly send: number | undefined; readonly receive: number | undefined };
  /** What may come in, by the numbers of our own description. */
  readonly payloadTypes: ReadonlyMap<number, PlayoutPayload>;
  readonly sends: boolean;
  readonly receives: boolean;
  /** Keys, or `clear`: said, never defaulted. */
  readonly protection: 'clear' | Keys;
}

export interface AudioStreamOptions<Keys> {
  readonly protection: PacketProtection<Keys>;
  readonly random: (length: number) => Uint8Array;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Unix time in milliseconds when the monotonic clock read 0. */
  readonly unixTimeAtZero: number;
  /** Fills a frame with what is to be said. */
  readonly source: (frame: Int16Array) => void;
  /** Takes a frame of what is heard; the array is used again. */
  readonly sink: (frame: Int16Array) => void;
}

export type AudioStreamOutput =
  /** Send to the far end's RTP or RTCP port. */
  | { readonly kind: 'transmit'; readonly to: 'rtp' | 'rtcp'; readonly bytes: Uint8Array }
  /** A digit of the far end began. */
  | { readonly kind: 'digit'; readonly digit: DtmfDigit };

/** What the live line and the exit report show. */
export interface AudioStatistics extends MediaStatistics {
  readonly playout: PlayoutStatistics;
  readonly rejections: Readonly<Record<string, number>>;
  /** ITU-T G.107, from loss, delay and what the jitter buffer had to invent; undefined before anything was heard. */
  readonly meanOpinionScore: number | undefined;
}

/**
 * One direction pair of audio in a call, without I/O: every 20 ms {@link frame} sends a frame and plays one; datagrams
 * go in as they come. Encryption, events, RTCP and the jitter buffer are inside.
 */
export class AudioStream<Keys> {
  readonly #options: AudioStreamOptions<Keys>;
  readonly #protection: PacketProtection<Keys>;
  readonly #ssrc: number;
  readonly #rtcp: RtcpSession;
  readonly #digitsOut = new TelephoneEventSender({ clockRate: CLOCK_RATE, packetMilliseconds: FRAME_MILLISECONDS });
  readonly #digitsIn = new TelephoneEventReceiver({ clockRate: CLOCK_RATE });
  readonly #outputs: AudioStreamOutput[] = [];
  readonly #header = new RtpHeaderView();
  readonly #plain = new Uint8Array(MAXIMUM_DATAGRAM);
  readonly #packet = new Uint8Array(RTP_HEADER_LENGTH + FRAME_SAMPLES);
  readonly #said = new Int16Array(FRAME_SAMPLES);
  readonly #heard = new Int16Array(FRAME_SAMPLES);
  #agreement: AudioAgreement<Keys> | undefined;
  #playout: AudioPlayout;
  #sequenceNumber: number;
  #timestamp: number;
  /** The next packet is the first after silence (RFC 3551 §4.1). */
  #talkspurt = true;

  constructor(options: AudioStreamOptions<Keys>) {
    this.#options = options;
    this.#protection = options.protection;
    const random = new DataView(options.random(10).slice().buffer);
    this.#ssrc = random.getUint32(0);
    this.#timestamp = random.getUint32(4);
    // Below 2^15, so that the loss of the first packets cannot hide a rollover (RFC 3711 §3.3.1).
    this.#sequenceNumber = random.getUint16(8) >>> 1;
    this.#playout = this.#newPlayout(new Map());
    this.#rtcp = new RtcpSession({
      ssrc: this.#ssrc,
      // RFC 7022 §4.2: random for each session, so that a phone is not followed from call to call.
      canonicalName: Array.from(options.random(12), (octet) => octet.toString(16).padStart(2, '0')).join(''),
      clockRate: CLOCK_RATE,
      unixTimeAtZero: options.unixTimeAtZero,
      startedAt: options.startedAt,
      random: options.random,
    });
  }

  get isProtected(): boolean {
    return this.#agreement !== undefined && this.#agreement.protection !== 'clear' && this.#protection.isProtected;
  }

  /** Whether digits are being sent or wait. */
  get sendsDigits(): boolean {
    return this.#digitsOut.busy;
  }

  /** Takes what an offer and its answer came to; again after each re-offer. */
  agree(now: number, agreement: AudioAgreement<Keys>): void {
    const before = this.#agreement;
    this.#agreement = agreement;
    if (agreement.protection !== 'clear') this.#protection.useKeys(now, agreement.protection);
    if (String([...agreement.payloadTypes]) !== String([...(before?.payloadTypes ?? [])])) {
      this.#playout = this.#newPlayout(agreement.payloadTypes);
    }
    if (before?.sends !== agreement.sends) this.#talkspurt = true;
  }

  /** Queues digits `0-9*#A-D`; false, sending none, where the far end takes no telephone events or one is no digit. */
  sendDigits(digits: string): boolean {
    const events = Array.from(digits, dtmfEventOf);
    if (this.#agreement?.telephoneEvents.send === undefined || events.includes(undefined)) return false;
    for (const event of events) if (event !== undefined) this.#digitsOut.enqueue({ event });
    return true;
  }

  /**
   * Call for every 20 ms: sends one frame and plays one.
   *
   * @param due when the frame is due. What a stall has held up is called afterwards frame by frame, each for its own
   *   time, once the datagrams that came in meanwhile have been handed over
   * @param now when it is called
   */
  frame(due: number, now = due): void {
    this.#sendFrame(due);
    this.#playout.play(due, this.#heard);
    this.#options.sink(this.#heard);
    this.#timestamp = (this.#timestamp + FRAME_SAMPLES) % 0x1_0000_0000;
    if ((this.#rtcp.nextDeadline() ?? Number.POSITIVE_INFINITY) <= now) this.#rtcp.handleTimeout(now);
    if ((this.#digitsIn.nextDeadline() ?? Number.POSITIVE_INFINITY) <= now) this.#digitsIn.handleTimeout(now);
    this.#drain();
  }

  /**
   * A datagram has come in on the RTP or RTCP port. What is not part of the call is counted and dropped.
   *
   * @param unreadSince after a stall: when the port was last known to have nothing waiting
   */
  datagram(now: number, port: 'rtp' | 'rtcp', bytes: Uint8Array, unreadSince = now): void {
    const agreement = this.#agreement;
    if (agreement === undefined || bytes.byteLength > MAXIMUM_DATAGRAM) return;
    let packet = bytes;
    if (agreement.protection !== 'clear') {
      const length = this.#protection.unprotect(now, port, bytes, this.#plain);
      if (typeof length === 'string') return;
      packet = this.#plain.subarray(0, length);
    }
    if (port === 'rtcp') this.#rtcp.handleRtcp(now, packet);
    else this.#receive(now, agreement, packet, unreadSince);
    this.#drain();
  }

  poll(): AudioStreamOutput | undefined {
    return this.#outputs.shift();
  }

  statistics(now: number): AudioStatistics {
    const media = this.#rtcp.statistics();
    const playout = this.#playout.statistics(now);
    const late = media.packetsReceived === 0 ? 0 : playout.late / media.packetsReceived;
    const oneWayDelayMilliseconds =
      (media.roundTripMilliseconds ?? 0) / 2 + FRAME_MILLISECONDS + playout.delayMilliseconds;
    const lossRatio = Math.min(1, media.lossRatio + late);
    return {
      ...media,
      playout,
      rejections: this.#protection.rejections,
      meanOpinionScore:
        media.packetsReceived === 0
          ? undefined
          : estimateVoiceQuality({ oneWayDelayMilliseconds, lossRatio }).meanOpinionScore,
    };
  }

  /** Says goodbye by RTCP and clears the keys; poll once more for the goodbye. */
  close(now: number): void {
    if (this.#agreement !== undefined) {
      this.#rtcp.leave(now);
      this.#drain();
    }
    this.#agreement = undefined;
    this.#protection.close();
    this.#said.fill(0);
    this.#heard.fill(0);
  }

  #sendFrame(now: number): void {
    const agreement = this.#agreement;
    // What is said goes on while nobody may hear it: on hold the tape runs.
    this.#options.source(this.#said);
    if (agreement === undefined || !agreement.sends) return;
    const { send } = agreement.telephoneEvents;
    const event = send === undefined ? undefined : this.#digitsOut.next(this.#timestamp);
    if (event !== undefined && send !== undefined) {
      this.#send(now, event.marker, send, event.timestamp, event.payload);
      return;
    }
    const payload = this.#packet.subarray(RTP_HEADER_LENGTH);
    if (agreement.codec === 'PCMU') encodeMuLaw(this.#said, payload);
    else encodeALaw(this.#said, payload);
    this.#send(now, this.#talkspurt, agreement.payloadType, this.#timestamp, payload);
    this.#talkspurt = false;
  }

  #send(now: number, marker: boolean, payloadType: number, timestamp: number, payload: Uint8Array): void {
    writeRtpHeader(this.#packet, marker, payloadType, this.#sequenceNumber, timestamp, this.#ssrc);
    this.#packet.set(payload, RTP_HEADER_LENGTH);
    const packet = this.#packet.subarray(0, RTP_HEADER_LENGTH + payload.byteLength);
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.#rtcp.handleSent(now, timestamp, payload.byteLength);
    this.#transmit('rtp', packet);
  }

  #transmit(to: 'rtp' | 'rtcp', packet: Uint8Array): void {
    if (this.#agreement?.protection === 'clear') {
      this.#outputs.push({ kind: 'transmit', to, bytes: packet.slice() });
      return;
    }
    if (!this.#protection.canSend) return; // reports of a stream that is only received yet
    const out = new Uint8Array(packet.byteLength + this.#protection.overhead);
    const length = this.#protection.protect(to, packet, out);
    this.#outputs.push({ kind: 'transmit', to, bytes: out.subarray(0, length) });
  }

  #receive(now: number, agreement: AudioAgreement<Keys>, packet: Uint8Array, unreadSince: number): void {
    const header = this.#header;
    if (header.read(packet) !== undefined) return;
    this.#rtcp.handleReceived(now, header.ssrc, header.sequenceNumber, header.timestamp);
    if (!agreement.receives) return;
    const payload = packet.subarray(header.payloadOffset, header.payloadOffset + header.payloadLength);
    if (header.payloadType === agreement.telephoneEvents.receive) {
      this.#digitsIn.handlePacket(now, header.timestamp, payload);
      return;
    }
    const { payloadType, sequenceNumber, timestamp, marker } = header;
    this.#playout.handlePacket(now, payloadType, sequenceNumber, timestamp, marker, payload, unreadSince);
  }

  #drain(): void {
    for (let output = this.#rtcp.poll(); output !== undefined; output = this.#rtcp.poll()) {
      if (output.kind === 'transmit') this.#transmit('rtcp', output.packet);
    }
    for (let report = this.#digitsIn.poll(); report !== undefined; report = this.#digitsIn.poll()) {
      if (report.kind === 'event-started' && report.digit !== undefined) {
        this.#outputs.push({ kind: 'digit', digit: report.digit });
      }
    }
  }

  #newPlayout(payloadTypes: ReadonlyMap<number, PlayoutPayload>): AudioPlayout {
    return new AudioPlayout({ payloadTypes, frameSamples: FRAME_SAMPLES, random: this.#options.random });
  }
}
