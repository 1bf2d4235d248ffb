import { hexadecimal } from '@trustline/base';
import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import { readCountedOctets, writeCountedOctets } from './lengths.ts';
import type { TypeTable } from './table.ts';
import type { TypeCodec } from './type-codec.ts';
import { ConstrainedNumber } from './whole-numbers.ts';

type IntegerTable = Extract<TypeTable, { is: 'integer' }>;

/** INTEGER (X.691 §13): a number; a bigint where there is no upper bound and it is beyond what a number holds exactly. */
export function integerCodec({ from, to, extensible }: IntegerTable): TypeCodec {
  if (from === undefined || to === undefined) return new UnboundedInteger(from);
  const bounded = new BoundedInteger(from, to);
  return extensible ? new ExtensibleInteger(bounded) : bounded;
}

class BoundedInteger implements TypeCodec {
  readonly number: ConstrainedNumber;

  constructor(from: number, to: number) {
    this.number = new ConstrainedNumber(from, to);
  }

  get leastBits(): number {
    return this.number.leastBits;
  }

  decode(reader: BitReader): number {
    return this.number.read(reader);
  }

  encode(writer: BitWriter, value: unknown): void {
    const { from, to } = this.number;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to) {
      notEncodable(`not a whole number from ${from} to ${to}`);
    }
    this.number.write(writer, value);
  }
}

/** With `, ...` in its constraint: a bit says whether the value is within the bounds. */
class ExtensibleInteger implements TypeCodec {
  readonly leastBits = 1;
  readonly #bounded: BoundedInteger;
  readonly #beyond = new UnboundedInteger(undefined);

  constructor(bounded: BoundedInteger) {
    this.#bounded = bounded;
  }

  decode(reader: BitReader): unknown {
    return reader.bit() ? this.#beyond.decode(reader) : this.#bounded.decode(reader);
  }

  encode(writer: BitWriter, value: unknown): void {
    const { from, to } = this.#bounded.number;
    const beyond = typeof value === 'bigint' || (typeof value === 'number' && (value < from || value > to));
    writer.bit(beyond);
    (beyond ? this.#beyond : this.#bounded).encode(writer, value);
  }
}

/** With a lower bound at most: its length in octets, then the distance from that bound, or two's complement. */
class UnboundedInteger implements TypeCodec {
  readonly leastBits = 16;
  readonly #from: number | undefined;

  constructor(from: number | undefined) {
    this.#from = from;
  }

  decode(reader: BitReader): number | bigint {
    const octets = readCountedOctets(reader);
    if (octets.byteLength === 0) reader.fault('h323.malformed', 'a number without octets');
    const value = BigInt(`0x${hexadecimal(octets)}`);
    if (this.#from !== undefined) return plain(value + BigInt(this.#from));
    return plain(BigInt.asIntN(octets.byteLength * 8, value));
  }

  encode(writer: BitWriter, value: unknown): void {
    if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isInteger(value))) {
      notEncodable('not a whole number');
    }
    const offset = BigInt(value) - BigInt(this.#from ?? 0);
    if (this.#from !== undefined && offset < 0n) notEncodable(`less than ${this.#from}`);
    writeCountedOctets(writer, this.#from === undefined ? signedOctets(offset) : unsignedOctets(offset));
  }
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function unsignedOctets(value: bigint): Uint8Array {
  return octetsOf(value, Math.ceil(value.toString(16).length / 2));
}

/** Two's complement in the least octets. */
function signedOctets(value: bigint): Uint8Array {
  const magnitude = value < 0n ? -value - 1n : value;
  const octets = Math.floor(magnitude.toString(2).length / 8) + 1;
  return octetsOf(BigInt.asUintN(octets * 8, value), octets);
}

function octetsOf(value: bigint, count: number): Uint8Array {
  const digits = value.toString(16).padStart(count * 2, '0');
  return Uint8Array.from({ length: count }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}
