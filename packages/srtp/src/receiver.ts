import type { SrtpCryptoProvider } from './crypto-provider.ts';
import { SrtpError } from './error.ts';
import { type ActiveKey, activateKeys, integerOption, profileNamed, type SrtpMasterKey } from './master-keys.ts';
import { overlapsUnaligned, readInt32, readUint16, readUint32, writeUint32 } from './octets.ts';
import { estimateIndex, ROLLOVER_COUNTER_LIMIT, SRTP_INDEX_LIMIT } from './packet-index.ts';
import { RTCP_INDEX_LENGTH, RTCP_SSRC_AT, RTP_SSRC_AT, rtcpClearLength, rtpClearLength } from './packet-layout.ts';
import type { SrtpProfile, SrtpProfileName } from './profiles.ts';
import { createRejectionCounts, type SrtpRejection, type SrtpRejectionCounts } from './rejection.ts';
import { DEFAULT_REPLAY_WINDOW, MAXIMUM_REPLAY_WINDOW, MINIMUM_REPLAY_WINDOW, ReplayWindow } from './replay-window.ts';
import { LARGEST_MAXIMUM_STREAMS } from './sender.ts';

/** SSRC one receiver keeps state for, unless an option says otherwise. */
export const DEFAULT_MAXIMUM_RECEIVER_STREAMS = 64;

export interface SrtpReceiverOptions {
  readonly profile: SrtpProfileName;
  /** For instance `nodeCrypto` of `@trustline/srtp/node`. */
  readonly crypto: SrtpCryptoProvider;
  /** One key, or several that differ in their MKI. */
  readonly masterKeys: readonly SrtpMasterKey[];
  /** Width of the replay window in packets, 64 to 32,768. Default 128. */
  readonly replayWindow?: number;
  /** SSRC kept at a time. Default 64. */
  readonly maximumStreams?: number;
  /**
   * What happens when an authentic packet brings one SSRC more: the SSRC authenticated least recently is
   * forgotten with its replay window (default), or the packet is refused with `ssrc-limit`. Only who holds the key
   * can bring SSRC, but what was recorded of a forgotten one would pass again: refuse where all SSRC are known.
   */
  readonly atMaximumStreams?: 'forget-least-recent' | 'refuse';
}

/** What is remembered about one SSRC; exists only once a packet of it was authenticated or its counter was set. */
class ReceiverStream {
  readonly rtp: ReplayWindow;
  readonly rtcp: ReplayWindow;
  firstRolloverCounter = 0;
  /** Position in the order of authentication, for choosing whom to forget. */
  lastAuthenticated: number;

  constructor(replayWindow: number, lastAuthenticated: number) {
    this.rtp = new ReplayWindow(replayWindow);
    this.rtcp = new ReplayWindow(replayWindow);
    this.lastAuthenticated = lastAuthenticated;
  }
}

const NO_TRAILER = new Uint8Array(0);

/** Receives the packets of one direction. @throws {SrtpError} srtp.invalid-option, naming the option */
export function createSrtpReceiver(options: SrtpReceiverOptions): SrtpReceiver {
  return new SrtpReceiver(options);
}

export class SrtpReceiver {
  readonly profile: SrtpProfile;
  /** Octets that `unprotect` removes from a packet: MKI and tag. */
  readonly rtpOverhead: number;
  /** Octets that `unprotectRtcp` removes: index, MKI and tag. */
  readonly rtcpOverhead: number;
  private readonly keys: readonly [ActiveKey, ...ActiveKey[]];
  private readonly mkiLength: number;
  private readonly streams = new Map<number, ReceiverStream>();
  private readonly maximumStreams: number;
  private readonly replayWindow: number;
  private readonly refuseAtMaximum: boolean;
  private readonly trailer = new Uint8Array(4);
  private readonly counts = createRejectionCounts();
  private authenticated = 0;
  private closed = false;

  constructor(options: SrtpReceiverOptions) {
    this.profile = profileNamed(options.profile);
    this.replayWindow = integerOption(
      'replayWindow',
      options.replayWindow ?? DEFAULT_REPLAY_WINDOW,
      MINIMUM_REPLAY_WINDOW,
      MAXIMUM_REPLAY_WINDOW,
      'RFC 3711 §3.3.2',
    );
    this.maximumStreams = integerOption(
      'maximumStreams',
      options.maximumStreams ?? DEFAULT_MAXIMUM_RECEIVER_STREAMS,
      1,
      LARGEST_MAXIMUM_STREAMS,
    );
    this.refuseAtMaximum = options.atMaximumStreams === 'refuse';
    this.keys = activateKeys(options.crypto, this.profile, options.masterKeys);
    this.mkiLength = this.keys[0].mki.byteLength;
    this.rtpOverhead = this.mkiLength + this.profile.rtpTagLength;
    this.rtcpOverhead = RTCP_INDEX_LENGTH + this.mkiLength + this.profile.rtcpTagLength;
  }

  /** How often each rejection was returned since the context was made. */
  get rejections(): Readonly<SrtpRejectionCounts> {
    return this.counts;
  }

  /** How many SSRC state is kept for. */
  get streamCount(): number {
    return this.streams.size;
  }

  /**
   * Writes the RTP packet to `out` and returns its length, or says why the packet was refused. A refused packet
   * changes nothing but its count. `out` may start at the same octet as `packet` or share no memory with it.
   *
   * @throws {SrtpError} srtp.overlapping-buffers; nothing else, whatever the network sent
   */
  unprotect(packet: Uint8Array, out: Uint8Array): number | SrtpRejection {
    // Peek: everything that can be known before authentication, changing nothing.
    if (this.closed) return this.reject('closed');
    refuseOverlap(packet, out);
    const end = packet.byteLength - this.rtpOverhead;
    const clearLength = rtpClearLength(packet, end);
    if (typeof clearLength === 'string') return this.reject(clearLength);
    if (out.byteLength < end) return this.reject('output-too-small');
    const key = this.keyOf(packet, end);
    if (key === undefined) return this.reject('unknown-mki');
    if (key.rtpPackets >= key.rtpLifetime) return this.reject('key-exhausted');
    const ssrc = readInt32(packet, RTP_SSRC_AT);
    const known = this.streams.get(ssrc);
    const index = indexOf(known, readUint16(packet, 2));
    if (index >= SRTP_INDEX_LIMIT) return this.reject('key-exhausted');
    const replay = known?.rtp.check(index);
    if (replay !== undefined) return this.reject(replay);

    // Verify: MAC over the packet as received and the rollover counter (RFC 3711 §4.2).
    writeUint32(this.trailer, 0, Math.floor(index / 0x10000));
    if (!key.rtp.tagMatches(packet, end, this.trailer, end + this.mkiLength)) {
      return this.reject('authentication-failed');
    }

    // Commit: only an authentic packet gets this far.
    const stream = known ?? this.addStream(ssrc);
    if (stream === undefined) return this.reject('ssrc-limit');
    stream.rtp.commit(index);
    stream.lastAuthenticated = ++this.authenticated;
    key.rtpPackets++;
    copyHead(packet, clearLength, out);
    key.rtp.crypt(packet, clearLength, end, out, ssrc, index);
    return end;
  }

  /**
   * Writes the RTCP packet to `out` and returns its length, or says why the packet was refused; as `unprotect`.
   *
   * @throws {SrtpError} srtp.overlapping-buffers
   */
  unprotectRtcp(packet: Uint8Array, out: Uint8Array): number | SrtpRejection {
    // Peek
    if (this.closed) return this.reject('closed');
    refuseOverlap(packet, out);
    const end = packet.byteLength - this.rtcpOverhead;
    const clearLength = rtcpClearLength(packet, end);
    if (typeof clearLength === 'string') return this.reject(clearLength);
    if (out.byteLength < end) return this.reject('output-too-small');
    const authenticatedEnd = end + RTCP_INDEX_LENGTH;
    const key = this.keyOf(packet, authenticatedEnd);
    if (key === undefined) return this.reject('unknown-mki');
    if (key.rtcpPackets >= key.rtcpLifetime) return this.reject('key-exhausted');
    const indexWord = readUint32(packet, end);
    if (indexWord < 0x8000_0000) return this.reject('not-encrypted');
    const index = indexWord - 0x8000_0000;
    const ssrc = readInt32(packet, RTCP_SSRC_AT);
    const known = this.streams.get(ssrc);
    const replay = known?.rtcp.check(index);
    if (replay !== undefined) return this.reject(replay);

    // Verify
    if (!key.rtcp.tagMatches(packet, authenticatedEnd, NO_TRAILER, authenticatedEnd + this.mkiLength)) {
      return this.reject('authentication-failed');
    }

    // Commit
    const stream = known ?? this.addStream(ssrc);
    if (stream === undefined) return this.reject('ssrc-limit');
    stream.rtcp.commit(index);
    stream.lastAuthenticated = ++this.authenticated;
    key.rtcpPackets++;
    copyHead(packet, clearLength, out);
    key.rtcp.crypt(packet, clearLength, end, out, ssrc, index);
    return end;
  }

  /** The rollover counter of the highest packet of this SSRC (or the one set), undefined for an SSRC never seen. */
  rolloverCounter(ssrc: number): number | undefined {
    const stream = this.streams.get(ssrc | 0);
    if (stream === undefined) return undefined;
    return stream.rtp.highest < 0 ? stream.firstRolloverCounter : Math.floor(stream.rtp.highest / 0x10000);
  }

  /**
   * Tells the rollover counter of a sender that was running before this receiver (RFC 3711 §3.3.1). For an SSRC
   * already received it only moves forward, since going back would open the replay window again.
   *
   * @throws {SrtpError} srtp.index-reused when it would go back, srtp.ssrc-limit, srtp.closed
   */
  setRolloverCounter(ssrc: number, rolloverCounter: number): void {
    if (this.closed) throw new SrtpError('srtp.closed', 'this receiver is closed and its keys are gone');
    integerOption('rolloverCounter', rolloverCounter, 0, ROLLOVER_COUNTER_LIMIT - 1, 'RFC 3711 §3.3.1');
    const stream = this.streams.get(ssrc | 0) ?? this.addStream(ssrc | 0);
    if (stream === undefined) {
      throw new SrtpError('srtp.ssrc-limit', `this receiver already keeps ${this.maximumStreams} SSRC`);
    }
    if (stream.rtp.highest < 0) {
      stream.firstRolloverCounter = rolloverCounter;
      return;
    }
    const highest = rolloverCounter * 0x10000 + (stream.rtp.highest % 0x10000);
    if (highest < stream.rtp.highest) {
      throw new SrtpError(
        'srtp.index-reused',
        'the rollover counter of an SSRC in use does not go back: packets received before would pass again',
        'RFC 3711 §3.3.2',
      );
    }
    stream.rtp.advance(highest);
  }

  /** Clears the keys. Packets that arrive afterwards are refused with `closed`. */
  close(): void {
    this.closed = true;
    this.streams.clear();
    for (const key of this.keys) key.close();
  }

  private reject(rejection: SrtpRejection): SrtpRejection {
    this.counts[rejection]++;
    return rejection;
  }

  /** The key whose MKI stands in the packet at `at`. An MKI is public: comparing it needs no constant time. */
  private keyOf(packet: Uint8Array, at: number): ActiveKey | undefined {
    for (const key of this.keys) {
      let i = 0;
      while (i < this.mkiLength && packet[at + i] === key.mki[i]) i++;
      if (i === this.mkiLength) return key;
    }
    return undefined;
  }

  private addStream(ssrc: number): ReceiverStream | undefined {
    if (this.streams.size >= this.maximumStreams) {
      if (this.refuseAtMaximum) return undefined;
      this.forgetLeastRecent();
    }
    const stream = new ReceiverStream(this.replayWindow, this.authenticated);
    this.streams.set(ssrc, stream);
    return stream;
  }

  private forgetLeastRecent(): void {
    let oldest = Number.POSITIVE_INFINITY;
    let oldestSsrc = 0;
    for (const [ssrc, stream] of this.streams) {
      if (stream.lastAuthenticated < oldest) {
        oldest = stream.lastAuthenticated;
        oldestSsrc = ssrc;
      }
    }
    this.streams.delete(oldestSsrc);
  }
}

function indexOf(stream: ReceiverStream | undefined, sequenceNumber: number): number {
  if (stream === undefined) return sequenceNumber;
  if (stream.rtp.highest < 0) return stream.firstRolloverCounter * 0x10000 + sequenceNumber;
  return estimateIndex(stream.rtp.highest, sequenceNumber);
}

function copyHead(packet: Uint8Array, length: number, out: Uint8Array): void {
  for (let i = 0; i < length; i++) out[i] = packet[i] as number;
}

function refuseOverlap(packet: Uint8Array, out: Uint8Array): void {
  if (overlapsUnaligned(packet, out)) {
    throw new SrtpError('srtp.overlapping-buffers', 'packet and out overlap but do not start at the same octet');
  }
}
