import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import { readCountedOctets, writeCountedOctets } from './lengths.ts';
import { Size } from './size.ts';
import type { TypeTable } from './table.ts';
import type { TypeCodec } from './type-codec.ts';
import { bitsFor } from './whole-numbers.ts';

type CharactersTable = Extract<TypeTable, { is: 'characters' }>;

const numeric = ' 0123456789';

export function charactersCodec(table: CharactersTable): TypeCodec {
  const size = new Size(table.size);
  if (table.of === 'GeneralString') return new OctetCharacters();
  const alphabet = table.alphabet ?? (table.of === 'NumericString' ? numeric : undefined);
  if (alphabet !== undefined) return new AlphabetCharacters(size, alphabet);
  return new PlainCharacters(size, table.of === 'BMPString' ? 16 : 8);
}

/**
 * Whether characters begin at an octet (X.691 §30.5.6, §30.5.7). For an empty one that may be up to four digits the
 * length alone is written; that is what peers read and write [R: H.450.2 of OPAL].
 */
function isAligned({ fixed, greatest }: Size, bits: number): boolean {
  return fixed === undefined ? greatest * bits >= 16 : fixed * bits > 16;
}

/**
 * IA5String, PrintableString and BMPString as they are: a code of 8 or 16 bits for each character. The one PrintableString
 * of H.225.0 is the CNAME of RTP, whose `@` (RFC 3550 §6.5.1) that alphabet does not have: so it is not checked.
 */
class PlainCharacters implements TypeCodec {
  readonly #size: Size;
  readonly #bits: 8 | 16;
  readonly #aligned: boolean;

  constructor(size: Size, bits: 8 | 16) {
    this.#size = size;
    this.#bits = bits;
    this.#aligned = isAligned(size, bits);
  }

  get leastBits(): number {
    return this.#size.leastBits + this.#size.least * this.#bits;
  }

  decode(reader: BitReader): string {
    let text = '';
    this.#size.read(reader, (count) => {
      if (this.#aligned && count > 0) reader.align();
      if (count * this.#bits > reader.end - reader.position) {
        reader.fault('h323.truncated', `${count} characters should follow`);
      }
      for (let i = 0; i < count; i++) text += String.fromCharCode(reader.bits(this.#bits));
    });
    return text;
  }

  encode(writer: BitWriter, value: unknown): void {
    if (typeof value !== 'string') notEncodable('no text');
    this.#size.write(writer, value.length, (from, count) => {
      if (this.#aligned && count > 0) writer.align();
      for (let i = from; i < from + count; i++) {
        const code = value.charCodeAt(i);
        if (code >= 2 ** this.#bits) notEncodable('a character that its type does not have');
        writer.bits(code, this.#bits);
      }
    });
  }
}

/**
 * With a permitted alphabet (X.691 §30.5.2, §30.5.4): the bits of a character are rounded up to a power of two. Its code
 * is written where the codes fit into them, else its place in the alphabet.
 */
class AlphabetCharacters implements TypeCodec {
  readonly #size: Size;
  readonly #bits: number;
  readonly #aligned: boolean;
  readonly #characters: (string | undefined)[] = [];
  readonly #codes = new Map<string, number>();

  constructor(size: Size, alphabet: string) {
    this.#size = size;
    this.#bits = 2 ** Math.ceil(Math.log2(Math.max(1, bitsFor(alphabet.length - 1))));
    this.#aligned = isAligned(size, this.#bits);
    const last = alphabet.charCodeAt(alphabet.length - 1);
    [...alphabet].forEach((character, place) => {
      const code = last < 2 ** this.#bits ? character.charCodeAt(0) : place;
      this.#characters[code] = character;
      this.#codes.set(character, code);
    });
  }

  get leastBits(): number {
    return this.#size.leastBits + this.#size.least * this.#bits;
  }

  decode(reader: BitReader): string {
    let text = '';
    this.#size.read(reader, (count) => {
      if (this.#aligned && count > 0) reader.align();
      if (count * this.#bits > reader.end - reader.position) {
        reader.fault('h323.truncated', `${count} characters should follow`);
      }
      for (let i = 0; i < count; i++) {
        const character = this.#characters[reader.bits(this.#bits)];
        if (character === undefined) {
          reader.fault('h323.out-of-range', 'a character outside the permitted alphabet', reader.position - this.#bits);
        }
        text += character;
      }
    });
    return text;
  }

  encode(writer: BitWriter, value: unknown): void {
    if (typeof value !== 'string') notEncodable('no text');
    this.#size.write(writer, value.length, (from, count) => {
      if (this.#aligned && count > 0) writer.align();
      for (let i = from; i < from + count; i++) {
        const code = this.#codes.get(value.charAt(i));
        if (code === undefined) notEncodable('a character outside the permitted alphabet');
        writer.bits(code, this.#bits);
      }
    });
  }
}

/** GeneralString (X.691 §30.6): octets with their length. Each becomes one character, so ASCII reads as it should. */
class OctetCharacters implements TypeCodec {
  readonly leastBits = 8;

  decode(reader: BitReader): string {
    let text = '';
    for (const octet of readCountedOctets(reader)) text += String.fromCharCode(octet);
    return text;
  }

  encode(writer: BitWriter, value: unknown): void {
    if (typeof value !== 'string') notEncodable('no text');
    const octets = new Uint8Array(value.length);
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0xff) notEncodable('a character that is no octet');
      octets[i] = code;
    }
    writeCountedOctets(writer, octets);
  }
}
