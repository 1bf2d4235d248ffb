import type { SrtpCryptoProvider } from './crypto-provider.ts';
import { SrtpError } from './error.ts';
import { type ActiveKey, activateKeys, integerOption, profileNamed, type SrtpMasterKey } from './master-keys.ts';
import { overlapsUnaligned, readInt32, readUint16, writeUint32 } from './octets.ts';
import { estimateIndex, ROLLOVER_COUNTER_LIMIT, SRTCP_INDEX_LIMIT, SRTP_INDEX_LIMIT } from './packet-index.ts';
import { RTCP_INDEX_LENGTH, RTCP_SSRC_AT, RTP_SSRC_AT, rtcpClearLength, rtpClearLength } from './packet-layout.ts';
import type { SrtpProfile, SrtpProfileName } from './profiles.ts';

/** SSRC one sender protects for, unless an option says otherwise. */
export const DEFAULT_MAXIMUM_SENDER_STREAMS = 64;
export const LARGEST_MAXIMUM_STREAMS = 1_000_000;

export interface SrtpSenderOptions {
  readonly profile: SrtpProfileName;
  /** For instance `nodeCrypto` of `@trustline/srtp/node`. */
  readonly crypto: SrtpCryptoProvider;
  /** One key, or several that differ in their MKI; the first is used until `useMasterKey` says otherwise. */
  readonly masterKeys: readonly SrtpMasterKey[];
  /** SSRC that may be sent; one more is refused, because forgetting one would use its indices again. Default 64. */
  readonly maximumStreams?: number;
}

/** What is remembered about one SSRC. */
interface SenderStream {
  /** Highest index protected, −1 before the first. */
  highestIndex: number;
  /** Rollover counter of the first packet. */
  firstRolloverCounter: number;
  nextRtcpIndex: number;
}

const NO_TRAILER = new Uint8Array(0);

/**
 * Protects the packets of one direction. Start sequence numbers below 2^15, so that the loss of the first packets
 * cannot hide a rollover from the receiver.
 *
 * @throws {SrtpError} srtp.invalid-option, naming the option
 */
export function createSrtpSender(options: SrtpSenderOptions): SrtpSender {
  return new SrtpSender(options);
}

export class SrtpSender {
  readonly profile: SrtpProfile;
  /** Octets that `protect` adds to a packet: MKI and tag. */
  readonly rtpOverhead: number;
  /** Octets that `protectRtcp` adds: index, MKI and tag. */
  readonly rtcpOverhead: number;
  private readonly keys: readonly ActiveKey[];
  private readonly streams = new Map<number, SenderStream>();
  private readonly maximumStreams: number;
  private readonly trailer = new Uint8Array(4);
  private key: ActiveKey;
  private closed = false;

  constructor(options: SrtpSenderOptions) {
    this.profile = profileNamed(options.profile);
    this.maximumStreams = integerOption(
      'maximumStreams',
      options.maximumStreams ?? DEFAULT_MAXIMUM_SENDER_STREAMS,
      1,
      LARGEST_MAXIMUM_STREAMS,
    );
    const keys = activateKeys(options.crypto, this.profile, options.masterKeys);
    this.keys = keys;
    this.key = keys[0];
    this.rtpOverhead = this.key.mki.byteLength + this.profile.rtpTagLength;
    this.rtcpOverhead = RTCP_INDEX_LENGTH + this.key.mki.byteLength + this.profile.rtcpTagLength;
  }

  /**
   * Writes the SRTP packet to `out` and returns its length, `packet.byteLength + rtpOverhead`. `out` may start at
   * the same octet as `packet` (protection in place) or share no memory with it.
   *
   * @throws {SrtpError} srtp.malformed-packet, srtp.buffer-too-small, srtp.overlapping-buffers, srtp.index-reused,
   *   srtp.key-lifetime-exhausted, srtp.ssrc-limit, srtp.closed; nothing was written then
   */
  protect(packet: Uint8Array, out: Uint8Array): number {
    const end = packet.byteLength;
    const clearLength = rtpClearLength(packet, end);
    this.refuseMisuse(packet, out, clearLength, this.rtpOverhead);
    const key = this.key;
    if (key.rtpPackets >= key.rtpLifetime) throw exhausted(key.rtpLifetime, 'SRTP');
    const ssrc = readInt32(packet, RTP_SSRC_AT);
    const known = this.streams.get(ssrc);
    const index = nextIndex(known, readUint16(packet, 2));
    const stream = known ?? this.addStream(ssrc);

    // The index is spent before the first octet is encrypted: whatever fails from here on, it is never used again.
    stream.highestIndex = index;
    key.rtpPackets++;
    copyHead(packet, clearLength, out);
    key.rtp.crypt(packet, clearLength, end, out, ssrc, index);
    writeUint32(this.trailer, 0, Math.floor(index / 0x10000));
    const tagAt = appendMki(key, out, end);
    key.rtp.writeTag(out, end, this.trailer, out, tagAt);
    return end + this.rtpOverhead;
  }

  /**
   * Writes the SRTCP packet to `out` and returns its length, `packet.byteLength + rtcpOverhead`. `packet` is one
   * compound packet; the SSRC of its first header owns the index.
   *
   * @throws {SrtpError} as `protect` does
   */
  protectRtcp(packet: Uint8Array, out: Uint8Array): number {
    const end = packet.byteLength;
    const clearLength = rtcpClearLength(packet, end);
    this.refuseMisuse(packet, out, clearLength, this.rtcpOverhead);
    const key = this.key;
    if (key.rtcpPackets >= key.rtcpLifetime) throw exhausted(key.rtcpLifetime, 'SRTCP');
    const ssrc = readInt32(packet, RTCP_SSRC_AT);
    const stream = this.streams.get(ssrc) ?? this.addStream(ssrc);
    const index = stream.nextRtcpIndex;
    if (index >= SRTCP_INDEX_LIMIT) throw exhausted(SRTCP_INDEX_LIMIT, 'SRTCP');

    stream.nextRtcpIndex = index + 1;
    key.rtcpPackets++;
    copyHead(packet, clearLength, out);
    key.rtcp.crypt(packet, clearLength, end, out, ssrc, index);
    writeUint32(out, end, 0x8000_0000 + index); // the E bit: this packet is encrypted (RFC 3711 §3.4)
    const authenticated = end + RTCP_INDEX_LENGTH;
    const tagAt = appendMki(key, out, authenticated);
    key.rtcp.writeTag(out, authenticated, NO_TRAILER, out, tagAt);
    return end + this.rtcpOverhead;
  }

  /** From now on packets go out under the key with this MKI. @throws {SrtpError} srtp.invalid-option */
  useMasterKey(mki: Uint8Array): void {
    const key = this.keys.find((candidate) => candidate.mki.join() === mki.join());
    if (key === undefined) throw new SrtpError('srtp.invalid-option', 'mki: no master key has it', 'RFC 3711 §3.1');
    this.key = key;
  }

  /** The rollover counter of the last packet of this SSRC (or the one set), undefined for an SSRC never seen. */
  rolloverCounter(ssrc: number): number | undefined {
    const stream = this.streams.get(ssrc | 0);
    if (stream === undefined) return undefined;
    return stream.highestIndex < 0 ? stream.firstRolloverCounter : Math.floor(stream.highestIndex / 0x10000);
  }

  /**
   * Sets the rollover counter that the next packet of this SSRC continues from. It never goes back.
   *
   * @throws {SrtpError} srtp.index-reused when packets of a later rollover counter went out already
   */
  setRolloverCounter(ssrc: number, rolloverCounter: number): void {
    this.refuseClosed();
    integerOption('rolloverCounter', rolloverCounter, 0, ROLLOVER_COUNTER_LIMIT - 1, 'RFC 3711 §3.3.1');
    const stream = this.streams.get(ssrc | 0) ?? this.addStream(ssrc | 0);
    if (stream.highestIndex < 0) {
      if (rolloverCounter < stream.firstRolloverCounter) throw reused('rollover counter');
      stream.firstRolloverCounter = rolloverCounter;
      return;
    }
    const index = rolloverCounter * 0x10000 + (stream.highestIndex % 0x10000);
    if (index < stream.highestIndex) throw reused('rollover counter');
    stream.highestIndex = index;
  }

  /** The index of the next SRTCP packet of this SSRC; 0 before the first (RFC 3711 §3.4). */
  rtcpIndex(ssrc: number): number {
    return this.streams.get(ssrc | 0)?.nextRtcpIndex ?? 0;
  }

  /** Continues from an SRTCP index known from elsewhere. It never goes back. @throws {SrtpError} srtp.index-reused */
  setRtcpIndex(ssrc: number, index: number): void {
    this.refuseClosed();
    integerOption('index', index, 0, SRTCP_INDEX_LIMIT - 1, 'RFC 3711 §3.4');
    const stream = this.streams.get(ssrc | 0) ?? this.addStream(ssrc | 0);
    if (index < stream.nextRtcpIndex) throw reused('SRTCP index');
    stream.nextRtcpIndex = index;
  }

  /** Clears the keys. Protecting afterwards throws `srtp.closed`. */
  close(): void {
    this.closed = true;
    for (const key of this.keys) key.close();
  }

  private refuseMisuse(
    packet: Uint8Array,
    out: Uint8Array,
    clear: number | string,
    overhead: number,
  ): asserts clear is number {
    this.refuseClosed();
    if (typeof clear === 'string') {
      throw new SrtpError('srtp.malformed-packet', `the packet to protect is refused: ${clear}`, 'RFC 3550 §5.1');
    }
    if (out.byteLength < packet.byteLength + overhead) {
      throw new SrtpError(
        'srtp.buffer-too-small',
        `out has ${out.byteLength} octets, ${packet.byteLength + overhead} are needed`,
      );
    }
    if (overlapsUnaligned(packet, out)) {
      throw new SrtpError('srtp.overlapping-buffers', 'packet and out overlap but do not start at the same octet');
    }
  }

  private refuseClosed(): void {
    if (this.closed) throw new SrtpError('srtp.closed', 'this sender is closed and its keys are gone');
  }

  private addStream(ssrc: number): SenderStream {
    if (this.streams.size >= this.maximumStreams) {
      throw new SrtpError(
        'srtp.ssrc-limit',
        `this sender already protects ${this.maximumStreams} SSRC; forgetting one would use its indices again`,
        'RFC 3711 §9.1',
      );
    }
    const stream: SenderStream = { highestIndex: -1, firstRolloverCounter: 0, nextRtcpIndex: 0 };
    this.streams.set(ssrc, stream);
    return stream;
  }
}

/** The index of a packet to send, which has to lie above every index used before (RFC 3711 §9.1). */
function nextIndex(stream: SenderStream | undefined, sequenceNumber: number): number {
  if (stream === undefined) return sequenceNumber;
  if (stream.highestIndex < 0) return stream.firstRolloverCounter * 0x10000 + sequenceNumber;
  const index = estimateIndex(stream.highestIndex, sequenceNumber);
  if (index >= SRTP_INDEX_LIMIT) throw exhausted(SRTP_INDEX_LIMIT, 'SRTP');
  if (index <= stream.highestIndex) throw reused(`sequence number ${sequenceNumber}`);
  return index;
}

function copyHead(packet: Uint8Array, length: number, out: Uint8Array): void {
  for (let i = 0; i < length; i++) out[i] = packet[i] as number;
}

function appendMki(key: ActiveKey, out: Uint8Array, at: number): number {
  out.set(key.mki, at);
  return at + key.mki.byteLength;
}

function exhausted(limit: number, protocol: 'SRTP' | 'SRTCP'): SrtpError {
  return new SrtpError(
    'srtp.key-lifetime-exhausted',
    `the master key has reached its limit of ${limit} ${protocol} packets; agree on a new one`,
    'RFC 3711 §9.2',
  );
}

function reused(what: string): SrtpError {
  return new SrtpError(
    'srtp.index-reused',
    `${what} does not lie above what was protected before; its keystream would be used twice`,
    'RFC 3711 §9.1',
  );
}
