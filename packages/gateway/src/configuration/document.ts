import { nearestName } from '@trustline/base';
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { type GatewayConfiguration, gatewaySchema } from './schema.ts';

/** One thing that is wrong with a document. */
export interface GatewayConfigurationProblem {
  /** `dialPeers[0].pattern`; empty for the document as a whole. */
  readonly path: string;
  /** From 1. */
  readonly line?: number;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** The nearest valid name, where one is near. */
  readonly nearest?: string;
}

export type GatewayConfigurationReading =
  | { readonly ok: true; readonly configuration: GatewayConfiguration }
  | { readonly ok: false; readonly problems: readonly GatewayConfigurationProblem[] };

/** A document longer than this is no configuration. */
const LONGEST_DOCUMENT = 1_048_576;

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

/** A problem as one line: `gateway.yaml:7: dialPeers[0].patern: There is no such key. Did you mean pattern?` */
export function gatewayProblemLine(
  file: string,
  { line, path, message, nearest }: GatewayConfigurationProblem,
): string {
  const place = line === undefined ? file : `${file}:${line}`;
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `${place}: ${path === '' ? '' : `${path}: `}${message}${hint}`;
}

interface Found {
  readonly at: readonly PropertyKey[];
  readonly message: string;
  readonly nearest?: string;
}

function problemsOf(issue: z.core.$ZodIssue, root: unknown): Found[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      withNearest({ at: [...issue.path, key], message: 'There is no such key.' }, key, namesAt(issue.path)),
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

/** Names that may stand at a path of a document, where list indices are numbers. */
function namesAt(path: readonly PropertyKey[]): readonly string[] {
  let shapes: readonly KeySchema[] = [gatewayKeySchema()];
  for (const step of path) {
    shapes = shapes
      .flatMap((shape) => [typeof step === 'number' ? shape.items : shape.properties?.[String(step)]])
      .filter((shape) => shape !== undefined)
      .flatMap((shape) => shape.oneOf ?? shape.anyOf ?? [shape]);
  }
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape.properties ?? {})))];
}

function refused(message: string): GatewayConfigurationReading {
  return { ok: false, problems: [{ path: '', message }] };
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
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
