import { matchPattern, readPattern } from '@trustline/callcontrol';

/** Whose calls some phones may watch (dialog event, RFC 4235), and how much of them. */
export interface WatchingRight {
  readonly name: string;
  /** Patterns of watching lines. */
  readonly lines: readonly string[];
  /** Names of watching devices. */
  readonly devices: readonly string[];
  /** Patterns of the lines that they may watch. */
  readonly of: readonly string[];
  /** They see who is at the other end. */
  readonly identities: boolean;
}

/** How much of a line's calls a watcher sees. */
export interface DialogView {
  readonly identities: boolean;
  /** What a Replaces header needs. */
  readonly identifiers: boolean;
}

export interface Watcher {
  readonly device: string;
  readonly line: string;
}

/**
 * Reads the rights once. Several that are given to one watcher add up, and whoever may pick up a line's calls sees all of them.
 *
 * @param pickUpLines the lines whose calls a line may take
 * @returns what a watcher sees of a line's calls; undefined where it may not watch them
 * @throws {CallControlError} callcontrol.pattern-malformed
 */
export function compileWatchingRights(
  rights: readonly WatchingRight[],
  pickUpLines: (line: string) => readonly string[],
): (watcher: Watcher, watched: string) => DialogView | undefined {
  const compiled = rights.map((right) => ({
    right,
    lines: right.lines.map(readPattern),
    devices: new Set(right.devices),
    of: right.of.map(readPattern),
  }));
  return ({ device, line }, watched) => {
    if (pickUpLines(line).includes(watched)) return { identities: true, identifiers: true };
    const held = compiled.filter(
      ({ lines, devices, of }) =>
        (devices.has(device) || lines.some((pattern) => matchPattern(pattern, line) !== undefined)) &&
        of.some((pattern) => matchPattern(pattern, watched) !== undefined),
    );
    if (held.length === 0) return undefined;
    return { identities: held.some(({ right }) => right.identities), identifiers: false };
  };
}
