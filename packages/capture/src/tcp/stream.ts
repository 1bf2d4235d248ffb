/** Told what a direction of a connection carries. Octets given to it are valid during the call alone. */
export interface StreamSink {
  data(octets: Uint8Array): void;
  /** So many octets were sent and are not in the capture. */
  gap(octets: number): void;
  /** FIN, RST, or the end of the capture. */
  ended(): void;
}

/** What waits for octets before it, for all streams together. */
export class StreamBudget {
  readonly limit: number;
  used = 0;

  constructor(limit = 32 << 20) {
    this.limit = limit;
  }
}

interface Waiting {
  readonly sequence: number;
  readonly octets: Uint8Array;
}

/** How much waits in one direction, and how often the other side acknowledges what is missing, before it is taken as lost. */
const MOST_WAITING_OCTETS = 256 << 10;
const MOST_WAITING_SEGMENTS = 512;
const ACKNOWLEDGED_TIMES = 3;

const flags = { fin: 1, syn: 2, reset: 4 } as const;

/**
 * One direction of a TCP connection (RFC 9293), put in order. What comes out of order waits; what was not captured is a gap,
 * once the receiver has acknowledged it several times or too much waits. Where segments overlap the octets that came first
 * stay, whether they are given on or still wait: what is sent again to say something else is not heard.
 * A stream that was joined in its middle begins with the first segment that is seen.
 */
export class TcpStream {
  readonly #sink: StreamSink;
  readonly #budget: StreamBudget;
  /** The next octet that is wanted; undefined before the first segment. Modulo 2^32. */
  #next: number | undefined;
  /** Ascending from `#next` on, without overlap. */
  #waiting: Waiting[] = [];
  #waitingOctets = 0;
  #acknowledgedBeyond = 0;
  /** The place of FIN, once it was seen. */
  #finAt: number | undefined;
  #ended = false;

  constructor(sink: StreamSink, budget: StreamBudget) {
    this.#sink = sink;
    this.#budget = budget;
  }

  /** Whether a segment of it was seen. */
  get hasBegun(): boolean {
    return this.#next !== undefined;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** `isCut`: the capture kept less of the segment than was sent, and `missing` octets at its end. */
  segment(sequence: number, tcpFlags: number, octets: Uint8Array, missing = 0): void {
    if (this.#ended) return;
    const isSyn = (tcpFlags & flags.syn) !== 0;
    const from = isSyn ? (sequence + 1) >>> 0 : sequence;
    this.#next ??= from;
    if (octets.byteLength > 0) this.#put(from, octets);
    if ((tcpFlags & flags.fin) !== 0) this.#finAt = (from + octets.byteLength + missing) >>> 0;
    this.#giveOn();
    if ((tcpFlags & flags.reset) !== 0) this.end();
  }

  /** The receiver has all before this octet. */
  acknowledged(sequence: number): void {
    const next = this.#next;
    if (this.#ended || next === undefined || distance(next, sequence) <= 0) return;
    const [first] = this.#waiting;
    const isLost = first !== undefined || this.#finAt !== undefined;
    if (!isLost || ++this.#acknowledgedBeyond < ACKNOWLEDGED_TIMES) return;
    this.#skip();
    this.#giveOn();
  }

  /** Nothing more comes: what waits is given on, with the gaps between. */
  end(): void {
    if (this.#ended) return;
    while (this.#waiting.length > 0) {
      this.#skip();
      this.#giveOn();
    }
    if (!this.#ended) this.#finish();
  }

  #put(sequence: number, octets: Uint8Array): void {
    const next = this.#next ?? sequence;
    // What was given on already stays as it was.
    const old = Math.max(0, -distance(next, sequence));
    if (old >= octets.byteLength) return;
    const [from, fresh] = [(sequence + old) >>> 0, octets.subarray(old)];
    if (from === next && this.#waiting.length === 0) {
      this.#deliver(fresh);
      return;
    }
    this.#wait(from, fresh);
    while (this.#waitingOctets > MOST_WAITING_OCTETS || this.#waiting.length > MOST_WAITING_SEGMENTS) {
      this.#skip();
      this.#giveOn();
    }
    if (this.#budget.used > this.#budget.limit) this.#skip();
  }

  /** Keeps those parts that no other segment has brought. */
  #wait(sequence: number, octets: Uint8Array): void {
    const next = this.#next ?? sequence;
    let at = distance(next, sequence);
    const end = at + octets.byteLength;
    const parts: Waiting[] = [];
    const keep = (to: number) => {
      if (to > at) {
        const start = octets.byteLength - (end - at);
        parts.push({ sequence: (next + at) >>> 0, octets: octets.slice(start, start + to - at) });
      }
    };
    for (const other of this.#waiting) {
      const from = distance(next, other.sequence);
      if (from >= end) break;
      if (from + other.octets.byteLength <= at) continue;
      keep(Math.min(from, end));
      at = Math.max(at, from + other.octets.byteLength);
      if (at >= end) break;
    }
    keep(end);
    if (parts.length === 0) return;
    for (const part of parts) this.#count(part.octets.byteLength);
    this.#waiting = [...this.#waiting, ...parts].sort(
      (one, other) => distance(next, one.sequence) - distance(next, other.sequence),
    );
  }

  #giveOn(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || first.sequence !== this.#next) break;
      this.#waiting.shift();
      this.#count(-first.octets.byteLength);
      this.#deliver(first.octets);
    }
    if (this.#finAt !== undefined && this.#next === this.#finAt) this.#finish();
  }

  /** What is missing before the first that waits, or before FIN, is not coming. */
  #skip(): void {
    const next = this.#next;
    const to = this.#waiting[0]?.sequence ?? this.#finAt;
    if (next === undefined || to === undefined) return;
    const missing = distance(next, to);
    this.#next = to;
    this.#acknowledgedBeyond = 0;
    if (missing > 0) this.#sink.gap(missing);
  }

  #deliver(octets: Uint8Array): void {
    this.#next = ((this.#next ?? 0) + octets.byteLength) >>> 0;
    this.#acknowledgedBeyond = 0;
    this.#sink.data(octets);
  }

  #finish(): void {
    this.#ended = true;
    for (const { octets } of this.#waiting) this.#count(-octets.byteLength);
    this.#waiting = [];
    this.#sink.ended();
  }

  #count(octets: number): void {
    this.#waitingOctets += octets;
    this.#budget.used += octets;
  }
}

/** How far `to` is ahead of `from`, negative where it is behind (RFC 9293 §3.4: modulo 2^32). */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}
