import {
  createSrtpBatch,
  createSrtpReceiver,
  createSrtpSender,
  type SrtpBatch,
  type SrtpCryptoProvider,
  type SrtpProfileName,
  type SrtpReceiver,
  type SrtpSender,
  srtpProfiles,
} from '../src/index.ts';
import { benchKey, type Direction, type MeteredContender } from './contender.ts';
import { nanoseconds } from './in-process.ts';
import { Lane } from './lane.ts';

const CAPACITY = 64;
/** Beyond a packet: the tag. */
const ROOM = 64;

/** Our batch face: 64 packets are put in, whichever streams they belong to, and flushed together. */
export class BatchContender implements MeteredContender {
  readonly name: string;
  private readonly crypto: SrtpCryptoProvider;
  private readonly prepares: number;
  private readonly batch: SrtpBatch;
  private profile: SrtpProfileName = 'AES_CM_128_HMAC_SHA1_80';
  private octets = 0;
  private streams = 1;
  private packets: readonly Uint8Array[] = [];
  private outs: readonly Uint8Array[] = [];
  private sending: { readonly lane: Lane; readonly senders: readonly SrtpSender[] } | undefined;
  private opening:
    | { readonly feed: Lane; readonly senders: readonly SrtpSender[]; readonly receivers: readonly SrtpReceiver[] }
    | undefined;

  /** `prepares`: how many packets of a stream the provider may prepare for at once. */
  constructor(name: string, crypto: SrtpCryptoProvider, prepares = 1) {
    this.name = name;
    this.crypto = crypto;
    this.prepares = prepares;
    this.batch = createSrtpBatch({ crypto, capacity: CAPACITY });
  }

  performs(profile: string): boolean {
    return srtpProfiles[profile as SrtpProfileName]?.encryption === 'counter-mode';
  }

  setup(profile: string, streams: number, octets: number): void {
    this.profile = profile as SrtpProfileName;
    this.streams = streams;
    this.octets = octets;
    // What stays open keeps its memory, which the next cell would be without.
    for (const sender of this.sending?.senders ?? []) sender.close();
    for (const one of [...(this.opening?.senders ?? []), ...(this.opening?.receivers ?? [])]) one.close();
    this.sending = undefined;
    this.opening = undefined;
    this.packets = Array.from({ length: CAPACITY }, () => new Uint8Array(octets));
    this.outs = Array.from({ length: CAPACITY }, () => new Uint8Array(octets + ROOM));
  }

  /** In batches as they are timed, so that what is timed is what was proven. */
  check(count: number): string[] {
    const lane = new Lane(this.streams);
    const senders = this.senders();
    const { packets, outs, batch } = this;
    const made: string[] = [];
    while (made.length < count) {
      const size = Math.min(CAPACITY, count - made.length);
      for (let at = 0; at < size; at++) {
        const packet = packets[at] as Uint8Array;
        lane.writePacket(packet);
        batch.protect(senders[lane.stream] as SrtpSender, packet, outs[at] as Uint8Array);
        lane.advance();
      }
      batch.flush();
      for (let at = 0; at < size; at++) {
        const length = Number(batch.outcome(at));
        made.push(Buffer.from((outs[at] as Uint8Array).subarray(0, length)).toString('hex'));
      }
    }
    for (const sender of senders) sender.close();
    return made;
  }

  slice(direction: Direction, count: number, meter: () => number = nanoseconds): number {
    return direction === 'protect' ? this.protect(count, meter) : this.unprotect(count, meter);
  }

  private protect(count: number, meter: () => number): number {
    const { lane, senders } = this.startSending();
    const { packets, outs, batch } = this;
    const start = meter();
    for (let done = 0; done < count; ) {
      const size = Math.min(CAPACITY, count - done);
      for (let at = 0; at < size; at++) {
        const packet = packets[at] as Uint8Array;
        lane.writeHeader(packet);
        batch.protect(senders[lane.stream] as SrtpSender, packet, outs[at] as Uint8Array);
        lane.advance();
      }
      done += batch.flush();
    }
    return meter() - start;
  }

  private unprotect(count: number, meter: () => number): number {
    const { feed, senders, receivers } = this.startOpening();
    const lane = feed.copy();
    const plain = new Uint8Array(this.octets);
    const incoming = Array.from({ length: count }, () => {
      const out = new Uint8Array(this.octets + ROOM);
      feed.writePacket(plain);
      const length = (senders[feed.stream] as SrtpSender).protect(plain, out);
      feed.advance();
      return out.subarray(0, length);
    });
    const expected = lane.copy();
    const { batch } = this;
    let opened = 0;
    const start = meter();
    for (let done = 0; done < count; ) {
      const size = Math.min(CAPACITY, count - done);
      for (let at = 0; at < size; at++) {
        const packet = incoming[done + at] as Uint8Array;
        batch.unprotect(receivers[lane.stream] as SrtpReceiver, packet, packet);
        lane.advance();
      }
      batch.flush();
      for (let at = 0; at < size; at++) opened += Number(batch.outcome(at));
      done += size;
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
      const lane = new Lane(this.streams, this.prepares);
      this.sending = { lane, senders: this.senders() };
      while (!lane.full) this.protect(this.streams, nanoseconds);
    }
    return this.sending;
  }

  private startOpening() {
    const { profile, crypto } = this;
    if (this.opening === undefined) {
      const feed = new Lane(this.streams, this.prepares);
      this.opening = {
        feed,
        senders: this.senders(),
        receivers: Array.from({ length: this.streams }, () =>
          createSrtpReceiver({ profile, crypto, masterKeys: [benchKey(profile)] }),
        ),
      };
      while (!feed.full) this.unprotect(this.streams, nanoseconds);
    }
    return this.opening;
  }

  private senders(): SrtpSender[] {
    const { profile, crypto } = this;
    return Array.from({ length: this.streams }, () =>
      createSrtpSender({ profile, crypto, masterKeys: [benchKey(profile)] }),
    );
  }
}
