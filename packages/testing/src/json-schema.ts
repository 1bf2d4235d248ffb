type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords that say nothing of whether a value is valid. */
const annotations = ['$schema', '$id', '$defs', 'title', 'description'];

/** More of them are of no use to who reads a failure. */
const MOST_VIOLATIONS = 20;

/**
 * Where a value is not as a schema wants it (JSON Schema, draft 2020-12, the keywords that our schemas use), each with its place.
 * Properties that no schema names are violations as well: a document may have them, ours must be described.
 *
 * @throws {Error} for a keyword that is not known here
 */
export function schemaViolations(schema: JsonSchema, value: unknown): readonly string[] {
  const violations: string[] = [];
  new Validation(schema, (place, wanted) => {
    if (violations.length < MOST_VIOLATIONS) violations.push(`${place === '' ? 'the document' : place}: ${wanted}`);
  }).check(schema, value, '');
  return violations;
}

class Validation {
  readonly #root: JsonSchema;
  readonly #report: (place: string, wanted: string) => void;

  constructor(root: JsonSchema, report: (place: string, wanted: string) => void) {
    this.#root = root;
    this.#report = report;
  }

  check(schema: JsonSchema, value: unknown, place: string): void {
    for (const [keyword, wanted] of Object.entries(schema)) {
      if (annotations.includes(keyword)) continue;
      const checker = this.#keywords[keyword];
      if (checker === undefined) throw new Error(`The keyword ${keyword} is not known.`);
      checker(wanted, value, place, schema);
    }
  }

  readonly #keywords: Readonly<
    Record<string, (wanted: unknown, value: unknown, place: string, schema: JsonSchema) => void>
  > = {
    $ref: (wanted, value, place) => {
      const name = String(wanted).replace('#/$defs/', '');
      const found = (this.#root['$defs'] as Readonly<Record<string, JsonSchema>> | undefined)?.[name];
      if (found === undefined) throw new Error(`There is no definition ${name}.`);
      this.check(found, value, place);
    },
    type: (wanted, value, place) => {
      if (![wanted].flat().some((type) => isOfType(value, type))) this.#report(place, `${String(wanted)} is wanted`);
    },
    const: (wanted, value, place) => {
      if (value !== wanted) this.#report(place, `${JSON.stringify(wanted)} is wanted`);
    },
    enum: (wanted, value, place) => {
      if (!(wanted as readonly unknown[]).includes(value))
        this.#report(place, `${JSON.stringify(value)} is none of them`);
    },
    minimum: (wanted, value, place) => {
      if (typeof value === 'number' && value < Number(wanted)) this.#report(place, `${value} is too little`);
    },
    maxItems: (wanted, value, place) => {
      if (Array.isArray(value) && value.length > Number(wanted)) this.#report(place, `${value.length} are too many`);
    },
    format: (wanted, value, place) => {
      if (wanted !== 'date-time') throw new Error(`The format ${String(wanted)} is not known.`);
      const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
      if (typeof value === 'string' && !isTime) this.#report(place, `${value} is no time`);
    },
    anyOf: (wanted, value, place) => {
      const alternatives = (wanted as readonly JsonSchema[]).map((schema) => this.#violationsOf(schema, value, place));
      if (alternatives.some(({ length }) => length === 0)) return;
      for (const [where, what] of alternatives[0] ?? []) this.#report(where, what);
    },
    items: (wanted, value, place) => {
      if (!Array.isArray(value)) return;
      for (const [at, item] of value.entries()) this.check(wanted as JsonSchema, item, `${place}[${at}]`);
    },
    required: (wanted, value, place) => {
      if (!isMap(value)) return;
      for (const name of wanted as readonly string[])
        if (!Object.hasOwn(value, name)) this.#report(place, `${name} is missing`);
    },
    properties: (wanted, value, place, schema) => {
      if (!isMap(value)) return;
      const known = wanted as Readonly<Record<string, JsonSchema>>;
      for (const [name, one] of Object.entries(value)) {
        const field = known[name] ?? (schema['additionalProperties'] as JsonSchema | undefined);
        if (field === undefined) this.#report(`${place}.${name}`, 'no schema names it');
        else this.check(field, one, `${place}.${name}`);
      }
    },
    additionalProperties: (wanted, value, place, schema) => {
      if (!isMap(value) || schema['properties'] !== undefined) return;
      for (const [name, one] of Object.entries(value)) this.check(wanted as JsonSchema, one, `${place}.${name}`);
    },
  };

  #violationsOf(schema: JsonSchema, value: unknown, place: string): readonly (readonly [string, string])[] {
    const found: [string, string][] = [];
    new Validation(this.#root, (where, what) => found.push([where, what])).check(schema, value, place);
    return found;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMap(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}
