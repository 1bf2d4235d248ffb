import { type FormatParser, MAXIMUM_BLOCK_LENGTH, type Parsed } from './format.ts';
import type { CapturedPacket, CaptureEnd, CaptureItem } from './item.ts';
import type { PacketAtHand } from './packet-at-hand.ts';
import { PcapParser } from './pcap.ts';
import { PcapngParser } from './pcapng/parser.ts';

/** An item of a capture; a packet is valid until the next is taken. */
export type ItemAtHand = Exclude<CaptureItem, CapturedPacket> | PacketAtHand;

/**
 * Reads pcap and pcapng, told apart by their first octets. Push octets as they come, in chunks of any size, then
 * take items until there are none; at the end of the octets, ask how it ended. Pushed chunks must not be written
 * to afterwards: packets are views into them.
 */
export class CaptureReader {
  /** What is read now, from `#at` on; `#later` comes behind it. */
  #bytes: Uint8Array = nothing;
  #view: DataView = viewOf(nothing);
  #at = 0;
  #later: Uint8Array[] = [];
  #available = 0;
  /** Octets without which the next item cannot be told: the magic number at first. */
  #needed = 4;
  #offset = 0;
  #parser: FormatParser | undefined;
  #malformed: CaptureEnd | undefined;

  push(chunk: Uint8Array): void {
    if (this.#malformed !== undefined || chunk.byteLength === 0) return;
    // `slice` of a Buffer copies nothing: whoever kept a few octets of a packet by it would keep the whole chunk.
    this.#later.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#available += chunk.byteLength;
  }

  /** The next item, or undefined until more octets are pushed. */
  next(): CaptureItem | undefined {
    const item = this.nextAtHand();
    return item?.kind === 'packet' ? item.kept() : item;
  }

  /** The same, but that a packet holds until the next item is taken alone: nothing is allocated for it. */
  nextAtHand(): ItemAtHand | undefined {
    while (this.#malformed === undefined && this.#available >= this.#needed) {
      if (this.#bytes.byteLength - this.#at < this.#needed) this.#join();
      this.#parser ??= parserFor(this.#view);
      const parsed: Parsed = this.#parser?.parse(this.#bytes, this.#view, this.#at) ?? {
        kind: 'malformed',
        sentence: 'This is neither a pcap nor a pcapng file.',
      };
      switch (parsed.kind) {
        case 'packet':
          this.#take(parsed.length);
          return parsed.item;
        case 'taken':
          this.#take(parsed.length);
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

  /** So many octets as are needed in one piece: what lies across chunks is copied, and no more than that. */
  #join(): void {
    const left = this.#bytes.subarray(this.#at);
    const [first] = this.#later;
    if (left.byteLength === 0 && first !== undefined && first.byteLength >= this.#needed) {
      this.#later.shift();
      this.#read(first);
      return;
    }
    const joined = new Uint8Array(this.#needed);
    joined.set(left);
    let at = left.byteLength;
    let whole = 0;
    for (const chunk of this.#later) {
      if (at === joined.byteLength) break;
      const part = chunk.subarray(0, joined.byteLength - at);
      joined.set(part, at);
      at += part.byteLength;
      if (part.byteLength === chunk.byteLength) whole++;
      else this.#later[whole] = chunk.subarray(part.byteLength);
    }
    this.#later.splice(0, whole);
    this.#read(joined);
  }

  #read(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#at = 0;
  }

  #take(length: number): void {
    this.#offset += length;
    this.#available -= length;
    this.#needed = 0;
    this.#at += length;
    if (this.#at === this.#bytes.byteLength) this.#read(nothing);
  }

  #fail(sentence: string): void {
    this.#malformed = { kind: 'malformed', offset: this.#offset, sentence };
    this.#later = [];
    this.#read(nothing);
  }
}

const nothing = new Uint8Array(0);

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

function parserFor(view: DataView): FormatParser | undefined {
  const magic = view.getUint32(0);
  if (magic === 0x0a0d0d0a) return new PcapngParser();
  return PcapParser.forMagic(magic);
}
