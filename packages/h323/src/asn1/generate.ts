import { files } from './modules.ts';
import { parseModules } from './parse-module.ts';
import { makeTables } from './tables.ts';
import { type GeneratedModules, tablesText, typesText } from './typescript.ts';

/**
 * What `src/generated` holds, by file name: for each `.asn` file its tables and its types. `read` gives the text of an
 * `.asn` file.
 */
export function generate(read: (asn: string) => string): ReadonlyMap<string, string> {
  const parsed = files.map(({ asn, name }) => ({ name, modules: parseModules(read(asn)) }));
  const tables = new Map(makeTables(parsed.flatMap(({ modules }) => modules)).map((table) => [table.module, table]));
  const generated: GeneratedModules[] = parsed.map(({ name, modules }) => ({
    name,
    tables: modules.flatMap((module) => tables.get(module.name) ?? []),
  }));
  return new Map(
    generated.flatMap((one) => [
      [`${one.name}.tables.ts`, tablesText(one)],
      [`${one.name}.types.ts`, typesText(one, generated)],
    ]),
  );
}
