/** What the exit code of every command says; `trustline --help` lists them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  noManager: 3,
  notVerified: 4,
} as const;

export const exitCodeMeanings = [
  [exitCodes.done, 'done'],
  [exitCodes.failed, 'failed; one line says why and one what to do next'],
  [exitCodes.usage, 'the command line was wrong'],
  [exitCodes.noManager, 'no manager is running there'],
  [exitCodes.notVerified, 'records verify: something was altered, removed or reordered'],
] as const;
