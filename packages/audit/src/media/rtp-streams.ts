import type { FlowKey } from '@trustline/capture';
import { isRtcp, RtpHeaderView } from '@trustline/rtp';
import type { PacketPlace } from '../traffic/place.ts';
import { readMaybeEncrypted } from './rtp-header.ts';
import { RtpStream, type RtpStreamReport } from './rtp-stream.ts';

/** Streams that one pair of ports may have; what is no RTP shows another SSRC in each datagram. */
const MOST_OF_A_FLOW = 16;
/** Streams in all. */
const MOST_STREAMS = 100_000;

const header = new RtpHeaderView();

/** Finds RTP by its habits, without being told ports: version 2, no packet type of RTCP, an SSRC that stays, numbers that go up. */
export class RtpStreams {
  readonly #all: RtpStream[] = [];

  /** Watches the datagrams of one direction between two ports. */
  watch({ source, destination }: FlowKey): RtpFlowWatch {
    const ends = { source, destination };
    return new RtpFlowWatch((place) => {
      if (this.#all.length >= MOST_STREAMS) return undefined;
      const stream = new RtpStream(ends, header, place);
      this.#all.push(stream);
      return stream;
    });
  }

  /** What is RTP, in the order of its first packets. */
  reports(): readonly RtpStreamReport[] {
    return this.#all.filter(({ isCredible }) => isCredible).map((stream) => stream.report());
  }
}

/** The streams of one direction between two ports. */
class RtpFlowWatch {
  readonly #begin: (place: PacketPlace) => RtpStream | undefined;
  readonly #streams: RtpStream[] = [];

  constructor(begin: (place: PacketPlace) => RtpStream | undefined) {
    this.#begin = begin;
  }

  /** Whether the datagram may be RTP. */
  datagram(octets: Uint8Array, place: PacketPlace): boolean {
    if (isRtcp(octets) || !readMaybeEncrypted(header, octets)) return false;
    let stream = this.#streams.find(({ ssrc }) => ssrc === header.ssrc);
    if (stream === undefined) {
      stream = this.#streams.length < MOST_OF_A_FLOW ? this.#begin(place) : undefined;
      if (stream === undefined) return false;
      this.#streams.push(stream);
    }
    stream.handle(header, octets.byteLength, place);
    return true;
  }
}
