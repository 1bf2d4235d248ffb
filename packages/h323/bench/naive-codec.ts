import { moduleTables } from '../src/index.ts';
import type { FieldTable, NamedTable, SizeTable, TypeTable } from '../src/per/table.ts';

/**
 * Aligned PER as one writes it first: an array with an element for each bit, numbers made of texts of digits, and a walk
 * over the tables for every message. It knows what the messages of a call need, and no blocks of 16K.
 */
export class NaiveCodec {
  readonly #module: string;
  readonly #type: string;
  #bits: number[] = [];
  #at = 0;

  constructor(module: string, type: string) {
    this.#module = module;
    this.#type = type;
  }

  decode(octets: Uint8Array): unknown {
    this.#bits = [...octets].flatMap((octet) => [...octet.toString(2).padStart(8, '0')].map(Number));
    this.#at = 0;
    return this.#read(tableOf(this.#module, this.#type), this.#module);
  }

  encode(value: unknown): Uint8Array {
    this.#bits = [];
    this.#write(tableOf(this.#module, this.#type), this.#module, value);
    this.#pad();
    return octetsOf(this.#bits);
  }

  #take(count: number): number[] {
    this.#at += count;
    return this.#bits.slice(this.#at - count, this.#at);
  }

  #number(count: number): number {
    return count === 0 ? 0 : Number.parseInt(this.#take(count).join(''), 2);
  }

  #align(): void {
    while (this.#at % 8 !== 0) this.#at++;
  }

  #octets(count: number): Uint8Array {
    this.#align();
    return octetsOf(this.#take(count * 8));
  }

  #length(): number {
    this.#align();
    const first = this.#number(8);
    return first < 128 ? first : (first & 63) * 256 + this.#number(8);
  }

  #between(from: number, to: number): number {
    const range = to - from + 1;
    if (range <= 255) return from + this.#number(bitsFor(range - 1));
    if (range <= 65_536) {
      this.#align();
      return from + this.#number(range === 256 ? 8 : 16);
    }
    const count = this.#number(bitsFor(Math.ceil(bitsFor(range - 1) / 8) - 1)) + 1;
    this.#align();
    return from + this.#number(count * 8);
  }

  #sized([least, greatest]: SizeTable = [0]): number {
    return greatest === undefined || greatest >= 65_536 ? this.#length() : this.#between(least, greatest);
  }

  #read(table: TypeTable, home: string): unknown {
    switch (table.is) {
      case 'ref':
        return this.#read(tableOf(table.module ?? home, table.type), table.module ?? home);
      case 'open':
        return this.#open(table.of, home);
      case 'null':
        return null;
      case 'boolean':
        return this.#number(1) === 1;
      case 'integer':
        return this.#between(table.from ?? 0, table.to ?? 0);
      case 'enumerated':
        return table.additions !== undefined && this.#number(1) === 1
          ? table.additions[this.#number(7)]
          : table.names[this.#between(0, table.names.length - 1)];
      case 'octets': {
        const length = this.#sized(table.size);
        return table.size?.[1] === length && length <= 2 ? octetsOf(this.#take(length * 8)) : this.#octets(length);
      }
      case 'oid':
        return [...this.#octets(this.#length())].join('.');
      case 'characters': {
        const { width, alphabet, aligned } = characters(table);
        const length = table.of === 'GeneralString' ? this.#length() : this.#sized(table.size);
        if (aligned) this.#align();
        return Array.from({ length }, () => {
          const code = this.#number(width);
          return alphabet?.[code] ?? String.fromCharCode(code);
        }).join('');
      }
      case 'list':
        return Array.from({ length: this.#sized(table.size) }, () => this.#read(table.of, home));
      case 'choice': {
        const { alternatives, additions } = table;
        const extended = additions !== undefined && this.#number(1) === 1;
        const chosen = extended ? additions[this.#number(7)] : alternatives[this.#between(0, alternatives.length - 1)];
        if (chosen === undefined) throw new Error('an alternative that is not known');
        return { kind: chosen.name, value: extended ? this.#open(chosen.of, home) : this.#read(chosen.of, home) };
      }
      case 'sequence':
        return this.#sequence(table.fields, additionsOf(table), home);
      case 'bits':
        throw new Error('no message of a call has a bit string');
    }
  }

  #sequence(fields: readonly FieldTable[], additions: readonly NamedTable[] | undefined, home: string): unknown {
    const extended = additions !== undefined && this.#number(1) === 1;
    const present = fields.map(({ optional }) => !optional || this.#number(1) === 1);
    const value: Record<string, unknown> = {};
    fields.forEach(({ name, of }, i) => {
      if (present[i]) value[name] = this.#read(of, home);
    });
    if (!extended) return value;
    const bits = this.#take(this.#number(7) + 1);
    value['width'] = bits.length;
    bits.forEach((bit, i) => {
      const addition = additions?.[i];
      if (bit === 1 && addition !== undefined) value[addition.name] = this.#open(addition.of, home);
    });
    return value;
  }

  #open(of: TypeTable, home: string): unknown {
    const length = this.#length();
    const end = this.#at + length * 8;
    const value = this.#read(of, home);
    this.#at = end;
    return value;
  }

  #put(value: number, count: number): void {
    if (count > 0) this.#bits.push(...[...value.toString(2).padStart(count, '0')].map(Number));
  }

  #pad(): void {
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
  }

  #putOctets(octets: Uint8Array): void {
    for (const octet of octets) this.#put(octet, 8);
  }

  #putLength(length: number): void {
    this.#pad();
    this.#put(length < 128 ? length : 0x8000 + length, length < 128 ? 8 : 16);
  }

  #putBetween(value: number, from: number, to: number): void {
    const range = to - from + 1;
    if (range <= 255) {
      this.#put(value - from, bitsFor(range - 1));
      return;
    }
    const count = range === 256 ? 1 : range <= 65_536 ? 2 : Math.max(1, Math.ceil(bitsFor(value - from) / 8));
    if (range > 65_536) this.#put(count - 1, bitsFor(Math.ceil(bitsFor(range - 1) / 8) - 1));
    this.#pad();
    this.#put(value - from, count * 8);
  }

  #putSized(length: number, [least, greatest]: SizeTable = [0]): void {
    if (greatest === undefined || greatest >= 65_536) this.#putLength(length);
    else this.#putBetween(length, least, greatest);
  }

  #write(table: TypeTable, home: string, value: unknown): void {
    switch (table.is) {
      case 'ref':
        this.#write(tableOf(table.module ?? home, table.type), table.module ?? home, value);
        return;
      case 'open':
        this.#putOpen(table.of, home, value);
        return;
      case 'null':
        return;
      case 'boolean':
        this.#put(value ? 1 : 0, 1);
        return;
      case 'integer':
        this.#putBetween(value as number, table.from ?? 0, table.to ?? 0);
        return;
      case 'enumerated': {
        const index = table.names.indexOf(value as string);
        if (table.additions !== undefined) this.#put(index < 0 ? 1 : 0, 1);
        if (index >= 0) this.#putBetween(index, 0, table.names.length - 1);
        else this.#put(table.additions?.indexOf(value as string) ?? 0, 7);
        return;
      }
      case 'octets': {
        const octets = value as Uint8Array;
        this.#putSized(octets.byteLength, table.size);
        if (table.size?.[1] !== octets.byteLength || octets.byteLength > 2) this.#pad();
        this.#putOctets(octets);
        return;
      }
      case 'oid': {
        const octets = Uint8Array.from((value as string).split('.').map(Number));
        this.#putLength(octets.byteLength);
        this.#putOctets(octets);
        return;
      }
      case 'characters': {
        const { width, alphabet, aligned } = characters(table);
        const text = value as string;
        if (table.of === 'GeneralString') this.#putLength(text.length);
        else this.#putSized(text.length, table.size);
        if (aligned) this.#pad();
        for (const character of text) this.#put(alphabet?.indexOf(character) ?? character.charCodeAt(0), width);
        return;
      }
      case 'list': {
        const values = value as unknown[];
        this.#putSized(values.length, table.size);
        for (const one of values) this.#write(table.of, home, one);
        return;
      }
      case 'choice': {
        const { kind, value: inner } = value as { kind: string; value: unknown };
        const { alternatives, additions } = table;
        const index = alternatives.findIndex(({ name }) => name === kind);
        if (additions !== undefined) this.#put(index < 0 ? 1 : 0, 1);
        if (index >= 0) {
          this.#putBetween(index, 0, alternatives.length - 1);
          this.#write((alternatives[index] as NamedTable).of, home, inner);
          return;
        }
        const added = additions?.findIndex(({ name }) => name === kind) ?? -1;
        this.#put(added, 7);
        const addition = additions?.[added];
        if (addition === undefined) throw new Error('an alternative that is not known');
        this.#putOpen(addition.of, home, inner);
        return;
      }
      case 'sequence':
        this.#putSequence(table.fields, additionsOf(table), home, value as Record<string, unknown>);
        return;
      case 'bits':
        throw new Error('no message of a call has a bit string');
    }
  }

  #putSequence(
    fields: readonly FieldTable[],
    additions: readonly NamedTable[] | undefined,
    home: string,
    value: Record<string, unknown>,
  ): void {
    const width = (value['width'] as number | undefined) ?? 0;
    if (additions !== undefined) this.#put(width > 0 ? 1 : 0, 1);
    for (const { name, optional } of fields) if (optional) this.#put(name in value ? 1 : 0, 1);
    for (const { name, of } of fields) if (name in value) this.#write(of, home, value[name]);
    if (width === 0) return;
    this.#put(width - 1, 7);
    for (let i = 0; i < width; i++) this.#put((additions?.[i]?.name ?? '') in value ? 1 : 0, 1);
    for (const { name, of } of additions ?? []) if (name in value) this.#putOpen(of, home, value[name]);
  }

  #putOpen(of: TypeTable, home: string, value: unknown): void {
    const before = this.#bits;
    this.#bits = [];
    this.#write(of, home, value);
    if (this.#bits.length === 0) this.#bits.push(0);
    this.#pad();
    const content = this.#bits;
    this.#bits = before;
    this.#putLength(content.length / 8);
    this.#bits.push(...content);
  }
}

function tableOf(module: string, type: string): TypeTable {
  const table = moduleTables.find((one) => one.module === module)?.types[type];
  if (table === undefined) throw new Error(`there is no type ${type} in ${module}`);
  return table;
}

function additionsOf({ additions }: Extract<TypeTable, { is: 'sequence' }>): readonly NamedTable[] | undefined {
  return additions?.map((addition) => {
    if ('group' in addition) throw new Error('no message of a call has a group');
    return addition;
  });
}

function characters({ of, size, alphabet }: Extract<TypeTable, { is: 'characters' }>) {
  const wide = alphabet === undefined || alphabet.length > 16;
  const width = of === 'BMPString' ? 16 : wide ? 8 : 4;
  const most = size?.[1] ?? Number.POSITIVE_INFINITY;
  const aligned = size?.[0] === most ? most * width > 16 : most * width >= 16;
  return { width, alphabet: wide ? undefined : alphabet, aligned };
}

function bitsFor(greatest: number): number {
  return greatest === 0 ? 0 : greatest.toString(2).length;
}

function octetsOf(bits: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: bits.length / 8 }, (_, i) =>
    Number.parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2),
  );
}
