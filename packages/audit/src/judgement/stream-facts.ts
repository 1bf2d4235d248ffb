import type { TransportAddress } from '@trustline/capture';
import type { CallLeg } from '../model/leg.ts';
import type { MediaKey } from '../model/media-key.ts';
import type { ReportStream } from '../model/report.ts';
import type { PacketPlace } from '../traffic/place.ts';

/** What is weak in how a stream is protected, as its packets and its key show. */
export type StreamWeakness =
  /** SRTP by a suite whose cipher is NULL. */
  | 'null-cipher'
  /** RFC 4568 §6.3.2: UNENCRYPTED_SRTP. */
  | 'unencrypted-srtp'
  /** RFC 4568 §6.3.3: UNAUTHENTICATED_SRTP, or no tag at all. */
  | 'unauthenticated-srtp'
  /** An authentication tag of 32 bits. */
  | 'short-tag'
  /** Two packets were encrypted with the same part of the keystream. */
  | 'keystream-reused'
  /** Numbers came again with other contents: that is so where the key stayed. */
  | 'numbers-used-again'
  /** It began in the clear, and was protected later. */
  | 'clear-before-srtp'
  /** A part of it was in the clear, and protected before. */
  | 'clear-amid-srtp'
  | 'clear-after-srtp'
  /** RTCP in the clear beside it. */
  | 'clear-reports'
  /** Of its RTCP the last alone was in the clear, by which a source says that it leaves. */
  | 'clear-farewell'
  /** Between its ports goes what nothing explains. */
  | 'unexplained-beside';

/** What judgement is told of one stream of media. */
export interface StreamFacts {
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  readonly ssrc: number;
  readonly kind: 'audio' | 'video' | 'unknown';
  readonly first: PacketPlace;
  readonly last: PacketPlace;
  /** As the report has it, but for its number. */
  readonly report: Omit<ReportStream, 'number'>;
  /** What opened it. */
  readonly key: MediaKey | undefined;
  readonly weaknesses: readonly StreamWeakness[];
  /** Packets in which a weakness shows, as evidence. */
  readonly weaknessPackets: Readonly<Partial<Record<StreamWeakness, readonly number[]>>>;
}

/** What is decided about together: legs of signalling, and streams of media. Either may be missing. */
export interface CallDraft {
  readonly legs: readonly CallLeg[];
  readonly streams: readonly StreamFacts[];
}
