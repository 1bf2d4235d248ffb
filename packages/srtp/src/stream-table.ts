import { ReceiverStream } from './receiver-stream.ts';

/**
 * The SSRC a receiver keeps state for, at most `maximum`. Finding whom to forget looks at all of them: it happens once
 * for each SSRC past the maximum, and only who holds the key can bring one.
 */
export class StreamTable {
  readonly #streams = new Map<number, ReceiverStream>();
  readonly #maximum: number;
  readonly #replayWindow: number;
  #refuse: boolean;
  #authenticated = 0;

  constructor(maximum: number, replayWindow: number, refuse: boolean) {
    this.#maximum = maximum;
    this.#replayWindow = replayWindow;
    this.#refuse = refuse;
  }

  get size(): number {
    return this.#streams.size;
  }

  get(ssrc: number): ReceiverStream | undefined {
    return this.#streams.get(ssrc);
  }

  has(ssrc: number): boolean {
    return this.#streams.has(ssrc);
  }

  entries(): IterableIterator<[number, ReceiverStream]> {
    return this.#streams.entries();
  }

  /** Whether one more SSRC would be refused. */
  get isFull(): boolean {
    return this.#refuse && this.#streams.size >= this.#maximum;
  }

  /** From now on one SSRC more is refused, and none forgotten. */
  forgetNone(): void {
    this.#refuse = true;
  }

  /** A new stream; undefined where one more is refused. The least recently authenticated makes room otherwise. */
  add(ssrc: number): ReceiverStream | undefined {
    if (this.isFull) return undefined;
    if (this.#streams.size >= this.#maximum) this.#forgetLeastRecent();
    const stream = new ReceiverStream(ssrc, this.#replayWindow, this.#authenticated);
    this.#streams.set(ssrc, stream);
    return stream;
  }

  /** Notes that a packet of this stream was authentic. */
  touch(stream: ReceiverStream): void {
    stream.lastAuthenticated = ++this.#authenticated;
  }

  clear(): void {
    for (const stream of this.#streams.values()) stream.closeKeystream();
    this.#streams.clear();
  }

  #forgetLeastRecent(): void {
    let oldest: [number, ReceiverStream] | undefined;
    for (const entry of this.#streams) {
      if (oldest === undefined || entry[1].lastAuthenticated < oldest[1].lastAuthenticated) oldest = entry;
    }
    if (oldest === undefined) return;
    oldest[1].closeKeystream();
    this.#streams.delete(oldest[0]);
  }
}
