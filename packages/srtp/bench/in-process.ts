import { type BenchKey, benchKey, type Direction, type MeteredContender } from './contender.ts';
import { Lane, ssrcOf } from './lane.ts';

/** One stream of one direction; the packet stands at the start of `out` afterwards. Throws where it fails. */
export interface Sender {
  protect(packet: Uint8Array, out: Uint8Array): number;
  close?(): void;
}

/** `out` is the memory of `packet`: every implementation may open in place, or copy there. */
export interface Receiver {
  unprotect(packet: Uint8Array, out: Uint8Array): number;
  close?(): void;
}

/** An implementation that takes one packet at a time. */
export interface Engine {
  readonly name: string;
  /** How many packets of a stream it may prepare for at once; 1 unless given. */
  readonly prepares?: number;
  performs(profile: string): boolean;
  openSender(profile: string, master: BenchKey, ssrc: number): Sender;
  openReceiver(profile: string, master: BenchKey, ssrc: number): Receiver;
}

/** Beyond a packet: the tag. */
const ROOM = 64;
/** Packets come from and go to so many buffers in turn, as to those of a socket. */
const RING = 64;

/** Runs an engine through the same loops as drivers/command-loop.h runs libsrtp and OpenSSL through. */
export class InProcessContender implements MeteredContender {
  readonly name: string;
  private readonly engine: Engine;
  private profile = '';
  private streams = 1;
  private octets = 0;
  private sending: { lane: Lane; senders: readonly Sender[] } | undefined;
  private opening: { feed: Lane; senders: readonly Sender[]; lane: Lane; receivers: readonly Receiver[] } | undefined;
  private packets: readonly Uint8Array[] = [];
  private outs: readonly Uint8Array[] = [];
  private slot = 0;

  constructor(engine: Engine) {
    this.name = engine.name;
    this.engine = engine;
  }

  performs(profile: string): boolean {
    return this.engine.performs(profile);
  }

  setup(profile: string, streams: number, octets: number): void {
    this.profile = profile;
    this.streams = streams;
    this.octets = octets;
    // What stays open keeps its memory, which the next cell would be without.
    for (const sender of this.sending?.senders ?? []) sender.close?.();
    for (const one of [...(this.opening?.senders ?? []), ...(this.opening?.receivers ?? [])]) one.close?.();
    this.sending = undefined;
    this.opening = undefined;
    this.packets = Array.from({ length: RING }, () => new Uint8Array(octets));
    this.outs = Array.from({ length: RING }, () => new Uint8Array(octets + ROOM));
  }

  check(count: number): string[] {
    const lane = new Lane(this.streams);
    const senders = this.openSenders();
    const packet = new Uint8Array(this.octets);
    const out = new Uint8Array(this.octets + ROOM);
    const made = Array.from({ length: count }, () => {
      lane.writePacket(packet);
      const length = (senders[lane.stream] as Sender).protect(packet, out);
      lane.advance();
      return Buffer.from(out.buffer, 0, length).toString('hex');
    });
    for (const sender of senders) sender.close?.();
    return made;
  }

  slice(direction: Direction, packets: number, meter: () => number = nanoseconds): number {
    return direction === 'protect' ? this.sliceProtect(packets, meter) : this.sliceUnprotect(packets, meter);
  }

  private sliceProtect(count: number, meter: () => number): number {
    const { lane, senders } = this.startSending();
    const { packets, outs } = this;
    let slot = this.slot;
    const start = meter();
    for (let n = 0; n < count; n++) {
      const packet = packets[slot] as Uint8Array;
      lane.writeHeader(packet);
      (senders[lane.stream] as Sender).protect(packet, outs[slot] as Uint8Array);
      lane.advance();
      slot = (slot + 1) % RING;
    }
    const grown = meter() - start;
    this.slot = slot;
    return grown;
  }

  /** Packets to open are made first, untimed, and compared with what they said afterwards, untimed too. */
  private sliceUnprotect(count: number, meter: () => number): number {
    const { feed, senders, lane, receivers } = this.startOpening();
    const plain = new Uint8Array(this.octets);
    const incoming = Array.from({ length: count }, () => {
      const out = new Uint8Array(this.octets + ROOM);
      feed.writePacket(plain);
      const length = (senders[feed.stream] as Sender).protect(plain, out);
      feed.advance();
      return out.subarray(0, length);
    });
    const expected = lane.copy();
    let opened = 0;
    const start = meter();
    // Not for … of, whose iterator would be weighed as well.
    for (let at = 0; at < incoming.length; at++) {
      const packet = incoming[at] as Uint8Array;
      opened += (receivers[lane.stream] as Receiver).unprotect(packet, packet);
      lane.advance();
    }
    const grown = meter() - start;
    if (opened !== count * this.octets) throw new Error(`${this.name} did not open every packet`);
    for (const packet of incoming) {
      expected.writePacket(plain);
      if (Buffer.compare(plain, packet.subarray(0, this.octets)) !== 0) {
        throw new Error(`${this.name} opened a packet wrongly`);
      }
      expected.advance();
    }
    return grown;
  }

  private startSending() {
    if (this.sending === undefined) {
      const lane = new Lane(this.streams, this.engine.prepares);
      this.sending = { lane, senders: this.openSenders() };
      while (!lane.full) this.sliceProtect(this.streams, nanoseconds);
    }
    return this.sending;
  }

  private startOpening() {
    const master = benchKey(this.profile);
    if (this.opening === undefined) {
      const lane = new Lane(this.streams, this.engine.prepares);
      this.opening = {
        feed: lane.copy(),
        senders: this.openSenders(),
        lane,
        receivers: Array.from({ length: this.streams }, (_, stream) =>
          this.engine.openReceiver(this.profile, master, ssrcOf(stream)),
        ),
      };
      while (!lane.full) this.sliceUnprotect(this.streams, nanoseconds);
    }
    return this.opening;
  }

  private openSenders(): readonly Sender[] {
    const master = benchKey(this.profile);
    return Array.from({ length: this.streams }, (_, stream) =>
      this.engine.openSender(this.profile, master, ssrcOf(stream)),
    );
  }
}

/** Exact for a hundred days of uptime. */
export function nanoseconds(): number {
  return Number(process.hrtime.bigint());
}
