import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import { readCountedOctets, writeCountedOctets } from './lengths.ts';
import type { TypeCodec } from './type-codec.ts';

/** OBJECT IDENTIFIER (X.691 §24): the contents octets of X.690 §8.19, as text with dots (`0.0.8.2250.0.4`). */
export const objectIdentifierCodec: TypeCodec = {
  leastBits: 16,
  decode(reader: BitReader): string {
    const { position } = reader;
    const octets = readCountedOctets(reader);
    return dotted(octets) ?? reader.fault('h323.malformed', 'octets that are no object identifier', position);
  },
  encode(writer: BitWriter, value: unknown): void {
    const octets = typeof value === 'string' ? contents(value) : undefined;
    writeCountedOctets(writer, octets ?? notEncodable('no object identifier'));
  },
};

/** Four octets hold what a shift of 32 bits can; beyond them arcs are counted as bigint. */
const LARGEST_PLAIN = 2 ** 24;

function dotted(octets: Uint8Array): string | undefined {
  const last = octets.at(-1);
  if (last === undefined || last >= 0x80) return undefined;
  let text = '';
  let arc: number | bigint = 0;
  let begins = true;
  for (const octet of octets) {
    // The first octet of an arc would be a leading zero (X.690 §8.19.2).
    if (begins && octet === 0x80) return undefined;
    arc =
      typeof arc === 'number' && arc < LARGEST_PLAIN
        ? arc * 128 + (octet & 0x7f)
        : BigInt(arc) * 128n + BigInt(octet & 0x7f);
    begins = octet < 0x80;
    if (!begins) continue;
    text += text === '' ? firstArcs(arc) : `.${arc}`;
    arc = 0;
  }
  return text;
}

/** Two arcs in one number: 40 times the first, which is 0, 1 or 2, and the second. */
function firstArcs(both: number | bigint): string {
  if (both < 40) return `0.${both}`;
  if (both < 80) return `1.${Number(both) - 40}`;
  return `2.${BigInt(both) - 80n}`;
}

/** What was written last: a stack names few objects, again and again. */
const written = new Map<string, Uint8Array>();
const WRITTEN_AT_MOST = 256;

function contents(text: string): Uint8Array | undefined {
  const known = written.get(text);
  if (known !== undefined) return known;
  const octets = encodeArcs(text);
  if (octets !== undefined && written.size < WRITTEN_AT_MOST) written.set(text, octets);
  return octets;
}

function encodeArcs(text: string): Uint8Array | undefined {
  if (!/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(text)) return undefined;
  const [first = 0n, second = 0n, ...others] = text.split('.').map(BigInt);
  if (first < 2n && second > 39n) return undefined;
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...others]) {
    const sevens: number[] = [Number(arc & 0x7fn)];
    for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) sevens.unshift(Number(rest & 0x7fn) | 0x80);
    octets.push(...sevens);
  }
  return Uint8Array.from(octets);
}
