import { type DocumentProblem, type KeySchema, namesAt, nearestName, pathText, valueAt } from '@trustline/base';
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { type GatewayConfiguration, gatewaySchema } from './schema.ts';

export type GatewayConfigurationReading =
  | { readonly ok: true; readonly configuration: GatewayConfiguration }
  | { readonly ok: false; readonly problems: readonly DocumentProblem[] };

/** A document longer than this is no configuration. */
const LONGEST_DOCUMENT = 1_048_576;

/** The document as a JSON Schema. */
export function gatewayKeySchema(): KeySchema {
  return z.toJSONSchema(gatewaySchema, { io: 'input' }) as KeySchema;
}

/** Reads a document (YAML 1.2). Never throws: everything that is wrong is told at once, each with its place. */
export function readGatewayConfiguration(text: string): GatewayConfigurationReading {
  if (text.length > LONGEST_DOCUMENT) return refused('The document is longer than 1 MiB.');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => ({
      path: '',
      line: lines.linePos(pos[0]).line,
      message: `${message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}.`,
    }));
    return { ok: false, problems };
  }
  const root: unknown = document.toJS({ maxAliasCount: 20 }) ?? {};
  if (typeof root !== 'object' || Array.isArray(root)) return refused('The document is no map of keys.');
  const parsed = gatewaySchema.safeParse(root);
  if (parsed.success) return { ok: true, configuration: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) =>
    problemsOf(issue, root).map(({ at, ...problem }) => {
      const line = lineOf(document.contents, at, lines);
      return { path: pathText(at), ...(line === undefined ? {} : { line }), ...problem };
    }),
  );
  return { ok: false, problems: problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

interface Found {
  readonly at: readonly PropertyKey[];
  readonly message: string;
  readonly nearest?: string;
}

function problemsOf(issue: z.core.$ZodIssue, root: unknown): Found[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      withNearest(
        { at: [...issue.path, key], message: 'There is no such key.' },
        key,
        namesAt(gatewayKeySchema(), issue.path),
      ),
    );
  }
  const value = valueAt(root, issue.path);
  const allowed = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const wanted = allowed.length === 0 ? issue.message : `Allowed is ${allowed.join(' or ')}`;
  const given = value === undefined ? ' It is missing.' : ` It is ${JSON.stringify(value)}.`;
  const found = { at: issue.path, message: `${wanted.replace(/\.$/, '')}.${given}` };
  return [typeof value === 'string' ? withNearest(found, value, allowed) : found];
}

function withNearest(found: Found, given: string, names: readonly string[]): Found {
  const nearest = nearestName(given, names);
  return nearest === undefined ? found : { ...found, nearest };
}

function refused(message: string): GatewayConfigurationReading {
  return { ok: false, problems: [{ path: '', message }] };
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
