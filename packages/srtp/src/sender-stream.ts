import { SrtpError } from './error.ts';
import type { ActiveKey } from './master-keys.ts';
import type { CheckedOptions, PortableOptions } from './options.ts';
import { estimateIndex, SRTP_INDEX_LIMIT } from './packet-index.ts';
import { StreamKeystream } from './stream-keystream.ts';

/** What a sender remembers about one SSRC. */
export interface SenderStream {
  /** Highest index protected, −1 before the first. */
  highestIndex: number;
  /** Rollover counter of the first packet. */
  firstRolloverCounter: number;
  nextRtcpIndex: number;
  readonly keystream: StreamKeystream;
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
  readonly streams: ReadonlyMap<number, Omit<SenderStream, 'keystream'>>;
  /** For each key, in order. */
  readonly counts: readonly { readonly rtpPackets: number; readonly rtcpPackets: number }[];
  /** Position of the key that is sent with. */
  readonly current: number;
}

export function createSenderStream(ssrc: number): SenderStream {
  return { highestIndex: -1, firstRolloverCounter: 0, nextRtcpIndex: 0, keystream: new StreamKeystream(ssrc) };
}

/** The index of a packet to send, which has to lie above every index used before (RFC 3711 §9.1). */
export function nextIndex(stream: SenderStream | undefined, sequenceNumber: number): number {
  if (stream === undefined) return sequenceNumber;
  if (stream.highestIndex < 0) return stream.firstRolloverCounter * 0x10000 + sequenceNumber;
  const index = estimateIndex(stream.highestIndex, sequenceNumber);
  if (index >= SRTP_INDEX_LIMIT) throw exhausted(SRTP_INDEX_LIMIT, 'SRTP');
  if (index <= stream.highestIndex) throw reused(`sequence number ${sequenceNumber}`);
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
