/**
 * The pcap format (draft-ietf-opsawg-pcap): a header of 24 octets, then records.
 *
 *     magic(4) major(2) minor(2) reserved(8) snap length(4) flags and link type(4)
 *     seconds(4) micro- or nanoseconds(4) captured length(4) original length(4) data
 */
import { type FormatParser, MAXIMUM_BLOCK_LENGTH, type Parsed } from './format.ts';
import type { CaptureInterface } from './item.ts';
import { TakenPacket } from './packet-at-hand.ts';

const HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;

/** By the magic number as it reads big-endian. */
const formats: ReadonlyMap<number, { readonly littleEndian: boolean; readonly nanosecondsOfUnit: number }> = new Map([
  [0xa1b2c3d4, { littleEndian: false, nanosecondsOfUnit: 1_000 }],
  [0xd4c3b2a1, { littleEndian: true, nanosecondsOfUnit: 1_000 }],
  [0xa1b23c4d, { littleEndian: false, nanosecondsOfUnit: 1 }],
  [0x4d3cb2a1, { littleEndian: true, nanosecondsOfUnit: 1 }],
]);

export class PcapParser implements FormatParser {
  readonly #littleEndian: boolean;
  readonly #nanosecondsOfUnit: number;
  readonly #taken = new TakenPacket();
  #interface: CaptureInterface | undefined;
  #announced = false;
  #packets = 0;

  private constructor(littleEndian: boolean, nanosecondsOfUnit: number) {
    this.#littleEndian = littleEndian;
    this.#nanosecondsOfUnit = nanosecondsOfUnit;
  }

  /** A parser for the format whose magic number, read big-endian, this is. */
  static forMagic(magic: number): PcapParser | undefined {
    const format = formats.get(magic);
    return format && new PcapParser(format.littleEndian, format.nanosecondsOfUnit);
  }

  parse(bytes: Uint8Array, view: DataView, at: number): Parsed {
    if (this.#interface === undefined) return this.#header(view, at);
    if (!this.#announced) {
      this.#announced = true;
      return { kind: 'taken', length: 0, item: { kind: 'interface', interface: this.#interface } };
    }
    return this.#record(bytes, view, at, this.#interface);
  }

  #header(view: DataView, at: number): Parsed {
    if (view.byteLength - at < HEADER_LENGTH) return { kind: 'more', length: HEADER_LENGTH };
    const littleEndian = this.#littleEndian;
    const major = view.getUint16(at + 4, littleEndian);
    if (major !== 2) return { kind: 'malformed', sentence: `This is pcap version ${major}; version 2 is known.` };
    this.#interface = {
      snapLength: view.getUint32(at + 16, littleEndian),
      // The upper bits tell of a frame check sequence.
      linkType: view.getUint32(at + 20, littleEndian) & 0xffff,
      name: undefined,
    };
    return { kind: 'taken', length: HEADER_LENGTH, item: { kind: 'section', format: 'pcap', littleEndian } };
  }

  #record(bytes: Uint8Array, view: DataView, at: number, captureInterface: CaptureInterface): Parsed {
    const available = view.byteLength - at;
    if (available < RECORD_HEADER_LENGTH) return { kind: 'more', length: RECORD_HEADER_LENGTH };
    const littleEndian = this.#littleEndian;
    const seconds = view.getUint32(at, littleEndian);
    const fraction = view.getUint32(at + 4, littleEndian);
    const length = view.getUint32(at + 8, littleEndian);
    const originalLength = view.getUint32(at + 12, littleEndian);
    if (length > MAXIMUM_BLOCK_LENGTH) return { kind: 'malformed', sentence: `A packet claims ${length} octets.` };
    if (available < RECORD_HEADER_LENGTH + length) {
      return { kind: 'more', length: RECORD_HEADER_LENGTH + length };
    }
    const nanoseconds = fraction * this.#nanosecondsOfUnit;
    const taken = this.#taken;
    const packet = taken.item;
    taken.length = RECORD_HEADER_LENGTH + length;
    packet.number = ++this.#packets;
    packet.interface = captureInterface;
    packet.hasTime = true;
    packet.microseconds = seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
    packet.nanoseconds = nanoseconds % 1000;
    packet.bytes = bytes;
    packet.from = at + RECORD_HEADER_LENGTH;
    packet.to = packet.from + length;
    packet.originalLength = originalLength;
    return taken;
  }
}
