/**
 * Zstandard (RFC 8878) of several frames, one after the other, as programs that use several threads write it and `cat` makes it.
 * node:zlib unpacks the first frame of a stream and drops what follows, so the frames are parted here and unpacked one by one.
 */
import { pipeline, Readable } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';
import { TrustlineError } from '@trustline/base';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

/** Each frame takes an unpacker of its own: this many there may be, and beyond them one for each so many octets that are unpacked. */
const MOST_SMALL_FRAMES = 10_000;
const OCTETS_OF_A_FRAME = 1_000;

/**
 * Unpacks all frames. What is no frame any more is given to the unpacker, which says so.
 *
 * @throws {TrustlineError} capture.too-many-frames where they hold next to nothing: they were made to take time
 */
export async function* unpackZstandard(
  chunks: AsyncIterable<Uint8Array>,
  chunkSize: number,
): AsyncGenerator<Uint8Array> {
  const input = new Octets(chunks[Symbol.asyncIterator]());
  let octets = 0;
  for (let frames = 0; (await input.atLeast(1)) !== undefined; ) {
    if (await isSkipped(input)) continue;
    frames++;
    if (frames > MOST_SMALL_FRAMES + octets / OCTETS_OF_A_FRAME) {
      throw new TrustlineError('capture.too-many-frames', 'It is packed in more pieces than any program makes.');
    }
    const unpacker = createZstdDecompress({ chunkSize, finishFlush: constants.ZSTD_e_flush });
    for await (const chunk of pipeline(Readable.from(frame(input), { objectMode: false }), unpacker, () => {})) {
      octets += chunk.byteLength;
      yield chunk;
    }
  }
}

/** Passes over a frame that is to be skipped (§3.1.2); false where the next is none. */
async function isSkipped(input: Octets): Promise<boolean> {
  const head = await input.atLeast(8);
  if (head === undefined || (head.getUint32(0, true) & 0xffff_fff0) >>> 0 !== SKIPPABLE) return false;
  await input.skip(8 + head.getUint32(4, true));
  return true;
}

/** The octets of the next frame: its header, its blocks up to the last, its checksum (§3.1.1). */
async function* frame(input: Octets): AsyncGenerator<Uint8Array> {
  const head = await input.atLeast(6);
  const magic = head === undefined ? 0 : head.getUint32(0, true);
  if (head === undefined || magic !== MAGIC) {
    yield* input.take(Number.POSITIVE_INFINITY);
    return;
  }
  const descriptor = head.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  yield* input.take(5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + contentSize);
  for (let isLast = false; !isLast; ) {
    const block = await input.atLeast(3);
    if (block === undefined) break;
    const header = block.getUint8(0) | (block.getUint8(1) << 8) | (block.getUint8(2) << 16);
    isLast = (header & 1) !== 0;
    const isRunLength = ((header >> 1) & 3) === 1;
    yield* input.take(3 + (isRunLength ? 1 : header >> 3));
  }
  if ((descriptor & 4) !== 0) yield* input.take(4);
}

/** Octets that come in chunks, taken by number. */
class Octets {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held = new Uint8Array(0);
  #isOver = false;

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks;
  }

  /** A view that begins with so many octets, which are not taken; undefined where there are not so many. */
  async atLeast(count: number): Promise<DataView | undefined> {
    while (this.#held.byteLength < count && !this.#isOver) await this.#more();
    if (this.#held.byteLength < count) return undefined;
    return new DataView(this.#held.buffer, this.#held.byteOffset, this.#held.byteLength);
  }

  /** The next octets, fewer where there are not so many. */
  async *take(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (this.#held.byteLength === 0 && !this.#isOver) await this.#more();
      if (this.#held.byteLength === 0) return;
      const taken = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(taken.byteLength);
      left -= taken.byteLength;
      yield taken;
    }
  }

  /** Passes over the next octets, fewer where there are not so many. */
  async skip(count: number): Promise<void> {
    if (count <= this.#held.byteLength) this.#held = this.#held.subarray(count);
    else for await (const _ of this.take(count));
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done === true) {
      this.#isOver = true;
      return;
    }
    const held = new Uint8Array(this.#held.byteLength + value.byteLength);
    held.set(this.#held);
    held.set(value, this.#held.byteLength);
    this.#held = held;
  }
}
