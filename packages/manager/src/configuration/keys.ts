import { type KeySchema, variantsOf } from '@trustline/base';
import { z } from 'zod';
import { configurationSchema } from './schema.ts';

/** A key of the document, by its path; `[]` stands for each item of a list. */
export interface ConfigurationKey {
  readonly path: readonly string[];
  readonly schema: KeySchema;
  readonly required: boolean;
  /** For a key of one kind of list item, what that kind is called: `tls`. */
  readonly variant?: string;
}

/** The document as a JSON Schema. */
export function configurationJsonSchema(): KeySchema {
  return z.toJSONSchema(configurationSchema, { io: 'input' }) as KeySchema;
}

/** Every key, in the order of the schema; a key of several variants of a list item comes once a variant. */
export function configurationKeys(): readonly ConfigurationKey[] {
  return collect(configurationJsonSchema(), []);
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
