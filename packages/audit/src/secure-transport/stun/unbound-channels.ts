import { isRtcp } from '@trustline/rtp';
import type { PacketPlace } from '../../traffic/place.ts';
import { looksLikeDtls, looksLikeStun } from '../recognise.ts';
import type { ChannelData } from './stun-message.ts';

/** Packets of one source that go on from each other before channels are believed. */
const PACKETS_THAT_AGREE = 3;
/** So far the next number may be ahead: some were lost, or go by another channel. */
const LARGEST_STEP = 64;
/** Sources that are waited for; each holds less than {@link PACKETS_THAT_AGREE} packets of {@link LARGEST_HELD} octets. */
const MOST_WAITING = 1_000;
const LARGEST_HELD = 2_048;

/** A packet of media that was in a channel. */
export interface Carried {
  readonly payload: Uint8Array;
  readonly place: PacketPlace;
  readonly isCut: boolean;
}

interface Source {
  /** Of its RTP; undefined before any. */
  sequenceNumber: number | undefined;
  readonly held: Carried[];
}

/**
 * Whether what may be ChannelData is that, where no message of STUN between these ends was captured: four octets say little, so what
 * they carry must be STUN or DTLS, or be RTP or RTCP of one source in several packets.
 */
export class UnboundChannels {
  readonly #sources = new Map<string, Source>();

  /** Whether the payload is worth to be given to {@link believed}. */
  mayCarry({ payload }: ChannelData): boolean {
    const first = payload[0] ?? 0;
    if (first >> 6 === 2) return sourceOf(payload) !== undefined;
    return looksLikeStun(payload) === 'yes' || looksLikeDtls(payload) === 'yes';
  }

  /** Those of the flow that are now known to have been in a channel, this one the last; none while it is not sure. */
  believed(flow: string, { channel, payload }: ChannelData, place: PacketPlace, isCut: boolean): readonly Carried[] {
    const ssrc = sourceOf(payload);
    if (ssrc === undefined) return [{ payload, place, isCut }];
    if (payload.byteLength > LARGEST_HELD) return [];
    const key = `${flow} ${channel} ${ssrc}`;
    const source = this.#sources.get(key) ?? { sequenceNumber: undefined, held: [] };
    this.#sources.delete(key);
    if (!isRtcp(payload)) {
      const number = ((payload[2] ?? 0) << 8) | (payload[3] ?? 0);
      const step = source.sequenceNumber === undefined ? 0 : (number - source.sequenceNumber) & 0xffff;
      if (step > LARGEST_STEP) source.held.length = 0;
      source.sequenceNumber = number;
    }
    source.held.push({ payload: payload.slice(), place, isCut });
    if (source.held.length >= PACKETS_THAT_AGREE) return source.held;
    const [oldest] = this.#sources.keys();
    if (this.#sources.size >= MOST_WAITING && oldest !== undefined) this.#sources.delete(oldest);
    this.#sources.set(key, source);
    return [];
  }
}

/** The SSRC of RTP (RFC 3550 §5.1), or of who sends RTCP (§6.4), protected or not; undefined for what is neither. */
function sourceOf(octets: Uint8Array): number | undefined {
  if ((octets[0] ?? 0) >> 6 !== 2 || octets.byteLength < 12) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (!isRtcp(octets)) return view.getUint32(8);
  return 4 * (view.getUint16(2) + 1) <= octets.byteLength ? view.getUint32(4) : undefined;
}
