import { Redacted } from '@trustline/base';
import type { AdditionTable, FieldTable, ModuleTable, NamedTable, SizeTable, TypeTable } from './per/table.ts';
import { moduleTables } from './schema.ts';

const numeric = ' 0123456789';
/** From this depth on, what can be absent is, and of alternatives the flattest is taken. */
const DEEP = 9;

/**
 * Makes a value of any type of the tables, by choices that are read from octets: the same octets make the same value, and
 * when they are used up, what can be absent is absent and the rest is the least that there is.
 */
export class ValueMaker {
  readonly #octets: Uint8Array;
  readonly #modules: ReadonlyMap<string, ModuleTable>;
  readonly #heights = new Map<string, number>();
  #at = 0;

  constructor(octets: Uint8Array, modules: readonly ModuleTable[] = moduleTables) {
    this.#octets = octets;
    this.#modules = new Map(modules.map((table) => [table.module, table]));
  }

  value(module: string, type: string): unknown {
    return this.#make(this.#table(module, type), module, 0);
  }

  #table(module: string, type: string): TypeTable {
    const table = this.#modules.get(module)?.types[type];
    if (table === undefined) throw new Error(`there is no type ${type} in ${module}`);
    return table;
  }

  get #exhausted(): boolean {
    return this.#at >= this.#octets.byteLength;
  }

  /** 0 when the octets are used up. */
  #octet(): number {
    return this.#octets[this.#at++] ?? 0;
  }

  /** Up to `greatest`, which may be large: small numbers and both bounds come often. */
  #upTo(greatest: number): number {
    const choice = this.#octet();
    if (choice < 64) return Math.min(choice, greatest);
    if (choice < 96) return greatest;
    const value = ((this.#octet() * 256 + this.#octet()) * 256 + this.#octet()) * 256 + choice;
    return greatest < Number.MAX_SAFE_INTEGER ? value % (greatest + 1) : value;
  }

  /** One of several, none as likely as another. */
  #index(count: number): number {
    return count <= 256 ? this.#octet() % count : (this.#octet() * 256 + this.#octet()) % count;
  }

  #make(table: TypeTable, module: string, depth: number): unknown {
    const value = this.#plain(table, module, depth);
    return 'secret' in table && table.secret ? new Redacted(value) : value;
  }

  #plain(table: TypeTable, module: string, depth: number): unknown {
    switch (table.is) {
      case 'null':
        return null;
      case 'boolean':
        return this.#octet() % 2 === 1;
      case 'integer':
        return this.#integer(table);
      case 'enumerated': {
        const { names, additions = [] } = table;
        const index = this.#index(names.length + additions.length + (table.additions === undefined ? 0 : 1));
        return [...names, ...additions][index] ?? additions.length + this.#upTo(200);
      }
      case 'octets':
        return this.#someOctets(this.#length(table.size));
      case 'bits': {
        const length = this.#length(table.size);
        const octets = this.#someOctets(Math.ceil(length / 8));
        const unused = octets.byteLength * 8 - length;
        if (unused > 0) octets[octets.byteLength - 1] = (octets.at(-1) as number) & (0xff << unused);
        return { octets, length };
      }
      case 'oid':
        return this.#objectIdentifier();
      case 'characters':
        return this.#text(table);
      case 'list': {
        const [least = 0] = table.size ?? [];
        const count = depth > DEEP || this.#exhausted ? least : Math.min(this.#length(table.size), least + 5);
        return Array.from({ length: count }, () => this.#make(table.of, module, depth + 1));
      }
      case 'open':
        return this.#make(table.of, module, depth);
      case 'ref':
        return this.#make(this.#table(table.module ?? module, table.type), table.module ?? module, depth);
      case 'choice':
        return this.#choice(table.alternatives, table.additions, module, depth);
      case 'sequence':
        return this.#sequence(table.fields, table.additions, module, depth);
    }
  }

  #integer({ from, to, extensible }: Extract<TypeTable, { is: 'integer' }>): number | bigint {
    const beyond = extensible && this.#octet() % 4 === 3;
    if (from !== undefined && to !== undefined && !beyond) return from + this.#upTo(to - from);
    if (beyond) return (to ?? 0) + 1 + this.#upTo(1_000_000);
    const magnitude =
      this.#octet() % 8 === 7 ? BigInt(this.#upTo(0xffff_ffff)) << 40n : BigInt(this.#upTo(0xffff_ffff));
    const value = from === undefined && this.#octet() % 2 === 1 ? -magnitude : magnitude + BigInt(from ?? 0);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  /** Few as a rule; now and then as many as need another form of the length, or blocks. */
  #length([least, greatest = Number.POSITIVE_INFINITY]: SizeTable = [0]): number {
    const choice = this.#octet();
    const more =
      choice < 200 ? choice % 6 : choice < 240 ? choice : ([127, 128, 16_383, 16_384, 65_536, 70_000][choice % 6] ?? 0);
    return Math.min(least + more, greatest);
  }

  #someOctets(length: number): Uint8Array {
    const octets = new Uint8Array(length);
    for (let i = 0; i < Math.min(length, 8); i++) octets[i] = this.#octet();
    return octets;
  }

  #objectIdentifier(): string {
    const first = this.#octet() % 3;
    const arcs = [first, first === 2 ? this.#upTo(1_000) : this.#octet() % 40];
    for (let left = this.#octet() % 5; left > 0; left--) arcs.push(this.#upTo(0xffff_ffff));
    return arcs.join('.');
  }

  #text({ of, size, alphabet }: Extract<TypeTable, { is: 'characters' }>): string {
    const permitted = alphabet ?? (of === 'NumericString' ? numeric : undefined);
    const greatest = of === 'BMPString' ? 0xffff : of === 'GeneralString' ? 0xff : 0x7f;
    let text = '';
    for (let left = this.#length(size); left > 0; left--) {
      text +=
        permitted === undefined ? String.fromCharCode(this.#upTo(greatest)) : permitted[this.#index(permitted.length)];
    }
    return text;
  }

  #choice(
    root: readonly NamedTable[],
    additions: readonly NamedTable[] | undefined,
    module: string,
    depth: number,
  ): unknown {
    const all = [...root, ...(additions ?? [])];
    const flat = depth > DEEP || this.#exhausted;
    const index = flat ? this.#flattest(all, module) : this.#index(all.length + (additions === undefined ? 0 : 1));
    const chosen = all[index];
    if (chosen === undefined)
      return { kind: '...', index: (additions?.length ?? 0) + this.#upTo(300), octets: this.#unknown() };
    const value = this.#make(chosen.of, module, depth + 1);
    return value === null ? { kind: chosen.name } : { kind: chosen.name, value };
  }

  #sequence(
    fields: readonly FieldTable[],
    additions: readonly AdditionTable[] | undefined,
    module: string,
    depth: number,
  ): unknown {
    const value: Record<string, unknown> = {};
    const isThere = (field: FieldTable) => !field.optional || (depth <= DEEP && this.#octet() % 3 === 1);
    for (const field of fields) if (isThere(field)) value[field.name] = this.#make(field.of, module, depth + 1);
    if (additions === undefined || depth > DEEP || this.#octet() % 4 !== 1) return value;
    let used = 0;
    additions.forEach((addition, index) => {
      if (this.#octet() % 4 !== 1) return;
      const group = 'group' in addition ? addition.group : [{ ...addition, optional: true as const }];
      for (const field of 'group' in addition ? group.filter(isThere) : group) {
        value[field.name] = this.#make(field.of, module, depth + 1);
        used = index + 1;
      }
    });
    const unknown =
      this.#octet() % 4 === 1 ? [{ index: additions.length + this.#upTo(99), octets: this.#unknown() }] : [];
    const needed = Math.max(used, ...unknown.map(({ index }) => index + 1));
    const width = needed + (this.#octet() % 4 === 1 ? 1 + this.#upTo(70) : 0);
    if (width > needed || unknown.length > 0) {
      value['...'] = { ...(width > needed ? { width } : {}), ...(unknown.length > 0 ? { unknown } : {}) };
    }
    return value;
  }

  #unknown(): Uint8Array {
    return this.#someOctets(1 + (this.#octet() % 4));
  }

  #flattest(alternatives: readonly NamedTable[], module: string): number {
    const heights = alternatives.map(({ of }) => this.#height(of, module, 12));
    return heights.indexOf(Math.min(...heights));
  }

  /** How deep the flattest value of a type is; `limit` where it is no less. */
  #height(table: TypeTable, module: string, limit: number): number {
    if (limit === 0) return 0;
    const below = (one: TypeTable) => 1 + this.#height(one, module, limit - 1);
    if (table.is === 'ref') {
      const home = table.module ?? module;
      const key = `${home}/${table.type}/${limit}`;
      const known = this.#heights.get(key) ?? this.#height(this.#table(home, table.type), home, limit);
      this.#heights.set(key, known);
      return known;
    }
    if (table.is === 'open') return below(table.of);
    if (table.is === 'list') return (table.size?.[0] ?? 0) === 0 ? 1 : below(table.of);
    if (table.is === 'choice') return Math.min(...table.alternatives.map(({ of }) => below(of)));
    if (table.is !== 'sequence') return 1;
    return Math.max(1, ...table.fields.filter(({ optional }) => !optional).map(({ of }) => below(of)));
  }
}
