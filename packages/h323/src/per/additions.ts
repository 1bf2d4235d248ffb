import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { checkUnknown, type ExtensionRest, type UnknownAddition } from './extensions.ts';
import { notEncodable, rethrowAt } from './fault.ts';
import { BLOCK, readCountedOctets, writeCountedOctets } from './lengths.ts';
import { readOpen, writeOpen } from './open-type.ts';
import type { TypeCodec } from './type-codec.ts';
import { readSmallLength, writeSmallLength } from './whole-numbers.ts';

export type SequenceValue = Record<string, unknown>;

/** One addition, or several in a group, whose fields stand in the SEQUENCE like others. */
export type Addition =
  | { readonly name: string; readonly codec: TypeCodec }
  | { readonly names: readonly string[]; readonly codec: TypeCodec };

/**
 * The additions of a SEQUENCE (X.691 §19.7 to §19.9): how many presence bits there are, the bits, and each addition that
 * is there as an open type. Peers write different numbers of presence bits for the same: all they know of, or up to the
 * last that is there. We do the latter, unless `'...'` says otherwise.
 */
export class Additions {
  readonly #known: readonly Addition[];

  constructor(known: readonly Addition[]) {
    this.#known = known;
  }

  decode(reader: BitReader, value: SequenceValue): void {
    const width = readSmallLength(reader);
    if (width > reader.end - reader.position) reader.fault('h323.truncated', `${width} presence bits should follow`);
    const bits = reader.position;
    reader.position += width;
    const unknown: UnknownAddition[] = [];
    let used = 0;
    for (let index = 0; index < width; index++) {
      const at = bits + index;
      if ((((reader.bytes[at >>> 3] as number) >>> (7 - (at & 7))) & 1) === 0) continue;
      used = index + 1;
      const addition = this.#known[index];
      if (addition === undefined) unknown.push({ index, octets: readCountedOctets(reader) });
      else decodeKnown(reader, addition, value);
    }
    if (width === used && unknown.length === 0) return;
    value['...'] = {
      ...(width === used ? {} : { width }),
      ...(unknown.length === 0 ? {} : { unknown }),
    } satisfies ExtensionRest;
  }

  /** How many presence bits are to be written; 0 where no addition is there. */
  width(value: SequenceValue): number {
    let width = 0;
    this.#known.forEach((addition, index) => {
      if (isPresent(addition, value)) width = index + 1;
    });
    const rest = value['...'];
    if (rest === undefined) return width;
    const { width: written = 0, unknown = [] } = rest as ExtensionRest;
    for (const addition of unknown) checkUnknown(addition, this.#known.length);
    const needed = Math.max(width, written, ...unknown.map(({ index }) => index + 1));
    if (!Number.isInteger(needed) || needed >= BLOCK) notEncodable('more presence bits than can be written');
    return needed;
  }

  encode(writer: BitWriter, value: SequenceValue, width: number): void {
    const { unknown = [] } = (value['...'] ?? {}) as ExtensionRest;
    const octets = new Map(unknown.map((addition) => [addition.index, addition.octets]));
    writeSmallLength(writer, width);
    for (let index = 0; index < width; index++) {
      const addition = this.#known[index];
      writer.bit(addition === undefined ? octets.has(index) : isPresent(addition, value));
    }
    for (let index = 0; index < width; index++) {
      const addition = this.#known[index];
      const unread = octets.get(index);
      if (addition !== undefined) encodeKnown(writer, addition, value);
      else if (unread !== undefined) writeCountedOctets(writer, unread);
    }
  }
}

function isPresent(addition: Addition, value: SequenceValue): boolean {
  return 'name' in addition
    ? value[addition.name] !== undefined
    : addition.names.some((name) => value[name] !== undefined);
}

function decodeKnown(reader: BitReader, addition: Addition, value: SequenceValue): void {
  if (!('name' in addition)) {
    Object.assign(value, readOpen(reader, addition.codec));
    return;
  }
  try {
    value[addition.name] = readOpen(reader, addition.codec);
  } catch (error) {
    rethrowAt(error, addition.name);
  }
}

function encodeKnown(writer: BitWriter, addition: Addition, value: SequenceValue): void {
  if (!isPresent(addition, value)) return;
  if (!('name' in addition)) {
    writeOpen(writer, addition.codec, value);
    return;
  }
  try {
    writeOpen(writer, addition.codec, value[addition.name]);
  } catch (error) {
    rethrowAt(error, addition.name);
  }
}
