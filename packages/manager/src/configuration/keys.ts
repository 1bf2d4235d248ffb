import { z } from 'zod';
import { configurationSchema } from './schema.ts';

/** The parts of a JSON Schema that zod writes for our document. */
export interface KeySchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly items?: KeySchema;
  readonly oneOf?: readonly KeySchema[];
  readonly anyOf?: readonly KeySchema[];
  readonly required?: readonly string[];
}

/** A key of the document, by its path; `[]` stands for each item of a list. */
export interface ConfigurationKey {
  readonly path: readonly string[];
  readonly schema: KeySchema;
  readonly required: boolean;
  /** For a key of one kind of list item, what that kind is called: `tls`. */
  readonly variant?: string;
}

/** The document as a JSON Schema. */
function configurationJsonSchema(): KeySchema {
  return z.toJSONSchema(configurationSchema, { io: 'input' }) as KeySchema;
}

/** Every key, in the order of the schema; a key of several variants of a list item comes once a variant. */
export function configurationKeys(): readonly ConfigurationKey[] {
  return collect(configurationJsonSchema(), []);
}

/** The shapes a value may have: the variants of a union, or the value itself. */
export function variantsOf(schema: KeySchema): readonly KeySchema[] {
  return schema.oneOf ?? schema.anyOf ?? [schema];
}

/** Names that may stand at a path of an actual document (list indices are numbers), for the nearest-name hint. */
export function namesAt(path: readonly PropertyKey[]): readonly string[] {
  let shapes: readonly KeySchema[] = [configurationJsonSchema()];
  for (const step of path) {
    shapes = shapes
      .flatMap((shape) => (typeof step === 'number' ? [shape.items] : [shape.properties?.[String(step)]]))
      .filter((shape) => shape !== undefined)
      .flatMap(variantsOf);
  }
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape.properties ?? {})))];
}

function collect(schema: KeySchema, at: readonly string[]): ConfigurationKey[] {
  const variant = Object.values(schema.properties ?? {}).find((property) => property.const !== undefined)?.const;
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const path = [...at, name];
    const required = value.default === undefined && isRequired(schema, name);
    const key = { path, schema: value, required, ...(variant === undefined ? {} : { variant: String(variant) }) };
    const items =
      value.items === undefined ? [] : variantsOf(value.items).flatMap((item) => collect(item, [...path, '[]']));
    return [key, ...collect(value, path), ...items];
  });
}

function isRequired(schema: KeySchema, name: string): boolean {
  return schema.required?.includes(name) ?? false;
}
