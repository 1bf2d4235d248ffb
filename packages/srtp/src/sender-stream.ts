import { SrtpError } from './error.ts';
import type { ActiveKey } from './master-keys.ts';
import type { CheckedOptions, PortableOptions } from './options.ts';
import { estimateIndex, SRTP_INDEX_LIMIT } from './packet-index.ts';
import { ReplayWindow } from './replay-window.ts';
import { KeystreamOwner } from './stream-keystream.ts';

/** What a sender remembers about one SSRC. */
export class SenderStream extends KeystreamOwner {
  /** Highest index protected, −1 before the first. */
  highestIndex = -1;
  /** Rollover counter of the first packet. */
  firstRolloverCounter = 0;
  nextRtcpIndex = 0;
  /** Nothing at or below this is protected late: what was used there is not known. */
  floor = -1;
  /** Indices used near the highest one; absent where each lies above the last. */
  private readonly used: ReplayWindow | undefined;

  constructor(ssrc: number, reorderWindow: number) {
    super(ssrc);
    this.used = reorderWindow === 0 ? undefined : new ReplayWindow(reorderWindow);
  }

  /** Whether an index below the highest one may be protected late: it lies in the window, and was not used. */
  isFree(index: number): boolean {
    return this.used !== undefined && index > this.floor && this.used.check(index) === undefined;
  }

  /** Notes that an index is spent. */
  spend(index: number): void {
    if (index > this.highestIndex) this.highestIndex = index;
    this.used?.commit(index);
  }

  /** Goes on from an index known from elsewhere. */
  continueFrom(index: number): void {
    this.highestIndex = index;
    this.floor = index;
  }
}

/** A sender as it is sealed. */
export interface SenderState {
  readonly options: CheckedOptions;
  readonly portable: PortableOptions;
  readonly keys: readonly ActiveKey[];
  readonly current: ActiveKey;
  readonly streams: ReadonlyMap<number, SenderStream>;
}

/** What of it is put back; its options and keys made the new sender. */
export interface RestoredSender {
  readonly streams: ReadonlyMap<number, Pick<SenderStream, 'highestIndex' | 'firstRolloverCounter' | 'nextRtcpIndex'>>;
  /** For each key, in order. */
  readonly counts: readonly { readonly rtpPackets: number; readonly rtcpPackets: number }[];
  /** Position of the key that is sent with. */
  readonly current: number;
}

/** The index of a packet to send, which must not have been used before (RFC 3711 §9.1). */
export function nextIndex(stream: SenderStream | undefined, sequenceNumber: number): number {
  if (stream === undefined) return sequenceNumber;
  if (stream.highestIndex < 0) return stream.firstRolloverCounter * 0x10000 + sequenceNumber;
  const index = estimateIndex(stream.highestIndex, sequenceNumber);
  if (index >= SRTP_INDEX_LIMIT) throw exhausted(SRTP_INDEX_LIMIT, 'SRTP');
  if (index <= stream.highestIndex && !stream.isFree(index)) throw reused(`sequence number ${sequenceNumber}`);
  return index;
}

export function exhausted(limit: number, protocol: 'SRTP' | 'SRTCP'): SrtpError {
  return new SrtpError(
    'srtp.key-lifetime-exhausted',
    `the master key has reached its limit of ${limit} ${protocol} packets; agree on a new one`,
    'RFC 3711 §9.2',
  );
}

export function reused(what: string): SrtpError {
  return new SrtpError(
    'srtp.index-reused',
    `${what} does not lie above what was protected before; its keystream would be used twice`,
    'RFC 3711 §9.1',
  );
}

export function tooManyStreams(limit: number): SrtpError {
  return new SrtpError(
    'srtp.ssrc-limit',
    `this sender already protects ${limit} SSRC; forgetting one would use its indices again`,
    'RFC 3711 §9.1',
  );
}
