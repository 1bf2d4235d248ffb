import type { PacketLanes, SrtpCryptoProvider } from './crypto-provider.ts';
import { SrtpError } from './error.ts';
import { integerOption, knownNames, optionsObject, providerOption } from './option-checks.ts';

import { createDigest } from './packet-end.ts';
import { PacketWork, warnIfDue } from './packet-work.ts';
import { commitPacket, peekPacket, rejectPacket, type SrtpReceiver, unprotectWith } from './receiver.ts';
import type { SrtpRejection } from './rejection.ts';
import { beginProtect, finishProtect, protectBegun, type SrtpSender } from './sender.ts';

export const DEFAULT_BATCH_CAPACITY = 64;
export const LARGEST_BATCH_CAPACITY = 1024;

export interface SrtpBatchOptions {
  /** The provider of the contexts whose packets come in; those of another are worked on at once. */
  readonly crypto: SrtpCryptoProvider;
  /** Packets that wait at most; one more makes the others go first. 1 to 1,024, default 64. */
  readonly capacity?: number;
}

/** One packet that was put in. */
class Item {
  readonly work = new PacketWork();
  sender: SrtpSender | undefined;
  receiver: SrtpReceiver | undefined;
  packet: Uint8Array = NOTHING;
  out: Uint8Array = NOTHING;
  outcome: number | SrtpRejection = 0;
  /** Position in the lanes; −1 where the outcome was there at once. */
  position = -1;
}

const NOTHING = new Uint8Array(0);

/**
 * Protects and opens the packets of many contexts together, for a relay or a mixer: SHA-1 runs over four packets at once.
 * Put packets in, then `flush`; until then neither a packet nor its `out` may be touched.
 *
 * ```ts
 * const batch = createSrtpBatch({ crypto });
 * for (const { sender, packet, out } of due) batch.protect(sender, packet, out);
 * const count = batch.flush();
 * for (let at = 0; at < count; at++) send(due[at].out.subarray(0, Number(batch.outcome(at))));
 * ```
 *
 * What a context does and refuses is the same as one by one, in the order in which packets were put in.
 *
 * @throws {SrtpError} srtp.invalid-option
 */
export function createSrtpBatch(options: SrtpBatchOptions): SrtpBatch {
  return new SrtpBatch(options);
}

export class SrtpBatch {
  readonly capacity: number;
  readonly #lanes: PacketLanes | undefined;
  readonly #items: readonly Item[];
  readonly #digest = createDigest();
  #count = 0;
  #staged = 0;
  #state: 'filling' | 'flushing' | 'flushed' | 'closed' = 'flushed';

  constructor(options: SrtpBatchOptions) {
    optionsObject('options', options);
    knownNames('options', options, ['crypto', 'capacity']);
    providerOption(options.crypto);
    const capacity = options.capacity ?? DEFAULT_BATCH_CAPACITY;
    this.capacity = integerOption('capacity', capacity, 1, LARGEST_BATCH_CAPACITY);
    this.#lanes = options.crypto.createPacketLanes?.(this.capacity);
    this.#items = Array.from({ length: this.capacity }, () => new Item());
  }

  /** Packets that wait, or the outcomes that can be asked for. */
  get count(): number {
    return this.#count;
  }

  /**
   * Puts in an RTP packet to protect. Its index is spent now.
   *
   * @throws {SrtpError} as `SrtpSender.protect`; the packet is not in then. RangeError when the batch is full
   */
  protect(sender: SrtpSender, packet: Uint8Array, out: Uint8Array): void {
    const item = this.#next();
    beginProtect(sender, packet, out, item.work);
    const { work } = item;
    const lanes = this.#lanes;
    if (lanes === undefined || !stages(lanes, work)) {
      item.outcome = protectBegun(sender, packet, out, work);
      this.#accept(item, sender, undefined, packet, out);
      return;
    }
    this.#accept(item, sender, undefined, packet, out);
    item.position = this.#staged++;
    const { cipher, clear, end, keystream, ssrc, index, rolloverCounter } = work;
    lanes.addToProtect(item.position, cipher, packet, clear, end, keystream, ssrc, index, rolloverCounter);
  }

  /** Puts in an SRTP packet to open. @throws {SrtpError} srtp.overlapping-buffers. RangeError when the batch is full */
  unprotect(receiver: SrtpReceiver, packet: Uint8Array, out: Uint8Array): void {
    const item = this.#next();
    const { work } = item;
    const refusal = peekPacket(receiver, packet, out, work);
    // An SSRC without state may get it from a packet before this one in the batch: its index is not known yet then.
    const alone = refusal !== undefined || receiver.rolloverCounter(work.ssrc) === undefined;
    this.#accept(item, undefined, receiver, packet, out);
    const lanes = this.#lanes;
    if (alone || lanes === undefined || !stages(lanes, work)) return;
    item.position = this.#staged++;
    const { cipher, clear, end, ssrc, index, rolloverCounter } = work;
    lanes.addToOpen(item.position, cipher, packet, clear, end, ssrc, index, rolloverCounter);
  }

  /**
   * Works on what was put in since the last time; returns how many. Their outcomes stand until the next is put in. Who is
   * warned of a key's end is told when all is done; what that throws is thrown then.
   */
  flush(): number {
    if (this.#state !== 'filling') return 0;
    this.#state = 'flushing';
    try {
      if (this.#staged > 0) this.#lanes?.run(this.#staged);
      for (let at = 0; at < this.#count; at++) this.#finish(this.#items[at] as Item);
    } finally {
      this.#lanes?.done();
      this.#state = 'flushed';
    }
    for (let at = 0; at < this.#count; at++) warnIfDue((this.#items[at] as Item).work);
    return this.#count;
  }

  /** Length written to `out`, or why the packet was refused: for the packet put in as number `at`, after `flush`. */
  outcome(at: number): number | SrtpRejection {
    const item = this.#items[at];
    if (this.#state !== 'flushed' || item === undefined || at >= this.#count) {
      throw new RangeError(`there is no outcome ${at}: call flush first, and count from 0 to ${this.#count - 1}`);
    }
    return item.outcome;
  }

  /** Gives the memory back. What waits is lost; putting in afterwards throws `srtp.closed`. */
  close(): void {
    this.#state = 'closed';
    this.#lanes?.close();
    this.#digest.fill(0);
  }

  #next(): Item {
    if (this.#state === 'closed') throw new SrtpError('srtp.closed', 'this batch is closed');
    if (this.#state === 'flushing') throw new RangeError('this batch is being flushed: put in more afterwards');
    if (this.#state === 'flushed') {
      this.#state = 'filling';
      this.#count = 0;
      this.#staged = 0;
    }
    const item = this.#items[this.#count];
    if (item === undefined) throw new RangeError(`this batch is full with ${this.capacity} packets: call flush`);
    item.position = -1;
    item.work.warns = false;
    return item;
  }

  #accept(
    item: Item,
    sender: SrtpSender | undefined,
    receiver: SrtpReceiver | undefined,
    packet: Uint8Array,
    out: Uint8Array,
  ): void {
    item.sender = sender;
    item.receiver = receiver;
    item.packet = packet;
    item.out = out;
    this.#count++;
  }

  #finish(item: Item): void {
    const { work, sender, receiver, packet, out, position } = item;
    if (sender !== undefined && position >= 0) {
      (this.#lanes as PacketLanes).read(position, out, work.end + work.tagOffset, work.macLength);
      item.outcome = finishProtect(sender, out, work);
    } else if (receiver !== undefined) {
      item.outcome = position < 0 ? unprotectWith(receiver, packet, out, work) : this.#open(receiver, item);
    }
  }

  #open(receiver: SrtpReceiver, item: Item): number | SrtpRejection {
    const lanes = this.#lanes as PacketLanes;
    const { work, packet, out, position } = item;
    lanes.readDigest(position, this.#digest);
    const refusal = commitPacket(receiver, packet, work, this.#digest);
    // Packets before it may have moved the rollover counter, and a search for it is done one by one.
    if (refusal === 'authentication-failed') return unprotectWith(receiver, packet, out, work);
    if (refusal !== undefined) return rejectPacket(receiver, refusal);
    lanes.open(position, out, work.keystream, work.index);
    return work.end;
  }
}

/**
 * Whether a packet can wait with others: nothing but its payload is encrypted, HMAC-SHA1 authenticates it, and its
 * session keys are those of the whole master key (others are dropped while it waits).
 */
function stages(lanes: PacketLanes, work: PacketWork): boolean {
  const { hidden, macLength, session, key, cipher } = work;
  if (hidden || macLength === 0 || session === undefined || session.header !== undefined) return false;
  return key?.rtp.only === session && lanes.accepts(cipher);
}
