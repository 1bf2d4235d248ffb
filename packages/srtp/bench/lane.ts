const HEADER_LENGTH = 12;
const FIRST_SEQUENCE_NUMBER = 65_535;
const FIRST_SSRC = 0x5100_0000;

export function ssrcOf(stream: number): number {
  return FIRST_SSRC + stream;
}

/**
 * The packets of one direction in their order: number i belongs to stream i mod streams, and every stream starts at
 * sequence number 65535, so that its second packet rolls over. drivers/command-loop.h makes the same packets.
 */
export class Lane {
  readonly streams: number;
  /** The stream of the current packet. */
  stream = 0;
  private round = 0;
  private readonly stagger: number;

  /**
   * With `stagger`, stream i joins in round i mod `stagger` alone. Whoever works for many packets of a stream at once
   * would otherwise do so for all streams in the same moment, and a short measurement would meet all of that or none.
   */
  constructor(streams: number, stagger = 1) {
    this.streams = streams;
    this.stagger = stagger;
  }

  /** Whether every stream has joined. */
  get full(): boolean {
    return this.round >= this.stagger - 1;
  }

  advance(): void {
    do {
      this.stream++;
      if (this.stream < this.streams) continue;
      this.stream = 0;
      this.round++;
    } while (this.round < this.stream % this.stagger);
  }

  /** A lane that stands where this one stands. */
  copy(): Lane {
    const copy = new Lane(this.streams, this.stagger);
    copy.stream = this.stream;
    copy.round = this.round;
    return copy;
  }

  /** The header of the current packet; what comes after it stays as it is. */
  writeHeader(packet: Uint8Array): void {
    const sequenceNumber = FIRST_SEQUENCE_NUMBER + this.round;
    const timestamp = this.round * 160;
    const ssrc = FIRST_SSRC + this.stream;
    packet[0] = 0x80;
    packet[1] = 8;
    packet[2] = sequenceNumber >>> 8;
    packet[3] = sequenceNumber;
    packet[4] = timestamp >>> 24;
    packet[5] = timestamp >>> 16;
    packet[6] = timestamp >>> 8;
    packet[7] = timestamp;
    packet[8] = ssrc >>> 24;
    packet[9] = ssrc >>> 16;
    packet[10] = ssrc >>> 8;
    packet[11] = ssrc;
  }

  writePacket(packet: Uint8Array): void {
    this.writeHeader(packet);
    for (let i = HEADER_LENGTH; i < packet.byteLength; i++) packet[i] = this.round + i;
  }
}
