/** What a thread is told when it is made. */
export interface ThreadData {
  /** The module that exports `fuzz(data)`. */
  readonly url: string;
  /** Shared memory of a `CurrentInput`. */
  readonly current: SharedArrayBuffer;
  /** What the URLs of the sources begin with whose coverage guides; undefined for none. */
  readonly guidedBy?: string | undefined;
  /** What inputs are made of, and how; undefined when only given inputs are executed. */
  readonly material?: FuzzMaterial | undefined;
}

export interface FuzzMaterial {
  readonly seed: number;
  readonly samples: readonly Uint8Array[];
  readonly dictionary: readonly Uint8Array[];
}

/** What a thread is asked to do next. */
export type Turn =
  | {
      readonly kind: 'fuzz';
      /** Ends when either is reached, or when coverage guides and nothing new was reached for long. */
      readonly seconds: number;
      readonly executions: number;
      /** What another thread found. */
      readonly found: readonly Uint8Array[];
    }
  | { readonly kind: 'replay'; readonly input: Uint8Array };

/** What a thread says: that a turn is over; or a failure, and then smaller inputs that fail in the same way. */
export type Report =
  | TurnOver
  | { readonly kind: 'failed'; readonly input: Uint8Array; readonly error: string; readonly executions: number }
  | { readonly kind: 'smaller'; readonly input: Uint8Array }
  | { readonly kind: 'minimised' }
  | { readonly kind: 'broken'; readonly error: string };

export interface TurnOver {
  readonly kind: 'over';
  /** Of this thread so far. */
  readonly executions: number;
  /** What reached new code so far, each input as little as does. */
  readonly found: readonly Uint8Array[];
  /** Of the watched sources; undefined when coverage does not guide. */
  readonly coveredShare: number | undefined;
  /** How many samples there were, those of the target included. */
  readonly samples: number;
}

/** A module of `packages/<room>/fuzz/`. It throws only on a bug. */
interface FuzzTarget {
  fuzz(data: Uint8Array): void;
  corpus?(): readonly Uint8Array[];
}

export async function loadTarget(url: string): Promise<FuzzTarget> {
  const target: Partial<FuzzTarget> = await import(url);
  const { fuzz } = target;
  if (typeof fuzz !== 'function') throw new Error('it exports no fuzz(data)');
  return { ...target, fuzz: (data) => runAtOnce(fuzz, data) };
}

/** A promise would hide what it rejects with from whoever waits for an exception. */
function runAtOnce(fuzz: (data: Uint8Array) => unknown, data: Uint8Array): void {
  if (fuzz(data) instanceof Promise) throw new Error('fuzz(data) returned a promise: it must do its work at once');
}

/** By what two failures are known as the same: kind, message but for its numbers, and where it was thrown. */
export function failureSignature(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const [thrownAt = ''] = /^\s+at .*$/m.exec(error.stack ?? '') ?? [];
  return `${error.name}: ${error.message.replace(/\d+/g, '#')} ${thrownAt}`;
}
