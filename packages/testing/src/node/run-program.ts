import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program of one run has ended, and all that it has said. */
export interface ProgramResult {
  /** Null where it was stopped, for it took too long. */
  readonly exitCode: number | null;
  /** Of both its outputs, in their order. */
  readonly output: string;
}

/**
 * Runs a program that we did not write to its end.
 *
 * @param seconds after which it is stopped; `signal` stops it before that
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  {
    directory,
    seconds = 20,
    signal,
  }: { readonly directory: string; readonly seconds?: number; readonly signal?: AbortSignal },
): Promise<ProgramResult> {
  const child = spawn(command, args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: directory },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('latin1').on('data', (text) => (output += text));
  signal?.addEventListener('abort', () => child.kill('SIGKILL'));
  const killer = setTimeout(() => child.kill('SIGKILL'), seconds * 1_000);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(killer);
  return { exitCode, output };
}
