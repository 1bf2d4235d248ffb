import type { CapturedPacket, CaptureTime, TransportAddress } from '@trustline/capture';
import { decodeDatagram } from '@trustline/capture';
import { isRtcp, RtpHeaderView } from '@trustline/rtp';
import { readMaybeEncrypted } from './rtp-header.ts';

/** One packet of a flow, as it was captured. `datagram` is a view of the capture. */
export interface FlowPacket {
  readonly time: CaptureTime | undefined;
  readonly sequenceNumber: number;
  readonly datagram: Uint8Array;
}

/** The packets of one SSRC from one address to another, seen by one interface. */
export interface RtpFlow {
  /** The name of the interface that captured it; undefined where the capture gives none. */
  readonly interface: string | undefined;
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  readonly ssrc: number;
  readonly packets: readonly FlowPacket[];
  /** Packets of it that were not kept, for want of room. */
  readonly notKept: number;
}

/** Flows followed at a time; the first packets of further ones are not looked at. */
const MAXIMUM_FLOWS = 20_000;
/** Octets of datagrams kept in all. */
const MAXIMUM_KEPT_OCTETS = 512 * 1024 * 1024;

/** So few packets prove nothing. */
const MINIMUM_PACKETS = 5;
/** Part of the steps from packet to packet that must go forward a little, as those of RTP do. */
const MINIMUM_FORWARD = 0.8;
const MAXIMUM_STEP = 100;

interface Candidate extends RtpFlow {
  readonly packets: FlowPacket[];
  notKept: number;
  forwardSteps: number;
  lastSequenceNumber: number;
  seen: number;
}

/**
 * Finds RTP among all packets by its habits, without being told ports: version 2, no packet type of RTCP, one SSRC
 * that stays, sequence numbers that go up in small steps. Encrypted RTP has the same habits: its header is clear.
 */
export class RtpFlowFinder {
  readonly #candidates = new Map<string, Candidate>();
  readonly #header = new RtpHeaderView();
  #octets = 0;

  handle(packet: CapturedPacket): void {
    const frame = decodeDatagram(packet.interface.linkType, packet.data);
    if (frame === undefined || isRtcp(frame.payload) || !readMaybeEncrypted(this.#header, frame.payload)) return;
    const { ssrc, sequenceNumber } = this.#header;
    const { source, destination, payload } = frame;
    const ends = `${source.address} ${source.port} ${destination.address} ${destination.port}`;
    const key = `${ends} ${ssrc} ${packet.interface.name ?? ''}`;
    let candidate = this.#candidates.get(key);
    if (candidate === undefined) {
      if (this.#candidates.size >= MAXIMUM_FLOWS) return;
      candidate = {
        interface: packet.interface.name,
        source,
        destination,
        ssrc,
        packets: [],
        notKept: 0,
        forwardSteps: 0,
        lastSequenceNumber: sequenceNumber,
        seen: 0,
      };
      this.#candidates.set(key, candidate);
    }
    const step = (sequenceNumber - candidate.lastSequenceNumber) & 0xffff;
    if (step >= 1 && step <= MAXIMUM_STEP) candidate.forwardSteps++;
    candidate.lastSequenceNumber = sequenceNumber;
    candidate.seen++;
    if (this.#octets + payload.byteLength > MAXIMUM_KEPT_OCTETS) {
      candidate.notKept++;
      return;
    }
    this.#octets += payload.byteLength;
    candidate.packets.push({ time: packet.time, sequenceNumber, datagram: payload });
  }

  /** The flows that are RTP, in the order of their first packets. */
  flows(): readonly RtpFlow[] {
    return [...this.#candidates.values()].filter(
      ({ seen, forwardSteps }) => seen >= MINIMUM_PACKETS && forwardSteps >= MINIMUM_FORWARD * (seen - 1),
    );
  }
}
