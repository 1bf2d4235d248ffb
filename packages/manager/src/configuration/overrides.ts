import type { KeySchema } from '@trustline/base';
import { nearestName } from '@trustline/base';
import { parse } from 'yaml';
import { configurationKeys } from './keys.ts';
import type { ConfigurationProblem, Override } from './read.ts';

const prefix = 'TRUSTLINE_';

/** Variables that mean something else than a key of the document. */
export const otherVariables = [
  'TRUSTLINE_CONFIG',
  'TRUSTLINE_PASSPHRASE',
  'TRUSTLINE_TOKEN_PIN',
  'TRUSTLINE_BACKUP_PASSPHRASE',
  'TRUSTLINE_FULL',
] as const;

export interface Overrides {
  readonly overrides: readonly Override[];
  readonly problems: readonly ConfigurationProblem[];
}

/** The variable of a key: `log.level` is TRUSTLINE_LOG_LEVEL, `dataFolder` is TRUSTLINE_DATA_FOLDER. */
export function variableOf(path: readonly string[]): string {
  return prefix + path.map((step) => step.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()).join('_');
}

/** Every key that can be overridden by its own name: all but those within the items of a list. */
export function overridableKeys(): ReadonlyMap<
  string,
  { readonly path: readonly string[]; readonly schema: KeySchema }
> {
  const own = configurationKeys().filter(({ path }) => !path.includes('[]'));
  return new Map(own.map(({ path, schema }) => [path.join('.'), { path, schema }]));
}

/** Overrides from the environment: values are written as in the document (YAML), texts as they are. */
export function environmentOverrides(environment: Readonly<Record<string, string | undefined>>): Overrides {
  const keys = [...overridableKeys().values()];
  const byVariable = new Map(keys.map((key) => [variableOf(key.path), key]));
  const overrides: Override[] = [];
  const problems: ConfigurationProblem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || text === undefined || isOther(name)) continue;
    const key = byVariable.get(name);
    if (key === undefined) {
      const nearest = nearestName(name, [...byVariable.keys(), ...otherVariables]);
      const problem = { source: `variable ${name}`, path: '', message: 'There is no such variable.' };
      problems.push(nearest === undefined ? problem : { ...problem, nearest });
    } else {
      overrides.push({ source: `variable ${name}`, path: key.path, value: readValue(text, key.schema) });
    }
  }
  return { overrides, problems };
}

/** Overrides from the command line, each `log.level=debug`. */
export function flagOverrides(flags: readonly string[]): Overrides {
  const keys = overridableKeys();
  const overrides: Override[] = [];
  const problems: ConfigurationProblem[] = [];
  for (const flag of flags) {
    const [name = '', ...rest] = flag.split('=');
    const key = keys.get(name);
    if (key !== undefined && rest.length > 0) {
      overrides.push({ source: `--set ${name}`, path: key.path, value: readValue(rest.join('='), key.schema) });
      continue;
    }
    const nearest = key === undefined ? nearestName(name, [...keys.keys()]) : undefined;
    const message = key === undefined ? 'There is no such key.' : 'A value is missing: write key=value.';
    const problem = { source: `--set ${flag}`, path: '', message };
    problems.push(nearest === undefined ? problem : { ...problem, nearest });
  }
  return { overrides, problems };
}

function isOther(name: string): boolean {
  return (otherVariables as readonly string[]).includes(name);
}

function readValue(text: string, schema: KeySchema): unknown {
  if (schema.type === 'string') return text;
  try {
    return parse(text);
  } catch {
    return text; // the schema says what is wrong with it
  }
}
