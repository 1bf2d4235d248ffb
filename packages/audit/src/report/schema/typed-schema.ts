/**
 * JSON Schema (draft 2020-12) that the compiler checks against a type: a field that the type has and the schema lacks, or the
 * other way round, or one of another kind, does not compile.
 */

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of values of `Value`, of exactly those. */
export interface Schema<Value> {
  readonly json: JsonSchema;
  /** Never there: it lets the compiler tell schemas of different types apart. */
  readonly of?: (value: Value) => Value;
}

/** A field that may be missing. */
interface MaySchema<Value> extends Schema<Value> {
  readonly isOptional: true;
}

type FieldSchemas<Fields> = {
  readonly [Name in keyof Fields]-?: undefined extends Fields[Name]
    ? MaySchema<Exclude<Fields[Name], undefined>>
    : Schema<Fields[Name]>;
};

export const text: Schema<string> = { json: { type: 'string' } };
export const flag: Schema<boolean> = { json: { type: 'boolean' } };
/** A count, or a number that begins at 0 or 1. */
export const count: Schema<number> = { json: { type: 'integer', minimum: 0 } };
export const amount: Schema<number> = { json: { type: 'number', minimum: 0 } };
export const level: Schema<number> = { json: { type: 'number' } };
/** ISO 8601 in UTC. */
export const moment: Schema<string> = { json: { type: 'string', format: 'date-time' } };

/** One of these words, each of which the type has. */
export function choice<Word extends string>(words: Readonly<Record<Word, true>>): Schema<Word> {
  return { json: { type: 'string', enum: Object.keys(words) } };
}

export function exactly<Word extends string>(word: Word): Schema<Word> {
  return { json: { const: word } };
}

export function orNull<Value>({ json }: Schema<Value>): Schema<Value | null> {
  const { type, ...others } = json;
  if (typeof type === 'string' && others['enum'] === undefined) return { json: { type: [type, 'null'], ...others } };
  return { json: { anyOf: [json, { type: 'null' }] } };
}

export function list<Item>(
  { json }: Schema<Item>,
  bounds: { readonly maxItems?: number } = {},
): Schema<readonly Item[]> {
  return { json: { type: 'array', items: json, ...bounds } };
}

export function map<Value>({ json }: Schema<Value>): Schema<Readonly<Record<string, Value>>> {
  return { json: { type: 'object', additionalProperties: json } };
}

export function optional<Value>({ json }: Schema<Value>): MaySchema<Value> {
  return { json, isOptional: true };
}

/** With its meaning, for who reads the schema. */
export function told<Value>(description: string, { json }: Schema<Value>): Schema<Value> {
  return { json: { ...json, description } };
}

/** Later versions add fields, so that others than these may be there. */
export function record<Fields extends object>(fields: FieldSchemas<Fields>): Schema<Fields> {
  const entries: readonly (readonly [string, { readonly json: JsonSchema }])[] = Object.entries(fields);
  return {
    json: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, { json }]) => [name, json])),
      required: entries.filter(([, field]) => !('isOptional' in field)).map(([name]) => name),
    },
  };
}
