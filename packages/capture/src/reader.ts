import { type FormatParser, MAXIMUM_BLOCK_LENGTH, type Parsed } from './format.ts';
import type { CaptureEnd, CaptureItem } from './item.ts';
import { PcapParser } from './pcap.ts';
import { PcapngParser } from './pcapng/parser.ts';

/**
 * Reads pcap and pcapng, told apart by their first octets. Push octets as they come, in chunks of any size, then
 * take items until there are none; at the end of the octets, ask how it ended. Pushed chunks must not be written
 * to afterwards: packets are views into them.
 */
export class CaptureReader {
  #chunks: Uint8Array[] = [];
  #available = 0;
  /** Octets without which the next item cannot be told: the magic number at first. */
  #needed = 4;
  #offset = 0;
  #parser: FormatParser | undefined;
  #malformed: CaptureEnd | undefined;

  push(chunk: Uint8Array): void {
    if (this.#malformed !== undefined || chunk.byteLength === 0) return;
    this.#chunks.push(chunk);
    this.#available += chunk.byteLength;
  }

  /** The next item, or undefined until more octets are pushed. */
  next(): CaptureItem | undefined {
    while (this.#malformed === undefined && this.#available >= this.#needed) {
      const bytes = this.#joined();
      this.#parser ??= parserFor(bytes);
      const parsed: Parsed = this.#parser?.parse(bytes) ?? {
        kind: 'malformed',
        sentence: 'This is neither a pcap nor a pcapng file.',
      };
      switch (parsed.kind) {
        case 'taken':
          this.#take(bytes, parsed.length);
          if (parsed.item !== undefined) return parsed.item;
          break;
        case 'more':
          if (parsed.length > MAXIMUM_BLOCK_LENGTH) {
            this.#fail(`A packet or block claims ${parsed.length} octets.`);
          } else {
            this.#needed = parsed.length;
          }
          break;
        case 'malformed':
          this.#fail(parsed.sentence);
      }
    }
    return undefined;
  }

  /** True once the octets turned out not to be what they claimed; nothing more will come. */
  get failed(): boolean {
    return this.#malformed !== undefined;
  }

  /** How the capture ended, once every octet was pushed and every item taken. */
  end(): CaptureEnd {
    if (this.#malformed !== undefined) return this.#malformed;
    if (this.#parser === undefined) {
      return { kind: 'malformed', offset: 0, sentence: 'The file is too short to be a capture.' };
    }
    return this.#available === 0 ? { kind: 'complete' } : { kind: 'truncated', offset: this.#offset };
  }

  /** The octets at hand in one piece. Joined only when enough for a step, so that small chunks cost no more. */
  #joined(): Uint8Array {
    const [only] = this.#chunks;
    if (this.#chunks.length === 1 && only !== undefined) return only;
    const joined = new Uint8Array(this.#available);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, at);
      at += chunk.byteLength;
    }
    this.#chunks = [joined];
    return joined;
  }

  #take(bytes: Uint8Array, length: number): void {
    this.#offset += length;
    this.#available -= length;
    this.#needed = 0;
    this.#chunks = this.#available === 0 ? [] : [bytes.subarray(length)];
  }

  #fail(sentence: string): void {
    this.#malformed = { kind: 'malformed', offset: this.#offset, sentence };
    this.#chunks = [];
  }
}

/** Reads a capture from a stream of chunks; returns how it ended. */
export async function* readCapture(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<CaptureItem, CaptureEnd> {
  const reader = new CaptureReader();
  for await (const chunk of chunks) {
    reader.push(chunk);
    for (let item = reader.next(); item !== undefined; item = reader.next()) yield item;
    if (reader.failed) break;
  }
  return reader.end();
}

function parserFor(bytes: Uint8Array): FormatParser | undefined {
  const magic = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  if (magic === 0x0a0d0d0a) return new PcapngParser();
  return PcapParser.forMagic(magic);
}
