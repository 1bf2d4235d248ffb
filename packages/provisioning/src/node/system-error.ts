/** The code of a system error, in capitals as the system writes it; `without` where it has none. */
export function codeOf(error: unknown, without = 'no code'): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : without;
}
