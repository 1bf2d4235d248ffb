import { type KeySchema, variantsOf } from '@trustline/base';
import { type ConfigurationKey, configurationKeys } from './keys.ts';
import { otherVariables, overridableKeys, variableOf } from './overrides.ts';

/** The text of `docs/configuration.md`: every key with its meaning, values and default, made from the schema. */
export function configurationReference(): string {
  const keys = configurationKeys();
  const overridable = overridableKeys();
  const sections = keys.map((key) => section(key, overridable.has(key.path.join('.'))));
  return [
    '# `trustline.yaml`: every key',
    '',
    '<!-- Made from packages/manager/src/configuration/schema.ts by `./trustline config reference`. Do not edit. -->',
    '',
    'One document configures the call manager. Every key may be left out; a key that does not exist is an error, told',
    'with the nearest name. Check a document with `./trustline config check [FILE]`; see what is in effect with',
    '`./trustline config show`. The document is looked for as `--config FILE`, the variable `TRUSTLINE_CONFIG`, and',
    '`trustline.yaml` in the current folder.',
    '',
    'A variable overrides the document, and `--set key=value` overrides both; values are written as in the document.',
    `Variables that are no keys: ${otherVariables.map((name) => `\`${name}\``).join(', ')}.`,
    '',
    ...sections,
  ].join('\n');
}

function section({ path, schema, required, variant }: ConfigurationKey, overridable: boolean): string {
  const name = path.join('.').replaceAll('.[]', '[]');
  const kind = variant === undefined ? '' : ` (${variant})`;
  const facts = [`- values: ${values(schema)}`];
  if (schema.default !== undefined) facts.push(`- default: \`${JSON.stringify(schema.default)}\``);
  else if (required) facts.push('- must be given');
  if (overridable && schema.properties === undefined) facts.push(`- variable: \`${variableOf(path)}\``);
  return [`## \`${name}\`${kind}`, '', schema.description ?? '', '', ...facts, ''].join('\n');
}

function values(schema: KeySchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.properties !== undefined) return 'a map of the keys below';
  if (schema.items !== undefined) {
    const [item = schema.items] = variantsOf(schema.items);
    return item.properties === undefined ? `a list, each item ${values(item)}` : 'a list of maps of the keys below';
  }
  if (schema.type !== 'integer') return schema.type === 'boolean' ? '`true` or `false`' : 'text';
  const { minimum, maximum } = schema;
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return bounded ? `a whole number, ${minimum} to ${maximum}` : `a whole number, ${minimum} or more`;
}
