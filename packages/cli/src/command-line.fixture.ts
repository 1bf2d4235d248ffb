import { runCommandLine } from './program.ts';

/** What a command line did. */
export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs one command line in this process; its environment is empty unless given. */
export async function trustline(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandOutcome> {
  const [out, error]: [string[], string[]] = [[], []];
  const terminal = {
    out: (text: string) => void out.push(text),
    error: (text: string) => void error.push(text),
    environment,
    exitCode: 0,
  };
  const code = await runCommandLine(argv, terminal);
  return { code, out: out.join(''), error: error.join('') };
}
