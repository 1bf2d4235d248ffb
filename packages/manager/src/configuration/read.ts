import { type DocumentProblem, namesAt, nearestName, pathText, valueAt } from '@trustline/base';
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { requirement } from '../requirement.ts';
import { configurationJsonSchema } from './keys.ts';
import { type Configuration, configurationSchema } from './schema.ts';

/** One thing that is wrong with a document, or with what overrides it. */
export interface ConfigurationProblem extends DocumentProblem {
  /** Where the value came from: the file's name, a variable, a flag. */
  readonly source: string;
}

/** A value that overrides the document's, and where it came from. */
export interface Override {
  readonly source: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export type ConfigurationReading =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] };

/** A document longer than this is no configuration. */
const longestDocument = 1_048_576;

/**
 * Reads a document (YAML 1.2) with what overrides it, later overrides first in rank. Never throws: everything that
 * is wrong is told at once, each with its place.
 */
export function readConfiguration(
  text: string,
  {
    file = 'trustline.yaml',
    overrides = [],
  }: { readonly file?: string; readonly overrides?: readonly Override[] } = {},
): ConfigurationReading {
  if (text.length > longestDocument) {
    return { ok: false, problems: [{ source: file, path: '', message: 'The document is longer than 1 MiB.' }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      source: file,
      path: '',
      line: lines.linePos(error.pos[0]).line,
      message: `${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}.`,
    }));
    return { ok: false, problems };
  }
  const root: unknown = document.toJS({ maxAliasCount: 20 }) ?? {};
  if (typeof root !== 'object' || Array.isArray(root)) {
    return { ok: false, problems: [{ source: file, path: '', line: 1, message: 'The document is no map of keys.' }] };
  }
  for (const { path, value } of overrides) assign(root as Record<string, unknown>, path, value);
  const parsed = configurationSchema.safeParse(root);
  if (parsed.success) return { ok: true, configuration: parsed.data };

  const problems: ConfigurationProblem[] = parsed.error.issues.flatMap((issue) =>
    describe(issue, root).map(({ at, ...problem }) => {
      const override = overrides.findLast(({ path }) => startsWith(at, path));
      if (override !== undefined) return { source: override.source, ...problem };
      const line = lineOf(document.contents, at, lines);
      return { source: file, ...(line === undefined ? {} : { line }), ...problem };
    }),
  );
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { ok: false, problems };
}

interface Described {
  readonly at: readonly PropertyKey[];
  readonly path: string;
  readonly message: string;
  readonly nearest?: string;
}

function describe(issue: z.core.$ZodIssue, root: unknown): Described[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const nearest = nearestName(key, namesAt(configurationJsonSchema(), issue.path));
      const at = [...issue.path, key];
      const described = { at, path: pathText(at), message: 'There is no such key.' };
      return nearest === undefined ? described : { ...described, nearest };
    });
  }
  const value = valueAt(root, issue.path);
  const given = value === undefined ? '' : ` It is ${JSON.stringify(value)}.`;
  const described = {
    at: issue.path,
    path: pathText(issue.path),
    message: `${sentence(requirement(issue, value))}${given}`,
  };
  const options = optionsOf(issue).map(String);
  const nearest = typeof value === 'string' ? nearestName(value, options) : undefined;
  return [nearest === undefined ? described : { ...described, nearest }];
}

/** The values that would have been right, where they can be listed. */
function optionsOf(issue: z.core.$ZodIssue): readonly unknown[] {
  if (issue.code === 'invalid_value') return issue.values;
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []) : [];
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function startsWith(path: readonly PropertyKey[], start: readonly string[]): boolean {
  return start.every((step, index) => path[index] === step);
}

function assign(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = root;
  for (const step of path.slice(0, -1)) {
    const next = at[step];
    // A value of the wrong kind in the way stays there; the schema then says what is wrong with it.
    if (next !== undefined && (typeof next !== 'object' || next === null)) return;
    const map = (next ?? {}) as Record<string, unknown>;
    at[step] = map;
    at = map;
  }
  const name = path.at(-1);
  if (name !== undefined) at[name] = value;
}

/** The line of the value at a path, or of the deepest part of the path that the document has. */
function lineOf(contents: Node | null, path: readonly PropertyKey[], lines: LineCounter): number | undefined {
  let node: unknown = contents;
  let offset = contents?.range?.[0];
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === step);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
