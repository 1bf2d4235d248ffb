import { type Redacted, TrustlineError } from '@trustline/base';
import { askLine } from './ask-line.ts';
import { askSecret } from './ask-secret.ts';
import { exitCodes } from './exit-codes.ts';

/** Where a command writes, and what it is given: the process, or a test. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether `out` shows colours; not where it is a file, nor where NO_COLOR is set (https://no-color.org). */
  readonly takesColour?: boolean;
  /** Whether a person looks at it, so that a line may be written over. */
  readonly isInteractive?: boolean;
  /** Whether a person sees what goes to `error`, so that it may say how far something is. */
  readonly showsProgress?: boolean;
  /** Characters of a line; undefined where it is no terminal. */
  readonly columns?: number;
  /** Asks a person for a secret, which is not shown as it is typed; absent where nobody can be asked. */
  readonly askSecret?: (prompt: string) => Promise<Redacted<string>>;
  /** Asks a person for a line; absent where nobody can be asked. */
  readonly ask?: (question: string) => Promise<string>;
  /** What the process ends with; commands set it when it is not 0. */
  exitCode: number;
}

export function processTerminal(): Terminal {
  // A reader that has gone (`| head`) ends the writing; it is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    environment: process.env,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { askSecret, ask: askLine } : {}),
    takesColour: process.stdout.isTTY === true && !process.env['NO_COLOR'],
    showsProgress: process.stderr.isTTY === true,
    ...(process.stdout.isTTY === true && process.stdout.columns > 0 ? { columns: process.stdout.columns } : {}),
    exitCode: exitCodes.done,
  };
}

/** A table for people: columns as wide as they need to be, two spaces apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => printable(row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `${cells.map((cell, column) => printable(cell).padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  return `${[head, ...rows].map(line).join('\n')}\n`;
}

/** One JSON document, for scripts. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** What the system says of a file, in words, and what to do then. */
const fileTroubles: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['does not exist.', 'Check the name, and that its folder is there.'],
  EEXIST: ['exists already and is not overwritten.', 'Name another file, or remove it first.'],
  EACCES: ['may not be opened by you.', 'Check its permissions, or run the command as its owner.'],
  EISDIR: ['is a folder.', 'Name a file.'],
  ENOTDIR: ['is not a folder.', 'Check the path.'],
  ENOSPC: ['could not be written: the disk is full.', 'Make room, then try again.'],
};

/** Prints what went wrong: the cause, then the next step. Returns the exit code. */
export function printFailure(terminal: Terminal, failure: unknown): number {
  if (!(failure instanceof TrustlineError)) {
    const system = failure as NodeJS.ErrnoException;
    // Files and terminals of the person who typed the command; anything else is a bug and shows its stack.
    const known = typeof system.code === 'string' && system.syscall !== undefined;
    const words = known ? fileTroubles[system.code ?? ''] : undefined;
    const where = system.path ?? 'the file';
    if (words !== undefined) terminal.error(`trustline: ${where} ${words[0]}\n  next: ${words[1]}\n`);
    else terminal.error(`trustline: ${known ? system.message : ((failure as Error).stack ?? String(failure))}\n`);
    return exitCodes.failed;
  }
  terminal.error(`trustline: ${failure.message}\n`);
  if (failure.nextStep !== undefined) terminal.error(`  next: ${failure.nextStep}\n`);
  return failure.code === 'manager.not-running' ? exitCodes.noManager : exitCodes.failed;
}

/** Names that devices and strangers chose must not drive the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
