import { Deadlines } from '@trustline/base';
import type { RtpRejection } from './rejection.ts';
import { parseRtcpCompound, type ReportBlock, type RtcpPacket, serializeRtcpCompound } from './rtcp.ts';
import { rtcpInterval } from './rtcp-interval.ts';
import { middleOf, ntpTimestampOf, SourceStatistics } from './source-statistics.ts';

export interface RtcpSessionOptions {
  readonly ssrc: number;
  /** CNAME of the source description, at most 255 octets (RFC 7022 recommends a random one). */
  readonly canonicalName: string;
  readonly clockRate: number;
  /** Unix time in milliseconds when the monotonic clock read 0; it dates our sender reports. */
  readonly unixTimeAtZero: number;
  /** Monotonic milliseconds at which the session begins. */
  readonly startedAt: number;
  /** Bits per second, headers included; 80,000 (G.711 in 20 ms packets) by default. */
  readonly sessionBandwidth?: number;
  readonly random: (length: number) => Uint8Array;
}

export type RtcpSessionOutput =
  /** A compound packet to protect and send. */
  | { readonly kind: 'transmit'; readonly packet: Uint8Array }
  /** The far end said goodbye; `reason` is its text, empty for none. */
  | { readonly kind: 'goodbye'; readonly ssrc: number; readonly reason: string };

/** The two directions of a call as the statistics know them. */
export interface MediaStatistics {
  readonly packetsSent: number;
  /** Of payload, as RFC 3550 §6.4.1 counts. */
  readonly octetsSent: number;
  readonly packetsReceived: number;
  /** Never below 0. */
  readonly packetsLost: number;
  /** Lost share of what was sent to us, 0 to 1. */
  readonly lossRatio: number;
  readonly jitterMilliseconds: number;
  /** Undefined until the far end has answered a sender report of ours. */
  readonly roundTripMilliseconds: number | undefined;
  /** What the far end last reported about our packets; undefined before its first report. */
  readonly remoteLossRatio: number | undefined;
  readonly remoteJitterMilliseconds: number | undefined;
}

/** Sources kept at a time; the one silent longest goes first. A call has one, a few after transfers. */
const MAXIMUM_SOURCES = 16;
/** One report block a source, as many as the five-bit count allows. */
const MAXIMUM_REPORT_BLOCKS = 31;
const UDP_AND_IP_OCTETS = 28;
const CNAME = 1;

interface Source {
  readonly statistics: SourceStatistics;
  heardAt: number;
  /** Heard since our last report. */
  active: boolean;
}

/**
 * RTCP of one session (RFC 3550 §6): counts what is sent and received, reports on it at randomised intervals, and
 * reads the far end's reports. Feed it with plain RTP and RTCP; it neither encrypts nor opens sockets.
 */
export class RtcpSession {
  readonly #options: RtcpSessionOptions;
  readonly #sources = new Map<number, Source>();
  readonly #deadlines = new Deadlines<'report'>();
  readonly #outputs: RtcpSessionOutput[] = [];
  #current: Source | undefined;
  #packetsSent = 0;
  #octetsSent = 0;
  #lastSent: { readonly at: number; readonly timestamp: number } | undefined;
  /** Reports since we last sent RTP: after two of them we are no sender any more (§6.3.8). */
  #reportsSinceSent = 2;
  #averagePacketLength = 100;
  #lastReportAt: number;
  #initial = true;
  #left = false;
  #roundTrip: number | undefined;
  #remote: ReportBlock | undefined;

  constructor(options: RtcpSessionOptions) {
    this.#options = options;
    this.#lastReportAt = options.startedAt;
    this.#deadlines.set('report', options.startedAt + this.#interval());
  }

  /** `timestamp` and payload length of an RTP packet that goes out now. */
  handleSent(now: number, timestamp: number, payloadLength: number): void {
    this.#packetsSent++;
    this.#octetsSent += payloadLength;
    this.#reportsSinceSent = 0;
    this.#lastSent = { at: now, timestamp };
  }

  /** An RTP packet that came in; returns whether its source is valid and the packet counts (RFC 3550 A.1). */
  handleReceived(now: number, ssrc: number, sequenceNumber: number, timestamp: number): boolean {
    let source = this.#sources.get(ssrc);
    if (source === undefined) {
      if (this.#sources.size >= MAXIMUM_SOURCES) this.#forgetSilent();
      const statistics = new SourceStatistics(ssrc, sequenceNumber, this.#options.clockRate);
      source = { statistics, heardAt: now, active: false };
      this.#sources.set(ssrc, source);
    }
    source.heardAt = now;
    const counted = source.statistics.handlePacket(now, sequenceNumber, timestamp);
    if (counted) {
      source.active = true;
      this.#current = source;
    }
    return counted;
  }

  /** One compound packet, decrypted. Returns what it held, or why it is refused. */
  handleRtcp(now: number, compound: Uint8Array): readonly RtcpPacket[] | RtpRejection {
    const packets = parseRtcpCompound(compound);
    if (typeof packets === 'string') return packets;
    this.#noteLength(compound.byteLength);
    for (const packet of packets) {
      if (packet.kind === 'sender-report') {
        this.#sources.get(packet.ssrc)?.statistics.handleSenderReport(now, packet.ntp);
      }
      if (packet.kind === 'sender-report' || packet.kind === 'receiver-report') {
        for (const report of packet.reports) this.#handleReport(now, report);
      }
      if (packet.kind === 'goodbye') this.#handleGoodbye(packet.sources, packet.reason);
    }
    return packets;
  }

  /** Call when `nextDeadline` has passed, then poll. */
  handleTimeout(now: number): void {
    if (this.#deadlines.takeDue(now) === undefined) return;
    // Timer reconsideration: the interval is drawn again, and only if it has passed too is the report sent (§6.3.6).
    const next = this.#lastReportAt + this.#interval();
    if (next > now) {
      this.#deadlines.set('report', next);
      return;
    }
    this.#transmit([...this.#report(now), this.#description()]);
    this.#lastReportAt = now;
    this.#initial = false;
    this.#reportsSinceSent++;
    this.#deadlines.set('report', now + this.#interval());
  }

  /** Ends the session with a goodbye, once; in a session as small as a call it need not wait (§6.3.7). */
  leave(now: number, reason?: string): void {
    if (this.#left) return;
    this.#left = true;
    this.#deadlines.clearAll();
    const text = reason === undefined ? undefined : new TextEncoder().encode(reason).subarray(0, 255);
    this.#transmit([
      ...this.#report(now),
      this.#description(),
      { kind: 'goodbye', sources: [this.#options.ssrc], reason: text },
    ]);
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): RtcpSessionOutput | undefined {
    return this.#outputs.shift();
  }

  statistics(): MediaStatistics {
    const received = this.#current?.statistics;
    const lost = Math.max(0, received?.lost ?? 0);
    return {
      packetsSent: this.#packetsSent,
      octetsSent: this.#octetsSent,
      packetsReceived: received?.received ?? 0,
      packetsLost: lost,
      lossRatio: received === undefined || received.expected === 0 ? 0 : lost / received.expected,
      jitterMilliseconds: received?.jitterMilliseconds ?? 0,
      roundTripMilliseconds: this.#roundTrip,
      remoteLossRatio: this.#remote === undefined ? undefined : this.#remote.fractionLost / 256,
      remoteJitterMilliseconds:
        this.#remote === undefined ? undefined : (this.#remote.jitter * 1000) / this.#options.clockRate,
    };
  }

  #handleReport(now: number, report: ReportBlock): void {
    if (report.ssrc !== this.#options.ssrc) return;
    this.#remote = report;
    if (report.lastSenderReport === 0) return;
    // A − LSR − DLSR in units of 1/65,536 s, modulo 2^32 (§6.4.1); a negative one comes from a wrong clock.
    const arrival = middleOf(this.#ntp(now));
    const units = (arrival - report.lastSenderReport - report.delaySinceLastSenderReport) | 0;
    if (units >= 0) this.#roundTrip = units / 65.536;
  }

  #handleGoodbye(sources: readonly number[], reason: Uint8Array | undefined): void {
    const text = reason === undefined ? '' : new TextDecoder().decode(reason);
    for (const ssrc of sources) {
      if (!this.#sources.delete(ssrc)) continue; // its figures stay readable, its reports end
      this.#outputs.push({ kind: 'goodbye', ssrc, reason: text });
    }
  }

  #report(now: number): readonly RtcpPacket[] {
    const reports: ReportBlock[] = [];
    for (const source of this.#sources.values()) {
      if (!source.active || reports.length === MAXIMUM_REPORT_BLOCKS) continue;
      source.active = false;
      reports.push(source.statistics.takeReport(now));
    }
    const { ssrc, clockRate } = this.#options;
    const extension = new Uint8Array(0);
    if (this.#lastSent === undefined || this.#reportsSinceSent >= 2) {
      return [{ kind: 'receiver-report', ssrc, reports, extension }];
    }
    // The RTP timestamp of this very instant, also when nothing is sampled now (§6.4.1).
    const elapsed = Math.round(((now - this.#lastSent.at) * clockRate) / 1000);
    return [
      {
        kind: 'sender-report',
        ssrc,
        ntp: this.#ntp(now),
        rtpTimestamp: (this.#lastSent.timestamp + elapsed) % 0x1_0000_0000,
        packetCount: this.#packetsSent % 0x1_0000_0000,
        octetCount: this.#octetsSent % 0x1_0000_0000,
        reports,
        extension,
      },
    ];
  }

  #description(): RtcpPacket {
    const value = new TextEncoder().encode(this.#options.canonicalName).subarray(0, 255);
    return { kind: 'source-description', chunks: [{ ssrc: this.#options.ssrc, items: [{ type: CNAME, value }] }] };
  }

  #transmit(packets: readonly RtcpPacket[]): void {
    const packet = serializeRtcpCompound(packets);
    this.#noteLength(packet.byteLength);
    this.#outputs.push({ kind: 'transmit', packet });
  }

  #noteLength(length: number): void {
    this.#averagePacketLength += (length + UDP_AND_IP_OCTETS - this.#averagePacketLength) / 16;
  }

  #interval(): number {
    const [high = 0, low = 0] = this.#options.random(2);
    const weAreSender = this.#reportsSinceSent < 2;
    const remoteSenders = [...this.#sources.values()].filter((source) => source.active).length;
    return rtcpInterval({
      members: 1 + this.#sources.size,
      senders: remoteSenders + (weAreSender ? 1 : 0),
      sessionBandwidth: this.#options.sessionBandwidth ?? 80_000,
      weAreSender,
      averagePacketLength: this.#averagePacketLength,
      initial: this.#initial,
      random: (high * 256 + low) / 0x10000,
    });
  }

  #ntp(now: number) {
    return ntpTimestampOf(this.#options.unixTimeAtZero + now);
  }

  #forgetSilent(): void {
    let silent: Source | undefined;
    for (const source of this.#sources.values()) {
      if (silent === undefined || source.heardAt < silent.heardAt) silent = source;
    }
    if (silent !== undefined) this.#sources.delete(silent.statistics.ssrc);
  }
}
