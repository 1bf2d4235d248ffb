/** One thing that is wrong with a document. */
export interface DocumentProblem {
  /** `listeners[0].port`; empty for the document as a whole. */
  readonly path: string;
  /** From 1; absent for what stands in no file. */
  readonly line?: number;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** The nearest valid name, where one is near. */
  readonly nearest?: string;
}

/** A problem as one line: `trustline.yaml:7: listeners[0].prot: There is no such key. Did you mean port?` */
export function problemLine(source: string, { line, path, message, nearest }: DocumentProblem): string {
  const place = line === undefined ? source : `${source}:${line}`;
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `${place}: ${path === '' ? '' : `${path}: `}${message}${hint}`;
}

/** `listeners[0].port`: indices of lists are numbers. */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '');
}

/** The value at a path of a document; undefined where it has none. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** The parts of a JSON Schema that describe the keys of a configuration. */
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

/** The shapes a value may have: the variants of a union, or the value itself. */
export function variantsOf(schema: KeySchema): readonly KeySchema[] {
  return schema.oneOf ?? schema.anyOf ?? [schema];
}

/** Names that may stand at a path of a document, where indices of lists are numbers. */
export function namesAt(schema: KeySchema, path: readonly PropertyKey[]): readonly string[] {
  let shapes: readonly KeySchema[] = [schema];
  for (const step of path) {
    shapes = shapes
      .map((shape) => (typeof step === 'number' ? shape.items : shape.properties?.[String(step)]))
      .filter((shape) => shape !== undefined)
      .flatMap(variantsOf);
  }
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape.properties ?? {})))];
}
