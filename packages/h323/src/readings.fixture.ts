import { Redacted } from '@trustline/base';
import type { Reading } from './dissected.fixture.ts';
import type { Bits } from './per/bit-string.ts';
import type { ModuleTable, NamedTable, TypeTable } from './per/table.ts';
import { moduleTables, schema } from './schema.ts';

/** What a dissector is expected to read; it may say more. */
export type Expected = Partial<Reading>;

type Fields = Readonly<Record<string, unknown>>;
const tables: ReadonlyMap<string, ModuleTable> = new Map(moduleTables.map((table) => [table.module, table]));
const H245 = 'MULTIMEDIA-SYSTEM-CONTROL';

/** What a dissector that reads as we do shows of `value`, a decoded `type`, in the order of the wire. */
export function readings(module: string, type: string, value: unknown): Expected[] {
  return walk(tableOf(module, type), module, type, value);
}

function tableOf(module: string, type: string): TypeTable {
  const table = tables.get(module)?.types[type];
  if (table === undefined) throw new Error(`there is no type ${type} in ${module}`);
  return table;
}

function walk(table: TypeTable, module: string, name: string | undefined, given: unknown): Expected[] {
  const value = given instanceof Redacted ? given.reveal() : given;
  const named = name === undefined ? {} : { name };
  switch (table.is) {
    case 'ref':
      return walk(tableOf(table.module ?? module, table.type), table.module ?? module, name, value);
    case 'open':
      return walk(table.of, module, name, value);
    case 'null':
      return [{ ...named, show: 'NULL' }];
    case 'boolean':
      return [{ ...named, show: value ? '1' : '0' }];
    case 'octets':
      return [{ ...named, octets: hex(value) }];
    case 'bits':
      if ((value as Bits).length === 0) return [];
      return [{ ...named, octets: hex((value as Bits).octets) }];
    case 'enumerated':
      return [{ ...named, called: String(value) }];
    case 'characters':
      return [{ ...named, ...characters(table.of, value as string) }];
    case 'integer':
      // Seconds since 1970 are shown as a date.
      if (name === 'timeStamp') return [named];
      return [{ ...named, show: String(value) }];
    case 'oid':
      return [{ ...named, show: String(value) }];
    case 'list': {
      const values = value as unknown[];
      return [
        { ...named, show: String(values.length) },
        ...values.flatMap((one) => element(table.of, module, name, one)),
      ];
    }
    case 'choice':
      return choice(table, module, name, value as { kind: string; value?: unknown });
    case 'sequence':
      return sequence(table, module, value as Fields);
  }
}

function choice(
  table: Extract<TypeTable, { is: 'choice' }>,
  module: string,
  name: string | undefined,
  { kind, value }: { readonly kind: string; readonly value?: unknown },
): Expected[] {
  const all: readonly NamedTable[] = [...table.alternatives, ...(table.additions ?? [])];
  const alternative = all.find((one) => one.name === kind);
  if (alternative === undefined) throw new Error(`${kind} is not known`);
  return [
    { ...(name === undefined ? {} : { name }), called: kind },
    ...walk(alternative.of, module, kind, value ?? null),
  ];
}

function sequence(table: Extract<TypeTable, { is: 'sequence' }>, module: string, value: Fields): Expected[] {
  const additions = (table.additions ?? []).flatMap((addition) => ('group' in addition ? addition.group : [addition]));
  const fields = [...table.fields, ...additions].filter(({ name }) => value[name] !== undefined);
  return fields.flatMap(({ name, of }) => walk(of, module, name, value[name]));
}

/** The elements of some lists are messages in octets, which the dissector reads as well. */
function element(of: TypeTable, module: string, list: string | undefined, value: unknown): Expected[] {
  const own = walk(of, module, undefined, value);
  const inner = list === undefined ? undefined : innerTypes[list];
  if (inner === undefined || !(value instanceof Uint8Array)) return own;
  const decoded = schema.codec(inner.module, inner.type).decode(value);
  if (!decoded.ok) throw decoded.error;
  return [...own, ...readings(inner.module, inner.type, decoded.value)];
}

const innerTypes: Readonly<Record<string, { readonly module: string; readonly type: string }>> = {
  fastStart: { module: H245, type: 'OpenLogicalChannel' },
  parallelH245Control: { module: H245, type: 'MultimediaSystemControlMessage' },
  h245Control: { module: H245, type: 'MultimediaSystemControlMessage' },
  h4501SupplementaryService: { module: 'H4501-Supplementary-ServiceAPDU-Structure', type: 'SupplementaryService' },
};

/** A text as its octets where it has its own, else as it is shown, where that needs no marks of the dissector. */
function characters(of: string, text: string): Expected {
  if (/\p{C}/u.test(text)) return {};
  if (of === 'BMPString') return { octets: hex(Buffer.from(text, 'utf16le').swap16()) };
  return /^[ -!#-[\]-~]*$/.test(text) ? { show: text } : {};
}

function hex(octets: unknown): string {
  return Buffer.from(octets as Uint8Array).toString('hex');
}

/** Whether the dissector reads what is expected. */
export function agrees(expected: Expected, reading: Reading): boolean {
  const { name, show, octets, called } = expected;
  return (
    (name === undefined || normal(name) === normal(reading.name)) &&
    (show === undefined || show === reading.show) &&
    (octets === undefined || octets === (reading.octets ?? '')) &&
    (called === undefined || normal(called) === normal(reading.called ?? ''))
  );
}

/** The dissector spells some names as older versions of the modules do. */
const spellings: Readonly<Record<string, string>> = {
  dialleddigits: 'dialeddigits',
  h245tunnelling: 'h245tunneling',
  provisionalresptoh245tunnelling: 'provisionalresptoh245tunneling',
  'pdu type': 'multimediasystemcontrolmessage',
  nonstandarddata: 'nonstandard',
};

function normal(name: string): string {
  const lower = name.toLowerCase();
  return spellings[lower] ?? lower;
}
