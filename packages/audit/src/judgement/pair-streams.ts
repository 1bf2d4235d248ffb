import type { StreamFacts } from './stream-facts.ts';

/** Both directions of a call begin within so long of each other, in microseconds; a pause of media is no longer. */
const TOGETHER = 10_000_000;
const LONGEST_PAUSE = 30_000_000;

/**
 * Streams that no signalling explains, as calls: those between the same two ports, with no long pause; then one direction and
 * another between the same two hosts that begin together, each with one other.
 */
export function pairStreams(streams: readonly StreamFacts[]): readonly (readonly StreamFacts[])[] {
  const groups = samePorts(streams);
  return joinDirections(groups);
}

interface Group {
  readonly streams: StreamFacts[];
  first: number;
  last: number;
}

function samePorts(streams: readonly StreamFacts[]): readonly Group[] {
  const open = new Map<string, Group>();
  const groups: Group[] = [];
  const inOrder = [...streams].sort((one, other) => one.first.microseconds - other.first.microseconds);
  for (const stream of inOrder) {
    const key = [portText(stream.source), portText(stream.destination)].sort().join(' ');
    const group = open.get(key);
    if (group !== undefined && stream.first.microseconds - group.last <= LONGEST_PAUSE) {
      group.streams.push(stream);
      group.last = Math.max(group.last, stream.last.microseconds);
      continue;
    }
    const begun = { streams: [stream], first: stream.first.microseconds, last: stream.last.microseconds };
    open.set(key, begun);
    groups.push(begun);
  }
  return groups;
}

/** A group of one direction waits for one of the other. */
function joinDirections(groups: readonly Group[]): readonly (readonly StreamFacts[])[] {
  const calls: StreamFacts[][] = [];
  const waiting = new Map<string, { readonly group: Group; readonly call: StreamFacts[] }[]>();
  for (const group of groups) {
    const [direction, opposite] = directionOf(group);
    const others = direction === undefined ? [] : (waiting.get(opposite ?? '') ?? []);
    const at = others.findIndex(
      ({ group: other }) => Math.abs(other.first - group.first) <= TOGETHER && other.last >= group.first,
    );
    const found = others[at];
    if (found !== undefined) {
      found.call.push(...group.streams);
      others.splice(at, 1);
      continue;
    }
    const call = [...group.streams];
    calls.push(call);
    if (direction === undefined) continue;
    const same = waiting.get(direction);
    if (same === undefined) waiting.set(direction, [{ group, call }]);
    else same.push({ group, call });
  }
  return calls;
}

/** From which host to which, and the other way round; nothing where it goes both ways. */
function directionOf({ streams }: Group): readonly [string?, string?] {
  // By their ports, too: both ends may be on one host.
  const directions = new Set(streams.map(({ source, destination }) => `${portText(source)} ${portText(destination)}`));
  const [first] = streams;
  if (directions.size !== 1 || first === undefined) return [];
  const { source, destination } = first;
  return [`${source.address} ${destination.address}`, `${destination.address} ${source.address}`];
}

function portText({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address} ${port}`;
}
