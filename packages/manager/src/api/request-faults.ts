/**
 * What is wrong with a request, in words: a person who typed a command sees this, and knows nothing of `lines.0.number`.
 */
import { z } from 'zod';
import { requirement } from '../requirement.ts';

/** The parts of a JSON Schema that say what a field is called and what a right one looks like. */
interface FieldSchema {
  readonly title?: string;
  readonly examples?: readonly unknown[];
  /** How the command line gives it; absent where its place says what it is. */
  readonly option?: string;
  /** A secret: what was given is not shown. */
  readonly writeOnly?: boolean;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
}

export interface RequestFaults {
  /** One sentence for each fault. */
  readonly message: string;
  /** A right value for each wrong one, where there is one to show. */
  readonly nextStep?: string;
}

/** What a rule of several fields may say beside its words (`params`): a right value, or what to do. */
interface RuleHints {
  readonly example?: unknown;
  readonly nextStep?: string;
}

/** As much of a value as a line of an error shows. */
const shownLength = 64;

/** Describes what `schema` found wrong with `value`; names and examples are the `title`, `option` and `examples` of its fields. */
export function requestFaults(schema: z.ZodType, error: z.ZodError, value: unknown): RequestFaults {
  const fields = z.toJSONSchema(schema, { io: 'input' }) as FieldSchema;
  const sentences: string[] = [];
  const examples = new Set<string>();
  const steps = new Set<string>();
  for (const issue of error.issues) {
    const field = fieldAt(fields, issue.path);
    const title = field?.title ?? issue.path.join('.');
    sentences.push(sentence(title, issue, valueAt(value, issue.path), field?.writeOnly === true));
    const example = exampleOf(issue, field);
    if (example !== undefined) examples.add(`${field?.option ?? title} ${typed(example)}`);
    const { nextStep } = hintsOf(issue);
    if (nextStep !== undefined) steps.add(nextStep);
  }
  const message = sentences.join(' ');
  if (examples.size > 0) steps.add(`Correct it, for example: ${[...examples].join(', ')}`);
  return steps.size === 0 ? { message } : { message, nextStep: [...steps].join(' ') };
}

function sentence(title: string, issue: z.core.$ZodIssue, given: unknown, isSecret: boolean): string {
  if (issue.code === 'unrecognized_keys') return `There is no field ${issue.keys.join(', ')}.`;
  const wanted = requirement(issue, given);
  const isShown = !isSecret && (typeof given === 'string' || typeof given === 'number');
  // A rule over several fields says in its own words what it is about.
  const about = isShown ? `${title} ${shown(given)}: ` : issue.code === 'custom' || title === '' ? '' : `${title}: `;
  const text = `${about}${wanted}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As JSON, so that it is seen where a text begins and ends. */
function shown(given: string | number): string {
  const isLong = typeof given === 'string' && given.length > shownLength;
  return JSON.stringify(isLong ? `${given.slice(0, shownLength)}…` : given);
}

/** A rule over several fields brings its own example, or has none to give. */
function exampleOf(issue: z.core.$ZodIssue, field: FieldSchema | undefined): unknown {
  return issue.code === 'custom' ? hintsOf(issue).example : field?.examples?.[0];
}

function hintsOf(issue: z.core.$ZodIssue): RuleHints {
  return issue.code === 'custom' ? (issue.params ?? {}) : {};
}

/** As a shell takes it. */
function typed(example: unknown): string {
  const text = String(example);
  return text.includes(' ') ? `'${text}'` : text;
}

function fieldAt(root: FieldSchema, path: readonly PropertyKey[]): FieldSchema | undefined {
  let field: FieldSchema | undefined = root;
  for (const step of path) {
    // What is said of a list holds for each of its items that says nothing of itself.
    const isNamed = typeof step !== 'number' || (field?.items?.title ?? field?.items?.properties) !== undefined;
    if (typeof step !== 'number') field = field?.properties?.[String(step)];
    else if (isNamed) field = field?.items;
  }
  return field;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[step];
  return value;
}
