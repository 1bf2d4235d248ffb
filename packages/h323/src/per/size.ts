import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import { readBlocks, writeBlocks } from './lengths.ts';
import type { SizeTable } from './table.ts';
import { ConstrainedNumber } from './whole-numbers.ts';

const UNBOUNDED = 65_536;

/** How the length of a string or list is written, by its SIZE constraint (X.691 §11.9). */
export class Size {
  readonly least: number;
  readonly greatest: number;
  /** The one length there is, which is not written. */
  readonly fixed: number | undefined;
  /** Below 64K the length is a number between bounds, and nothing is cut into blocks. */
  readonly #counted: ConstrainedNumber | undefined;

  constructor([least, greatest = Number.POSITIVE_INFINITY]: SizeTable = [0]) {
    this.least = least;
    this.greatest = greatest;
    this.fixed = least === greatest && greatest < UNBOUNDED ? least : undefined;
    this.#counted =
      this.fixed === undefined && greatest < UNBOUNDED ? new ConstrainedNumber(least, greatest) : undefined;
  }

  /** Of the length itself. */
  get leastBits(): number {
    if (this.fixed !== undefined) return 0;
    return this.#counted === undefined ? 8 : this.#counted.leastBits;
  }

  /** Calls `take` with how many units follow, once for each block. */
  read(reader: BitReader, take: (count: number) => void): void {
    const whole = this.readWhole(reader);
    if (whole !== undefined) {
      take(whole);
      return;
    }
    const { position } = reader;
    let sum = 0;
    readBlocks(reader, (count) => {
      sum += count;
      take(count);
    });
    if (sum < this.least || sum > this.greatest) {
      reader.fault('h323.out-of-range', `a length of ${sum}, not ${this.least} to ${this.greatest}`, position);
    }
  }

  /** The length where it is not cut into blocks, or undefined where it may be. */
  readWhole(reader: BitReader): number | undefined {
    return this.fixed ?? this.#counted?.read(reader);
  }

  write(writer: BitWriter, length: number, put: (from: number, count: number) => void): void {
    if (length < this.least || length > this.greatest) {
      notEncodable(`a length of ${length}, not ${this.least} to ${this.greatest}`);
    }
    if (this.fixed === undefined && this.#counted === undefined) {
      writeBlocks(writer, length, put);
      return;
    }
    this.#counted?.write(writer, length);
    put(0, length);
  }
}
