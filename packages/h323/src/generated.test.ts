import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generate } from './asn1/generate.ts';
import { moduleTables, schema } from './schema.ts';

const generated = join(import.meta.dirname, 'generated');
const made = generate((name) => readFileSync(join(import.meta.dirname, '../asn1', name), 'utf8'));

test('the tables and types are what the ASN.1 modules make (else: npm run build:asn1)', () => {
  expect([...made.keys()].sort()).toEqual(readdirSync(generated).sort());
  for (const [name, text] of made) expect(readFileSync(join(generated, name), 'utf8') === text, name).toBe(true);
});

test('every type of every module becomes a codec', () => {
  let types = 0;
  for (const table of moduleTables) {
    for (const type of Object.keys(table.types)) {
      schema.codec(table.module, type);
      types++;
    }
  }
  expect(types).toBeGreaterThan(500);
});
