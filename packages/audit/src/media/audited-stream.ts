import type { FlowKey } from '@trustline/capture';
import type { MediaKey } from '../model/media-key.ts';
import type { StreamState } from '../model/report.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { Unexplained } from './beside-media.ts';
import type { AudioSummary, DigitsAt } from './heard-audio.ts';
import type { RtpStreamReport } from './rtp-stream.ts';

/** A run of packets of a stream that are of one kind. */
export interface StreamPart {
  readonly state: StreamState;
  readonly packets: number;
  readonly first: PacketPlace;
  readonly last: PacketPlace;
}

/** What a key opened of a stream. */
export interface Opening {
  readonly key: MediaKey;
  readonly packets: number;
  readonly first: PacketPlace;
  readonly last: PacketPlace;
}

/** Digits of a stream: of telephone-events, or heard as tones. */
export interface HeardDigits extends DigitsAt {
  readonly how: 'rfc4733' | 'in-band-tones';
}

/** RTCP of the same sender, beside the stream or among it. */
export interface StreamControl {
  /** Packets that could be read. */
  readonly clearPackets: number;
  /** The first of them that describes a source and is no farewell; and the farewell (BYE) that does. */
  readonly firstClear?: PacketPlace | undefined;
  readonly farewell?: PacketPlace | undefined;
  /** Packets with the encryption flag and an index that goes up (RFC 3711 §3.4). */
  readonly protectedPackets: number;
}

/** Two ciphertexts under the same keystream: what they differ in is what was said differs in (RFC 3711 §9.1). */
export interface KeystreamReuse {
  /** The other stream's ends are those of the capture's stream of this number, from 1 in the order of {@link AuditedStream}; its own for a sender that began anew. */
  readonly other: number;
  /** Sequence numbers that were compared. */
  readonly packets: number;
  /** Two packets of one number, in their order. */
  readonly first: readonly [PacketPlace, PacketPlace];
}

/** What a tap hears of one RTP stream, and how sure that is. */
export interface AuditedStream extends RtpStreamReport {
  readonly flow: FlowKey;
  /** The worst of its parts: clear, opened, unknown, encrypted. */
  readonly state: StreamState;
  /** Why it is taken for that, in a sentence. */
  readonly because: string;
  readonly codec: string | undefined;
  /** In the order of their first packets; the last takes what follows where there are very many. */
  readonly parts: readonly StreamPart[];
  readonly clearPackets: number;
  readonly openedPackets: number;
  /** Neither clear nor opened. */
  readonly closedPackets: number;
  /** Packets of which the capture has less than was sent: they are not authenticated. */
  readonly cutPackets: number;
  /** The first key that opened some of it. */
  readonly key: MediaKey | undefined;
  readonly openings: readonly Opening[];
  /** Octets that follow each payload, where they are the same of all: a tag, and an MKI. Of a stream in the clear, of its clear parts alone. */
  readonly tagOctets: number | undefined;
  /** What is heard of it, clear and opened. */
  readonly audio: AudioSummary | undefined;
  /** Peaks of what cannot be read, decoded as G.711 would, as in a picture of the noise; undefined where nothing is closed. */
  readonly noisePeaks: readonly number[] | undefined;
  readonly digits: readonly HeardDigits[];
  readonly control: StreamControl;
  /** The first packet of ZRTP between its ends. */
  readonly zrtp: PacketPlace | undefined;
  /** Whether ZRTP came to its end: both ends have agreed on keys (RFC 6189 §5.8). */
  readonly zrtpCompleted: boolean;
  /** What else goes between its ports, and is of no protocol that is known. */
  readonly unexplained?: Unexplained | undefined;
  readonly dtls: boolean;
  /** Its ends agreed on SRTP that encrypts nothing. */
  readonly isNullCipher: boolean;
  readonly keystreamReuse: KeystreamReuse | undefined;
  /** Sequence numbers that it used twice for different packets, of which no key is known: that is the same keystream unless the key was changed. */
  readonly numbersUsedAgain: KeystreamReuse | undefined;
}
