import type { CaptureDirection, CapturedPacket, CaptureInterface, CaptureTime } from './item.ts';

const nothing = new Uint8Array(0);
const nowhere: CaptureInterface = { linkType: -1, snapLength: 0, name: undefined };

/**
 * The packet that was read last. It is filled in anew for each, so that nothing is allocated for one: it says what a
 * {@link CapturedPacket} says, until the next is read. The octets themselves stay valid.
 */
export class PacketAtHand implements CapturedPacket {
  readonly kind = 'packet';
  number = 0;
  interface: CaptureInterface = nowhere;
  hasTime = false;
  /** Whole microseconds since 1970, and nanoseconds beyond; 0 where it has no time. */
  microseconds = 0;
  nanoseconds = 0;
  /** The octets among which it stands, from `from` to `to`: the same array for many packets. */
  bytes: Uint8Array = nothing;
  from = 0;
  to = 0;
  originalLength = 0;
  direction: CaptureDirection | undefined = undefined;
  comment: string | undefined = undefined;

  get time(): CaptureTime | undefined {
    return this.hasTime ? { microseconds: this.microseconds, nanoseconds: this.nanoseconds } : undefined;
  }

  get data(): Uint8Array {
    return this.bytes.subarray(this.from, this.to);
  }

  /** What stays as it is when the next packet is read. */
  kept(): CapturedPacket {
    const { number, time, data, originalLength, direction, comment } = this;
    return { kind: 'packet', number, interface: this.interface, time, data, originalLength, direction, comment };
  }
}

/** What a parser says each time that it has taken a packet: the same object, filled in anew. */
export class TakenPacket {
  readonly kind = 'packet';
  length = 0;
  readonly item = new PacketAtHand();
}
