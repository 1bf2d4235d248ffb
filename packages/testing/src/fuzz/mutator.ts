import type { SeededRandom } from '../seeded-random.ts';

/** Mutations do not make inputs longer than this. */
export const longestMutation = 16_384;

/** Octets and numbers at which comparisons turn over. */
const borderOctets = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x30, 0x39, 0x7f, 0x80, 0xfe, 0xff];
const borderNumbers = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000];
const largestNumber = 0x1_0000_0000;
const widths = [1, 2, 2, 4] as const;

/** Makes an input out of others, as its seeded generator decides. */
export class Mutator {
  readonly #random: SeededRandom;
  readonly #dictionary: readonly Uint8Array[];
  readonly #bytes = new Uint8Array(longestMutation);
  #length = 0;

  constructor(random: SeededRandom, dictionary: readonly Uint8Array[] = []) {
    this.#random = random;
    this.#dictionary = dictionary;
  }

  /** A child of `parent`; pieces of `other` may get into it. */
  mutate(parent: Uint8Array, other: Uint8Array): Uint8Array {
    this.#length = Math.min(parent.length, longestMutation);
    this.#bytes.set(parent.subarray(0, this.#length));
    // Mostly one change, at times up to eight: a long way is gone in single steps, a wide gap in one leap.
    const rounds = this.#random.chance(0.5) ? 1 : 1 + this.#random.below(8);
    for (let round = 0; round < rounds; round += 1) this.#change(other);
    return this.#bytes.slice(0, this.#length);
  }

  #change(other: Uint8Array): void {
    // Often at the end: what an input makes a machine do goes on there.
    const at = this.#random.chance(0.2) ? this.#length : this.#random.below(this.#length + 1);
    const on = Math.max(0, Math.min(at, this.#length - 1));
    switch (this.#random.below(14)) {
      case 0:
        this.#setOctet(on, this.#octet(on) ^ (1 << this.#random.below(8)));
        break;
      case 1:
        this.#setOctet(on, this.#pick(borderOctets) ?? 0);
        break;
      case 2:
        this.#setOctet(on, this.#random.below(256));
        break;
      case 3:
        this.#setOctet(on, this.#octet(on) + (this.#random.chance(0.5) ? 1 : -1));
        break;
      case 4:
        this.#changeNumber(on);
        break;
      case 5:
        this.#writeLength(on);
        break;
      case 6:
        this.#changeDigits(at);
        break;
      case 7:
        this.#useDictionary(at);
        break;
      case 8:
        this.#length = on;
        break;
      case 9:
        this.#remove(at, 1 + this.#random.below(16));
        break;
      case 10:
        this.#insert(at, this.#random.bytes(1 + this.#random.below(this.#random.chance(0.5) ? 2 : 16)));
        break;
      case 11:
        this.#insert(at, this.#piece(this.#bytes.subarray(0, this.#length), 64));
        break;
      case 12:
        this.#overwrite(at, this.#piece(this.#bytes.subarray(0, this.#length), 16));
        break;
      default:
        this.#remove(at, this.#random.below(32));
        this.#insert(at, this.#piece(other, 256));
    }
  }

  /** A number of one, two or four octets, in either order, a little off or at a border. */
  #changeNumber(at: number): void {
    const width = this.#pick(widths) ?? 1;
    const little = this.#random.chance(0.25);
    const near = this.#read(at, width, little) + this.#random.below(33) - 16;
    this.#write(at, width, little, this.#random.chance(0.5) ? near : (this.#pick(borderNumbers) ?? 0));
  }

  /** A length that fits what follows it, or just does not. */
  #writeLength(at: number): void {
    const width = this.#pick(widths) ?? 1;
    const follows = this.#length - at - width;
    this.#write(at, width, this.#random.chance(0.25), follows + this.#random.below(9) - 4);
  }

  /** Another decimal number in the place of one, for protocols that are text. */
  #changeDigits(at: number): void {
    const isDigit = (octet: number | undefined) => octet !== undefined && octet >= 0x30 && octet <= 0x39;
    let from = at;
    while (from < this.#length && !isDigit(this.#bytes[from])) from += 1;
    let to = from;
    while (to < this.#length && isDigit(this.#bytes[to])) to += 1;
    if (from === to) return;
    const random = this.#random;
    const number = random.chance(0.5) ? random.below(300) : (this.#pick(borderNumbers) ?? 0) + random.below(3) - 1;
    this.#remove(from, to - from);
    this.#insert(
      from,
      Uint8Array.from(String(number), (digit) => digit.charCodeAt(0)),
    );
  }

  #useDictionary(at: number): void {
    const word = this.#pick(this.#dictionary);
    if (word === undefined) return;
    if (this.#random.chance(0.5)) this.#insert(at, word);
    else this.#overwrite(at, word);
  }

  /** A copy, for what it is taken from may be what it is put into. */
  #piece(from: Uint8Array, longest: number): Uint8Array {
    const start = this.#random.below(from.length + 1);
    return from.slice(start, start + 1 + this.#random.below(longest));
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#random.below(list.length)];
  }

  #octet(at: number): number {
    return at < this.#length ? (this.#bytes[at] as number) : 0;
  }

  #setOctet(at: number, value: number): void {
    if (at < this.#length) this.#bytes[at] = value;
  }

  #read(at: number, width: number, little: boolean): number {
    let value = 0;
    for (let i = 0; i < width; i += 1) value = value * 256 + this.#octet(at + (little ? width - 1 - i : i));
    return value;
  }

  #write(at: number, width: number, little: boolean, value: number): void {
    let rest = (value + largestNumber) % largestNumber;
    for (let i = width - 1; i >= 0; i -= 1) {
      this.#setOctet(at + (little ? width - 1 - i : i), rest);
      rest = Math.floor(rest / 256);
    }
  }

  #remove(at: number, count: number): void {
    const end = Math.min(at + count, this.#length);
    this.#bytes.copyWithin(at, end, this.#length);
    this.#length -= end - at;
  }

  /** What does not fit any more falls off the end. */
  #insert(at: number, piece: Uint8Array): void {
    const fitting = piece.subarray(0, longestMutation - at);
    this.#bytes.copyWithin(at + fitting.length, at, this.#length);
    this.#bytes.set(fitting, at);
    this.#length = Math.min(this.#length + fitting.length, longestMutation);
  }

  #overwrite(at: number, piece: Uint8Array): void {
    const fitting = piece.subarray(0, longestMutation - at);
    this.#bytes.set(fitting, at);
    this.#length = Math.max(this.#length, at + fitting.length);
  }
}
