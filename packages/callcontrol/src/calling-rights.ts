import { comparePatterns, matchPattern, readPattern } from './number-pattern.ts';

/** The partitions of the dial plan that a caller may dial, beside the rows that have none. */
export type CallerRights = readonly string[];

/** Which partitions some callers may dial: Cisco's calling search space. */
export interface CallingSearchSpace {
  readonly name: string;
  readonly partitions: readonly string[];
  /** Patterns of calling lines. */
  readonly lines: readonly string[];
  /** Names of devices; for a phone they go before the pattern of its line. */
  readonly devices: readonly string[];
}

/**
 * Reads calling search spaces once.
 *
 * @returns what a caller may dial: by the device's name, else by the closest pattern of the line; without either nothing
 *   that stands in a partition
 * @throws {CallControlError} callcontrol.pattern-malformed
 */
export function compileCallingRights(
  spaces: readonly CallingSearchSpace[],
): (caller: { readonly device: string; readonly line: string }) => CallerRights {
  const ofDevice = new Map(spaces.flatMap(({ devices, partitions }) => devices.map((name) => [name, partitions])));
  const ofLine = spaces
    .flatMap(({ lines, partitions }) => lines.map((line) => ({ pattern: readPattern(line), partitions })))
    .sort((a, b) => comparePatterns(a.pattern, b.pattern));
  return ({ device, line }) =>
    ofDevice.get(device) ?? ofLine.find(({ pattern }) => matchPattern(pattern, line) !== undefined)?.partitions ?? [];
}
