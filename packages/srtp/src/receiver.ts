import { CounterSearch } from './counter-search.ts';
import { digestHidden, hasSomethingToHide, isHidden, openHidden } from './cryptex.ts';
import { SrtpError } from './error.ts';
import { cryptHeaderExtensions } from './header-extensions.ts';
import { type ActiveKey, activateKeys } from './master-keys.ts';
import { equalInConstantTime, overlapsUnaligned, readInt32, readUint16, readUint32 } from './octets.ts';
import { choiceOption, integerOption } from './option-checks.ts';
import {
  type CheckedOptions,
  checkOptions,
  type PortableOptions,
  portableOptions,
  type SrtpContextOptions,
} from './options.ts';
import { createDigest, PacketEnd } from './packet-end.ts';
import { ROLLOVER_COUNTER_LIMIT, SRTP_INDEX_LIMIT } from './packet-index.ts';
import { LONGEST_PACKET, RTCP_SSRC_AT, RTP_SSRC_AT, rtcpClearLength, rtpClearLength } from './packet-layout.ts';
import { PacketWork, warnIfDue } from './packet-work.ts';
import type { SrtpProfile } from './profiles.ts';
import type { ReceiverState, RestoredReceiver } from './receiver-state.ts';
import { indexOf, type ReceiverStream } from './receiver-stream.ts';
import { createRejectionCounts, type SrtpRejection, type SrtpRejectionCounts } from './rejection.ts';
import { DEFAULT_REPLAY_WINDOW, MAXIMUM_REPLAY_WINDOW, MINIMUM_REPLAY_WINDOW } from './replay-window.ts';
import { LARGEST_MAXIMUM_STREAMS } from './sender.ts';
import { StreamTable } from './stream-table.ts';

/** SSRC one receiver keeps state for, unless an option says otherwise. */
export const DEFAULT_MAXIMUM_RECEIVER_STREAMS = 64;
/** Rollover counters that a search may try for one packet. */
export const LARGEST_COUNTER_SEARCH = 1024;

export interface SrtpReceiverOptions extends SrtpContextOptions {
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
  /**
   * How many rollover counters past the expected one are tried for a packet that does not authenticate: for who joins a
   * stream that has been running, or lost 2^15 packets on end. 0 to 1,024, default 0. Trying touches no state, and is
   * done ever more rarely while it is in vain. Each trial gives a forger one more guess: mind it with tags of 32 bits.
   */
  readonly rolloverCounterSearch?: number;
}

const ENCRYPTED = 0x8000_0000;
/** The octets that tell the sequence number end here. */
const SEQUENCE_NUMBER_END = 4;

/** Room to work in, for one packet after the other: it says nothing about any packet before. */
const work = new PacketWork();
const digest = createDigest();

/** Receives the packets of one direction. @throws {SrtpError} srtp.invalid-option, naming the option */
export function createSrtpReceiver(options: SrtpReceiverOptions): SrtpReceiver {
  return new SrtpReceiver(options);
}

// For what works with receivers from within this package; assigned below, where they may see what is private.
export let unprotectWith: (
  receiver: SrtpReceiver,
  packet: Uint8Array,
  out: Uint8Array,
  work: PacketWork,
) => number | SrtpRejection;
export let peekPacket: (
  receiver: SrtpReceiver,
  packet: Uint8Array,
  out: Uint8Array,
  work: PacketWork,
) => SrtpRejection | undefined;
export let commitPacket: (
  receiver: SrtpReceiver,
  packet: Uint8Array,
  work: PacketWork,
  digest: Uint8Array,
) => SrtpRejection | undefined;
export let rejectPacket: (receiver: SrtpReceiver, rejection: SrtpRejection) => SrtpRejection;
export let receiverState: (receiver: SrtpReceiver) => ReceiverState;
export let restoreReceiver: (receiver: SrtpReceiver, state: RestoredReceiver) => void;
export let refuseReceivedSsrcOf: (receiver: SrtpReceiver, refuses: (ssrc: number) => boolean) => void;

export class SrtpReceiver {
  readonly profile: SrtpProfile;
  /** Most octets that `unprotect` removes from a packet. */
  readonly rtpOverhead: number;
  /** Octets that `unprotectRtcp` removes. */
  readonly rtcpOverhead: number;
  private readonly options: CheckedOptions;
  private readonly portable: PortableOptions;
  readonly #keys: readonly [ActiveKey, ...ActiveKey[]];
  private readonly mkiLength: number;
  private readonly end: PacketEnd;
  private readonly streams: StreamTable;
  readonly #search: CounterSearch;
  private readonly counts = createRejectionCounts();
  private closed = false;
  /** Set by a session whose two directions share a key: an SSRC of the other direction is no SSRC of this one. */
  private refusesSsrc: ((ssrc: number) => boolean) | undefined;
  /** Nothing but the payload is encrypted, and only the tag follows it. */
  private readonly plain: boolean;
  private readonly plainTagLength: number;

  constructor(options: SrtpReceiverOptions) {
    this.options = checkOptions(options);
    this.portable = portableOptions(options);
    this.profile = this.options.profile;
    const replayWindow = integerOption(
      'replayWindow',
      options.replayWindow ?? DEFAULT_REPLAY_WINDOW,
      MINIMUM_REPLAY_WINDOW,
      MAXIMUM_REPLAY_WINDOW,
      'RFC 3711 §3.3.2',
    );
    const maximumStreams = options.maximumStreams ?? DEFAULT_MAXIMUM_RECEIVER_STREAMS;
    this.streams = new StreamTable(
      integerOption('maximumStreams', maximumStreams, 1, LARGEST_MAXIMUM_STREAMS),
      replayWindow,
      choiceOption('atMaximumStreams', options.atMaximumStreams, ['forget-least-recent', 'refuse']) === 'refuse',
    );
    const width = options.rolloverCounterSearch ?? 0;
    this.#search = new CounterSearch(integerOption('rolloverCounterSearch', width, 0, LARGEST_COUNTER_SEARCH));
    this.#keys = activateKeys(this.options, options.masterKeys);
    this.mkiLength = this.#keys[0].mki.byteLength;
    this.end = new PacketEnd(this.options, this.mkiLength);
    this.rtpOverhead = this.end.rtpOverhead;
    this.rtcpOverhead = this.end.rtcpOverhead;
    this.plainTagLength = this.end.plainTagLength;
    const { cryptex, encryptedHeaderExtensions, clearRtp } = this.options;
    const headerIsClear = cryptex === 'off' && encryptedHeaderExtensions === undefined;
    this.plain = headerIsClear && !clearRtp && this.plainTagLength > 0;
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
    work.warns = false;
    const outcome = this.unprotectWith(packet, out, work);
    warnIfDue(work);
    return outcome;
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
    if (packet.byteLength > LONGEST_PACKET) return this.reject('too-long');
    if (out.byteLength < end) return this.reject('output-too-small');
    const key = this.keyOf(packet, this.end.rtcpMkiAt(end));
    if (key === undefined) return this.reject('unknown-mki');
    if (key.rtcpPackets >= key.rtcpLifetime) return this.reject('key-exhausted');
    const indexWord = readUint32(packet, this.end.rtcpIndexAt(end));
    const encrypted = indexWord >= ENCRYPTED;
    if (!encrypted && !this.options.clearRtcp) return this.reject('not-encrypted');
    const index = encrypted ? indexWord - ENCRYPTED : indexWord;
    const ssrc = readInt32(packet, RTCP_SSRC_AT);
    if (this.refusesSsrc?.(ssrc) === true) return this.reject('ssrc-collision');
    const known = this.streams.get(ssrc);
    const replay = known?.rtcp.check(index);
    if (replay !== undefined) return this.reject(replay);

    // Verify
    const { cipher } = key.rtcp.at(index);
    const clear = encrypted && this.profile.encryption !== 'none' ? clearLength : end;
    cipher.digest(packet, clear, end, undefined, ssrc, index, indexWord, digest);
    if (!equalInConstantTime(digest, 0, packet, this.end.rtcpTagAt(end), this.profile.rtcpTagLength)) {
      return this.reject('authentication-failed');
    }

    // Commit
    const stream = known ?? this.streams.add(ssrc);
    if (stream === undefined) return this.reject('ssrc-limit');
    stream.rtcp.commit(index);
    this.streams.touch(stream);
    const warns = key.count('rtcp');
    cipher.open(packet, clear, end, out, undefined, ssrc, index);
    if (warns) key.warn('rtcp');
    return end;
  }

  /** The rollover counter of the highest packet of this SSRC (or the one set), undefined for an SSRC never seen. */
  rolloverCounter(ssrc: number): number | undefined {
    return this.streams.get(ssrc | 0)?.rolloverCounter;
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
    const stream = this.streams.get(ssrc | 0) ?? this.streams.add(ssrc | 0);
    if (stream === undefined) {
      throw new SrtpError('srtp.ssrc-limit', `this receiver already keeps ${this.streams.size} SSRC`);
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
    if (this.closed) return;
    this.closed = true;
    this.streams.clear();
    for (const key of this.#keys) key.close();
  }

  static {
    unprotectWith = (receiver, packet, out, work) => receiver.unprotectWith(packet, out, work);
    peekPacket = (receiver, packet, out, work) => receiver.peek(packet, out, work);
    commitPacket = (receiver, packet, work, digest) => receiver.commitDigested(packet, work, digest);
    rejectPacket = (receiver, rejection) => receiver.reject(rejection);
    receiverState = (receiver) => receiver.state();
    restoreReceiver = (receiver, state) => receiver.restore(state);
    refuseReceivedSsrcOf = (receiver, refuses) => {
      receiver.refusesSsrc = refuses;
    };
  }

  private unprotectWith(packet: Uint8Array, out: Uint8Array, work: PacketWork): number | SrtpRejection {
    const refusal = this.peek(packet, out, work) ?? this.verify(packet, work) ?? this.commit(work);
    if (refusal !== undefined) return this.reject(refusal);
    const { cipher, keystream, clear, end, ssrc, index } = work;
    if (work.hidden) openHidden(cipher, packet, end, out, keystream, ssrc, index);
    else if (work.macLength > 0) cipher.open(packet, clear, end, out, keystream, ssrc, index);
    else cipher.crypt(packet, clear, end, out, keystream, ssrc, index);
    const { encryptedHeaderExtensions } = this.options;
    const header = work.session?.header;
    if (encryptedHeaderExtensions !== undefined && header !== undefined) {
      cryptHeaderExtensions(out, encryptedHeaderExtensions, header, ssrc, index);
    }
    return end;
  }

  /** Everything that can be known before authentication; changes nothing. */
  private peek(packet: Uint8Array, out: Uint8Array, work: PacketWork): SrtpRejection | undefined {
    if (this.closed) return 'closed';
    refuseOverlap(packet, out);
    if (packet.byteLength < SEQUENCE_NUMBER_END) return 'too-short';
    const sequenceNumber = readUint16(packet, 2);
    const trailing = this.plain ? this.plainTagLength : this.end.rtpLength(sequenceNumber);
    const end = packet.byteLength - trailing;
    const clearLength = rtpClearLength(packet, end);
    if (typeof clearLength === 'string') return clearLength;
    if (packet.byteLength > LONGEST_PACKET) return 'too-long';
    if (out.byteLength < end) return 'output-too-small';
    const key = this.mkiLength === 0 ? this.#keys[0] : this.keyOf(packet, this.end.rtpMkiAt(end));
    if (key === undefined) return 'unknown-mki';
    if (key.rtpPackets >= key.rtpLifetime) return 'key-exhausted';
    const ssrc = readInt32(packet, RTP_SSRC_AT);
    if (this.refusesSsrc?.(ssrc) === true) return 'ssrc-collision';
    const known = this.streams.get(ssrc);
    work.sequenceNumber = sequenceNumber;
    work.end = end;
    work.clear = clearLength;
    work.hidden = false;
    work.macLength = trailing;
    work.tagOffset = 0;
    let index = indexOf(known, sequenceNumber);
    if (!this.plain) {
      const carried = this.peekFeatures(packet, known, work);
      if (typeof carried === 'string') return carried;
      if (carried !== undefined) index = carried * 0x10000 + sequenceNumber;
    }
    if (index >= SRTP_INDEX_LIMIT) return 'key-exhausted';
    const replay = known?.rtp.check(index);
    if (replay !== undefined) return replay;
    const session = key.rtp.only ?? key.rtp.at(index);
    work.key = key;
    work.session = session;
    work.keystream = known?.keystreamIfOf(session.cipher);
    work.ssrc = ssrc;
    work.index = index;
    return undefined;
  }

  /** What a packet of a context with more than the usual needs; returns the rollover counter that it carries, if any. */
  private peekFeatures(
    packet: Uint8Array,
    known: ReceiverStream | undefined,
    work: PacketWork,
  ): SrtpRejection | number | undefined {
    const { cryptex, carriage, clearRtp } = this.options;
    const { sequenceNumber, end } = work;
    work.hidden = cryptex !== 'off' && isHidden(packet);
    if (cryptex === 'required' && !work.hidden && hasSomethingToHide(packet)) return 'cryptex-required';
    if (clearRtp) work.clear = end;
    work.macLength = this.end.macLength(sequenceNumber);
    work.tagOffset = this.end.tagOffset(sequenceNumber);
    const carried = this.end.carriedCounter(packet, end, sequenceNumber);
    // Without authentication nothing would tell a wrong counter from the right one (RFC 4771 §3).
    if (carriage !== undefined && carried === undefined && known === undefined && work.macLength === 0) {
      return 'unknown-rollover-counter';
    }
    return carried;
  }

  /** MAC over the packet as received and the rollover counter (RFC 3711 §4.2); changes nothing. */
  private verify(packet: Uint8Array, work: PacketWork): SrtpRejection | undefined {
    if (work.macLength === 0 || this.isAuthentic(packet, work)) return undefined;
    if (this.end.counterLength(work.sequenceNumber) === 0 && this.#search.mayTry()) {
      if (this.findCounter(packet, work)) return undefined;
      this.#search.failed();
    }
    return 'authentication-failed';
  }

  /** Only an authentic packet gets this far. */
  private commit(work: PacketWork): SrtpRejection | undefined {
    const stream = this.streams.get(work.ssrc) ?? this.streams.add(work.ssrc);
    if (stream === undefined) return 'ssrc-limit';
    stream.rtp.commit(work.index);
    this.streams.touch(stream);
    work.warns = (work.key as ActiveKey).count('rtp');
    work.keystream = stream.keystreamOf(work.cipher);
    return undefined;
  }

  /** For a packet whose digest was computed since it was peeked at: others may have been committed in between. */
  private commitDigested(packet: Uint8Array, work: PacketWork, digest: Uint8Array): SrtpRejection | undefined {
    const key = work.key as ActiveKey;
    if (this.closed) return 'closed';
    if (key.rtpPackets >= key.rtpLifetime) return 'key-exhausted';
    const replay = this.streams.get(work.ssrc)?.rtp.check(work.index);
    if (replay !== undefined) return replay;
    if (!this.tagMatches(packet, work, digest)) return 'authentication-failed';
    return this.commit(work);
  }

  private isAuthentic(packet: Uint8Array, work: PacketWork): boolean {
    const { cipher, keystream, clear, end, ssrc, index, rolloverCounter } = work;
    if (work.hidden) digestHidden(cipher, packet, end, keystream, ssrc, index, rolloverCounter, digest);
    else cipher.digest(packet, clear, end, keystream, ssrc, index, rolloverCounter, digest);
    return this.tagMatches(packet, work, digest);
  }

  private tagMatches(packet: Uint8Array, work: PacketWork, digest: Uint8Array): boolean {
    return equalInConstantTime(digest, 0, packet, work.end + work.tagOffset, work.macLength);
  }

  /** Tries the counters that follow the expected one; on success the work is that of the packet's true index. */
  private findCounter(packet: Uint8Array, work: PacketWork): boolean {
    const expected = work.index;
    for (let step = 1; step <= this.#search.width; step++) {
      work.index = expected + step * 0x10000;
      if (work.index >= SRTP_INDEX_LIMIT) break;
      work.session = (work.key as ActiveKey).rtp.at(work.index);
      if (!this.isAuthentic(packet, work)) continue;
      this.#search.found();
      return true;
    }
    return false;
  }

  private reject(rejection: SrtpRejection): SrtpRejection {
    this.counts[rejection]++;
    return rejection;
  }

  /** The key whose MKI stands in the packet at `at`. An MKI is public: comparing it needs no constant time. */
  private keyOf(packet: Uint8Array, at: number): ActiveKey | undefined {
    for (const key of this.#keys) {
      let i = 0;
      while (i < this.mkiLength && packet[at + i] === key.mki[i]) i++;
      if (i === this.mkiLength) return key;
    }
    return undefined;
  }

  private state(): ReceiverState {
    if (this.closed) throw new SrtpError('srtp.closed', 'this receiver is closed and its keys are gone');
    const { options, portable, streams } = this;
    return { options, portable, keys: this.#keys, streams };
  }

  private restore(state: RestoredReceiver): void {
    for (const [ssrc, known] of state.streams) {
      const stream = this.streams.add(ssrc);
      if (stream === undefined)
        throw new SrtpError('srtp.ssrc-limit', 'the sealed state has more SSRC than this allows');
      stream.firstRolloverCounter = known.firstRolloverCounter;
      stream.rtp.restore(known.rtp.highest, known.rtp.words);
      stream.rtcp.restore(known.rtcp.highest, known.rtcp.words);
    }
    for (const [position, counts] of state.counts.entries()) Object.assign(this.#keys[position] as ActiveKey, counts);
  }
}

function refuseOverlap(packet: Uint8Array, out: Uint8Array): void {
  if (overlapsUnaligned(packet, out)) {
    throw new SrtpError('srtp.overlapping-buffers', 'packet and out overlap but do not start at the same octet');
  }
}
