import { canHide, hasSomethingToHide, protectHidden } from './cryptex.ts';
import { SrtpError } from './error.ts';
import { cryptHeaderExtensions } from './header-extensions.ts';
import { type ActiveKey, activateKeys } from './master-keys.ts';
import { overlapsUnaligned, readInt32, readUint16 } from './octets.ts';
import { integerOption, invalid } from './option-checks.ts';
import {
  type CheckedOptions,
  checkOptions,
  type PortableOptions,
  portableOptions,
  type SrtpContextOptions,
} from './options.ts';
import { PacketEnd } from './packet-end.ts';
import { ROLLOVER_COUNTER_LIMIT, SRTCP_INDEX_LIMIT } from './packet-index.ts';
import { LONGEST_PACKET, RTCP_SSRC_AT, RTP_SSRC_AT, rtcpClearLength, rtpClearLength } from './packet-layout.ts';
import { PacketWork, warnIfDue } from './packet-work.ts';
import type { SrtpProfile } from './profiles.ts';
import { MAXIMUM_REPLAY_WINDOW, MINIMUM_REPLAY_WINDOW } from './replay-window.ts';
import {
  exhausted,
  nextIndex,
  type RestoredSender,
  reused,
  type SenderState,
  SenderStream,
  tooManyStreams,
} from './sender-stream.ts';
import type { SessionKeys } from './session-keys.ts';

/** SSRC one sender protects for, unless an option says otherwise. */
export const DEFAULT_MAXIMUM_SENDER_STREAMS = 64;
export const LARGEST_MAXIMUM_STREAMS = 1_000_000;

export interface SrtpSenderOptions extends SrtpContextOptions {
  /** SSRC that may be sent; one more is refused, because forgetting one would use its indices again. Default 64. */
  readonly maximumStreams?: number;
  /**
   * How many packets behind the highest a packet may come that was not protected yet: for a relay, which sends in the order
   * in which the network brought them. 0 (default): each index lies above the last. Else 64 to 32,768; each index once.
   */
  readonly reorderWindow?: number;
}

const ENCRYPTED = 0x8000_0000;

/** Room to work in, for one packet after the other: it says nothing about any packet before. */
const work = new PacketWork();

/**
 * Protects the packets of one direction. Start sequence numbers below 2^15, so that the loss of the first packets
 * cannot hide a rollover from the receiver.
 *
 * @throws {SrtpError} srtp.invalid-option, naming the option
 */
export function createSrtpSender(options: SrtpSenderOptions): SrtpSender {
  return new SrtpSender(options);
}

// For what works with senders from within this package; assigned below, where they may see what is private.
export let beginProtect: (sender: SrtpSender, packet: Uint8Array, out: Uint8Array, work: PacketWork) => void;
export let protectBegun: (sender: SrtpSender, packet: Uint8Array, out: Uint8Array, work: PacketWork) => number;
export let finishProtect: (sender: SrtpSender, out: Uint8Array, work: PacketWork) => number;
export let senderState: (sender: SrtpSender) => SenderState;
export let restoreSender: (sender: SrtpSender, state: RestoredSender) => void;
export let refuseSsrcOf: (sender: SrtpSender, refuse: (ssrc: number) => void) => void;

export class SrtpSender {
  readonly profile: SrtpProfile;
  /** Most octets that `protect` adds to a packet. */
  readonly rtpOverhead: number;
  /** Octets that `protectRtcp` adds. */
  readonly rtcpOverhead: number;
  private readonly options: CheckedOptions;
  private readonly portable: PortableOptions;
  readonly #keys: readonly ActiveKey[];
  private readonly end: PacketEnd;
  private readonly streams = new Map<number, SenderStream>();
  private readonly maximumStreams: number;
  private readonly reorderWindow: number;
  /** Nothing but the payload is encrypted, and only the tag follows it. */
  private readonly plain: boolean;
  private readonly plainTagLength: number;
  #key: ActiveKey;
  private closed = false;
  /** Set by a session whose two directions share a key: refuses an SSRC of the other direction. */
  private refuseSsrc: ((ssrc: number) => void) | undefined;

  constructor(options: SrtpSenderOptions) {
    this.options = checkOptions(options);
    this.portable = portableOptions(options);
    this.profile = this.options.profile;
    this.maximumStreams = integerOption(
      'maximumStreams',
      options.maximumStreams ?? DEFAULT_MAXIMUM_SENDER_STREAMS,
      1,
      LARGEST_MAXIMUM_STREAMS,
    );
    this.reorderWindow = reorderWindowOption(options.reorderWindow);
    const keys = activateKeys(this.options, options.masterKeys);
    this.#keys = keys;
    this.#key = keys[0];
    this.end = new PacketEnd(this.options, this.#key.mki.byteLength);
    this.rtpOverhead = this.end.rtpOverhead;
    this.rtcpOverhead = this.end.rtcpOverhead;
    this.plainTagLength = this.end.plainTagLength;
    const { cryptex, encryptedHeaderExtensions, clearRtp } = this.options;
    const headerIsClear = cryptex === 'off' && encryptedHeaderExtensions === undefined;
    this.plain = headerIsClear && !clearRtp && this.plainTagLength > 0;
  }

  /**
   * Writes the SRTP packet to `out` and returns its length, at most `packet.byteLength + rtpOverhead`. `out` may start
   * at the same octet as `packet` (protection in place) or share no memory with it.
   *
   * @throws {SrtpError} srtp.malformed-packet, srtp.buffer-too-small, srtp.overlapping-buffers, srtp.index-reused,
   *   srtp.key-lifetime-exhausted, srtp.ssrc-limit, srtp.ssrc-collision, srtp.closed; nothing was written then
   */
  protect(packet: Uint8Array, out: Uint8Array): number {
    this.begin(packet, out, work);
    const length = this.protectBegun(packet, out, work);
    warnIfDue(work);
    return length;
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
    const key = this.#key;
    if (key.rtcpPackets >= key.rtcpLifetime) throw exhausted(key.rtcpLifetime, 'SRTCP');
    const ssrc = readInt32(packet, RTCP_SSRC_AT);
    const stream = this.streams.get(ssrc) ?? this.addStream(ssrc);
    const index = stream.nextRtcpIndex;
    if (index >= SRTCP_INDEX_LIMIT) throw exhausted(SRTCP_INDEX_LIMIT, 'SRTCP');
    const { cipher } = key.rtcp.at(index);

    stream.nextRtcpIndex = index + 1;
    const warns = key.count('rtcp');
    const { clearRtcp } = this.options;
    const indexWord = clearRtcp ? index : ENCRYPTED + index; // the E bit (RFC 3711 §3.4)
    const clear = clearRtcp ? end : clearLength;
    const tagAt = this.end.rtcpTagAt(end);
    cipher.protect(packet, clear, end, out, undefined, ssrc, index, indexWord, tagAt, this.profile.rtcpTagLength);
    const length = this.end.finishRtcp(out, end, key.mki, indexWord);
    if (warns) key.warn('rtcp');
    return length;
  }

  /** From now on packets go out under the key with this MKI. @throws {SrtpError} srtp.invalid-option, srtp.closed */
  useMasterKey(mki: Uint8Array): void {
    this.refuseClosed();
    const key = this.#keys.find((candidate) => candidate.mki.join() === mki.join());
    if (key === undefined) throw invalid('mki: no master key has it', 'RFC 3711 §3.1');
    this.#key = key;
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
    stream.continueFrom(index);
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
    if (this.closed) return;
    this.closed = true;
    for (const stream of this.streams.values()) stream.closeKeystream();
    for (const key of this.#keys) key.close();
  }

  static {
    beginProtect = (sender, packet, out, work) => sender.begin(packet, out, work);
    protectBegun = (sender, packet, out, work) => sender.protectBegun(packet, out, work);
    finishProtect = (sender, out, work) => sender.finish(out, work);
    senderState = (sender) => sender.state();
    restoreSender = (sender, state) => sender.restore(state);
    refuseSsrcOf = (sender, refuse) => {
      sender.refuseSsrc = refuse;
    };
  }

  /** Checks everything and spends the index: whatever fails from here on, it is never used again. */
  private begin(packet: Uint8Array, out: Uint8Array, work: PacketWork): void {
    const end = packet.byteLength;
    const clearLength = rtpClearLength(packet, end);
    this.refuseMisuse(packet, out, clearLength, this.rtpOverhead);
    const hidden = !this.plain && this.hides(packet);
    const key = this.#key;
    if (key.rtpPackets >= key.rtpLifetime) throw exhausted(key.rtpLifetime, 'SRTP');
    const ssrc = readInt32(packet, RTP_SSRC_AT);
    const sequenceNumber = readUint16(packet, 2);
    const known = this.streams.get(ssrc);
    const index = nextIndex(known, sequenceNumber);
    const stream = known ?? this.addStream(ssrc);
    const session = key.rtp.only ?? key.rtp.at(index);
    stream.spend(index);
    work.warns = key.count('rtp');
    work.key = key;
    work.session = session;
    work.keystream = stream.keystreamOf(session.cipher);
    work.ssrc = ssrc;
    work.index = index;
    work.sequenceNumber = sequenceNumber;
    work.hidden = hidden;
    work.end = end;
    if (this.plain) {
      work.clear = clearLength;
      work.macLength = this.plainTagLength;
      work.tagOffset = 0;
      return;
    }
    work.clear = this.options.clearRtp ? end : clearLength;
    work.macLength = this.end.macLength(sequenceNumber);
    work.tagOffset = this.end.tagOffset(sequenceNumber);
  }

  /** Encrypts and authenticates a packet whose index is spent; returns the length of the whole. */
  private protectBegun(packet: Uint8Array, out: Uint8Array, work: PacketWork): number {
    const { cipher, keystream: ks, clear, end, ssrc, index, rolloverCounter, tagOffset, macLength } = work;
    if (work.hidden) {
      work.end = protectHidden(cipher, packet, out, ks, ssrc, index, rolloverCounter, tagOffset, macLength);
    } else {
      const source = this.plain ? packet : this.withHeaderEncrypted(packet, work);
      if (macLength > 0) {
        cipher.protect(source, clear, end, out, ks, ssrc, index, rolloverCounter, end + tagOffset, macLength);
      } else cipher.crypt(source, clear, end, out, ks, ssrc, index);
    }
    return this.finish(out, work);
  }

  /** Writes what stands around the tag; returns the length of the whole. */
  private finish(out: Uint8Array, work: PacketWork): number {
    if (this.plain) return work.end + work.macLength;
    const { mki } = work.key as ActiveKey;
    return this.end.finishRtp(out, work.end, mki, work.sequenceNumber, work.macLength, work.rolloverCounter);
  }

  /** Whether cryptex applies to this packet. */
  private hides(packet: Uint8Array): boolean {
    const { cryptex } = this.options;
    if (cryptex === 'off' || canHide(packet)) return cryptex !== 'off';
    if (cryptex === 'required' && hasSomethingToHide(packet)) {
      throw new SrtpError(
        'srtp.malformed-packet',
        'cryptex is required, and this header extension is none that it can encrypt',
        'RFC 9335 §5.1',
      );
    }
    return false;
  }

  private withHeaderEncrypted(packet: Uint8Array, work: PacketWork): Uint8Array {
    const { encryptedHeaderExtensions } = this.options;
    const { header } = work.session as SessionKeys;
    if (encryptedHeaderExtensions === undefined || header === undefined) return packet;
    const copy = packet.slice();
    cryptHeaderExtensions(copy, encryptedHeaderExtensions, header, work.ssrc, work.index);
    return copy;
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
    if (packet.byteLength + overhead > LONGEST_PACKET) {
      throw new SrtpError(
        'srtp.malformed-packet',
        `a protected packet has at most ${LONGEST_PACKET} octets; ${packet.byteLength} + ${overhead} are more`,
      );
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
    this.refuseSsrc?.(ssrc);
    if (this.streams.size >= this.maximumStreams) throw tooManyStreams(this.maximumStreams);
    const stream = new SenderStream(ssrc, this.reorderWindow);
    this.streams.set(ssrc, stream);
    return stream;
  }

  private state(): SenderState {
    this.refuseClosed();
    const { options, portable, streams } = this;
    return { options, portable, keys: this.#keys, current: this.#key, streams };
  }

  private restore(state: RestoredSender): void {
    for (const [ssrc, known] of state.streams) {
      Object.assign(this.addStream(ssrc), known, { floor: known.highestIndex }); // which below it were used is not sealed
    }
    for (const [position, counts] of state.counts.entries()) Object.assign(this.#keys[position] as ActiveKey, counts);
    this.#key = this.#keys[state.current] as ActiveKey;
  }
}

function reorderWindowOption(given = 0): number {
  if (given === 0) return 0;
  return integerOption('reorderWindow', given, MINIMUM_REPLAY_WINDOW, MAXIMUM_REPLAY_WINDOW, 'RFC 3711 §9.1');
}
