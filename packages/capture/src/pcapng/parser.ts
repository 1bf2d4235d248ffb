import { type FormatParser, MAXIMUM_BLOCK_LENGTH, type Parsed } from '../format.ts';
import type { CapturedPacket, CaptureInterface, CaptureItem } from '../item.ts';
import { TakenPacket } from '../packet-at-hand.ts';
import { MICROSECONDS, type Resolution, resolutionFromOctet, timeFromTicks } from '../ticks.ts';
import { BYTE_ORDER_MAGIC, blockTypes, directionFlags, optionCodes, padding } from './block.ts';

type OtherItem = Exclude<CaptureItem, CapturedPacket>;

/** Interfaces of one section; the field that counts them in other blocks once had 16 bits. */
const MAXIMUM_INTERFACES = 65_536;

/** Octets that are kept of the name of an interface: systems allow 16, and all names of a section are kept while it is read. */
const MAXIMUM_NAME_LENGTH = 256;

const BLOCK_OVERHEAD = 12; // type, length, and the length again at the end

interface SectionInterface {
  readonly shown: CaptureInterface;
  readonly resolution: Resolution;
  /** if_tsoffset, in seconds. */
  readonly offsetSeconds: number;
}

/**
 * The pcapng format (draft-ietf-opsawg-pcapng): blocks, in sections that each choose their byte order.
 *
 *     type(4) total length(4) body, padded to a multiple of four ... total length(4)
 */
export class PcapngParser implements FormatParser {
  #littleEndian = false;
  #interfaces: SectionInterface[] = [];
  #packets = 0;
  readonly #taken = new TakenPacket();

  parse(bytes: Uint8Array, view: DataView, at: number): Parsed {
    const available = bytes.byteLength - at;
    if (available < BLOCK_OVERHEAD) return { kind: 'more', length: BLOCK_OVERHEAD };
    // The type of a section header reads the same in both byte orders, and its body says which one holds from here.
    const startsSection = view.getUint32(at) === blockTypes.sectionHeader;
    if (startsSection && !this.#readByteOrder(view, at)) return malformed('A section header has no byte-order magic.');
    const type = view.getUint32(at, this.#littleEndian);
    const length = view.getUint32(at + 4, this.#littleEndian);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0 || length > MAXIMUM_BLOCK_LENGTH) {
      return malformed(`A block claims ${length} octets.`);
    }
    if (available < length) return { kind: 'more', length };
    if (view.getUint32(at + length - 4, this.#littleEndian) !== length) {
      return malformed('The two lengths of a block differ.');
    }
    const read = this.#packetBlock(type, bytes, view, at + 8, at + length - 4);
    if (read === 'read') {
      this.#taken.length = length;
      return this.#taken;
    }
    const item =
      read === 'malformed'
        ? read
        : this.#item(type, new Body(bytes.subarray(at + 8, at + length - 4), this.#littleEndian));
    if (item === 'malformed') return malformed(`A block of type ${type} is shorter than its fields, or out of place.`);
    return { kind: 'taken', length, item };
  }

  #readByteOrder(view: DataView, at: number): boolean {
    if (view.getUint32(at + 8) === BYTE_ORDER_MAGIC) this.#littleEndian = false;
    else if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) this.#littleEndian = true;
    else return false;
    this.#interfaces = [];
    return true;
  }

  #item(type: number, body: Body): OtherItem | 'malformed' {
    switch (type) {
      case blockTypes.sectionHeader:
        // Magic, versions, section length. Minor versions add blocks; the major would change their frame.
        if (body.length < 16 || body.u16(4) !== 1) return 'malformed';
        return { kind: 'section', format: 'pcapng', littleEndian: this.#littleEndian };
      case blockTypes.interfaceDescription:
        return this.#interface(body);
      case blockTypes.decryptionSecrets:
        return secrets(body);
      default:
        return { kind: 'unknown-block', type, body: body.bytes };
    }
  }

  #interface(body: Body): OtherItem | 'malformed' {
    if (body.length < 8 || this.#interfaces.length >= MAXIMUM_INTERFACES) return 'malformed';
    let name: string | undefined;
    let resolution = MICROSECONDS;
    let offsetSeconds = 0;
    for (const option of body.options(8)) {
      if (option.code === optionCodes.interfaceName) {
        name = text(option.value.bytes.subarray(0, MAXIMUM_NAME_LENGTH));
      }
      if (option.code === optionCodes.interfaceResolution && option.value.length === 1) {
        resolution = resolutionFromOctet(option.value.bytes[0] ?? 0);
      }
      if (option.code === optionCodes.interfaceOffset && option.value.length === 8) {
        offsetSeconds = option.value.i64(0);
      }
    }
    const shown = { linkType: body.u16(0), snapLength: body.u32(4), name };
    this.#interfaces.push({ shown, resolution, offsetSeconds });
    return { kind: 'interface', interface: shown };
  }

  /** A block with a packet, whose body stands from `at` to `end`. It makes no object. */
  #packetBlock(
    type: number,
    bytes: Uint8Array,
    view: DataView,
    at: number,
    end: number,
  ): 'read' | 'malformed' | 'other' {
    switch (type) {
      case blockTypes.enhancedPacket:
        if (end - at < 20) return 'malformed';
        return this.#packet(bytes, view, at, end, view.getUint32(at, this.#littleEndian));
      case blockTypes.packet:
        if (end - at < 20) return 'malformed';
        // The interface has 16 bits here, followed by a count of drops.
        return this.#packet(bytes, view, at, end, view.getUint16(at, this.#littleEndian));
      case blockTypes.simplePacket:
        return this.#simplePacket(bytes, view, at, end);
      default:
        return 'other';
    }
  }

  #packet(bytes: Uint8Array, view: DataView, at: number, end: number, interfaceNumber: number): 'read' | 'malformed' {
    const source = this.#interfaces[interfaceNumber];
    const littleEndian = this.#littleEndian;
    const length = view.getUint32(at + 12, littleEndian);
    const from = at + 20;
    if (source === undefined || length > end - from) return 'malformed';
    const packet = this.#taken.item;
    const time = timeFromTicks(
      view.getUint32(at + 4, littleEndian),
      view.getUint32(at + 8, littleEndian),
      source.resolution,
    );
    packet.number = ++this.#packets;
    packet.interface = source.shown;
    packet.hasTime = time !== undefined;
    packet.microseconds = time === undefined ? 0 : time.microseconds + source.offsetSeconds * 1_000_000;
    packet.nanoseconds = time?.nanoseconds ?? 0;
    packet.bytes = bytes;
    packet.from = from;
    packet.to = from + length;
    packet.originalLength = view.getUint32(at + 16, littleEndian);
    packet.direction = undefined;
    packet.comment = undefined;
    const optionsAt = from + length + padding(length);
    if (optionsAt + 4 <= end) this.#options(new Body(bytes.subarray(optionsAt, end), littleEndian));
    return 'read';
  }

  #options(body: Body): void {
    const packet = this.#taken.item;
    for (const option of body.options(0)) {
      if (option.code === optionCodes.comment) packet.comment ??= text(option.value.bytes);
      if (option.code === optionCodes.packetFlags && option.value.length === 4) {
        const bits = option.value.u32(0) & 3;
        if (bits === directionFlags.inbound) packet.direction = 'inbound';
        if (bits === directionFlags.outbound) packet.direction = 'outbound';
      }
    }
  }

  #simplePacket(bytes: Uint8Array, view: DataView, at: number, end: number): 'read' | 'malformed' {
    const source = this.#interfaces[0];
    if (source === undefined || end - at < 4) return 'malformed';
    const originalLength = view.getUint32(at, this.#littleEndian);
    // Its captured length stands nowhere: the least of the packet, the snap length and the room there is (§4.4).
    const snapLength = source.shown.snapLength === 0 ? originalLength : source.shown.snapLength;
    const packet = this.#taken.item;
    packet.number = ++this.#packets;
    packet.interface = source.shown;
    packet.hasTime = false;
    packet.microseconds = 0;
    packet.nanoseconds = 0;
    packet.bytes = bytes;
    packet.from = at + 4;
    packet.to = packet.from + Math.min(originalLength, snapLength, end - packet.from);
    packet.originalLength = originalLength;
    packet.direction = undefined;
    packet.comment = undefined;
    return 'read';
  }
}

/** The body of a block, or the value of an option, in the byte order of its section. */
class Body {
  readonly bytes: Uint8Array;
  readonly #littleEndian: boolean;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.#littleEndian = littleEndian;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.byteLength;
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.#littleEndian);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.#littleEndian);
  }

  i64(at: number): number {
    return Number(this.#view.getBigInt64(at, this.#littleEndian));
  }

  /** The options from `at` on. A cut or overlong one ends them: what they say is never worth losing a packet. */
  *options(at: number): Generator<{ readonly code: number; readonly value: Body }> {
    while (at + 4 <= this.length) {
      const code = this.u16(at);
      const length = this.u16(at + 2);
      if (code === optionCodes.endOfOptions || at + 4 + length > this.length) return;
      yield { code, value: new Body(this.bytes.subarray(at + 4, at + 4 + length), this.#littleEndian) };
      at += 4 + length + padding(length);
    }
  }
}

/** Type, length, and so many octets of secrets, padded (§4.7). What claims more is worth no packet: it is passed over. */
function secrets(body: Body): OtherItem {
  if (body.length < 8 || body.u32(4) > body.length - 8) {
    return { kind: 'unknown-block', type: blockTypes.decryptionSecrets, body: body.bytes };
  }
  return { kind: 'secrets', type: body.u32(0), data: body.bytes.subarray(8, 8 + body.u32(4)) };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function malformed(sentence: string): Parsed {
  return { kind: 'malformed', sentence };
}
