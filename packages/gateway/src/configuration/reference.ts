import { type KeySchema, variantsOf } from '@trustline/base';
import { gatewayKeySchema } from './document.ts';

/** The text of `docs/gateway-configuration.md`: every key with its meaning, values and default, made from the schema. */
export function gatewayConfigurationReference(): string {
  return [
    '# `gateway.yaml`: every key',
    '',
    '<!-- Made from packages/gateway/src/configuration/ by `./trustline gateway config reference`. Do not edit. -->',
    '',
    'One document configures a voice gateway. A key that does not exist is an error, told with the nearest name. Check a document with',
    '`./trustline gateway config check FILE`; how to use one is in [a voice gateway of our own](how-to/voice-gateway.md).',
    '',
    ...sectionsOf(gatewayKeySchema(), []),
  ].join('\n');
}

function sectionsOf(schema: KeySchema, at: readonly string[]): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const path = [...at, name];
    const required = value.default === undefined && (schema.required ?? []).includes(name);
    const items =
      value.items === undefined ? [] : variantsOf(value.items).flatMap((item) => sectionsOf(item, [...path, '[]']));
    return [section(path, value, required), ...sectionsOf(value, path), ...items];
  });
}

function section(path: readonly string[], schema: KeySchema, required: boolean): string {
  const facts = [`- values: ${valuesOf(schema)}`];
  if (schema.default !== undefined) facts.push(`- default: \`${JSON.stringify(schema.default)}\``);
  else if (required) facts.push('- must be given');
  return [`## \`${path.join('.').replaceAll('.[]', '[]')}\``, '', schema.description ?? '', '', ...facts, ''].join(
    '\n',
  );
}

function valuesOf(schema: KeySchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.properties !== undefined) return 'a map of the keys below';
  if (schema.items !== undefined) {
    const [item = schema.items] = variantsOf(schema.items);
    return item.properties === undefined ? `a list, each item ${valuesOf(item)}` : 'a list of maps of the keys below';
  }
  if (schema.type === 'boolean') return '`true` or `false`';
  if (schema.type !== 'integer') return 'text';
  return `a whole number, ${schema.minimum} to ${schema.maximum}`;
}
