import type { StreamFacts } from './stream-facts.ts';

/** Both directions of a call begin within so long of each other, in microseconds; a pause of media is no longer. */
const TOGETHER = 10_000_000;
const LONGEST_PAUSE = 30_000_000;

/**
 * Streams that no signalling explains, as calls: those between the same two ports, with no long pause; then one direction and
 * another between the same two hosts that begin together, each with one other; within one host the ports alone tell.
 */
export function pairStreams(streams: readonly StreamFacts[]): readonly (readonly StreamFacts[])[] {
  const calls = joinDirections(samePorts(streams));
  return joinBesides(calls.map(callOf));
}

/** Ends are of one host with neighbouring ports where they differ by no more. */
const NEIGHBOURING = 16;
/** Octets of an average packet that voice has not. */
const OCTETS_OF_VIDEO = 400;
/** Calls with an end at the same host that are compared, the latest. */
const MOST_OF_A_HOST = 64;

interface Call extends Group {
  readonly hosts: ReadonlySet<string>;
  readonly ports: ReadonlySet<string>;
  readonly isOneWay: boolean;
}

function callOf(streams: readonly StreamFacts[]): Call {
  const ends = streams.flatMap(({ source, destination }) => [source, destination]);
  return {
    streams: [...streams],
    first: Math.min(...streams.map(({ first }) => first.microseconds)),
    last: Math.max(...streams.map(({ last }) => last.microseconds)),
    hosts: new Set(ends.map(({ address }) => address)),
    ports: new Set(ends.map(portText)),
    isOneWay: new Set(streams.map(({ source }) => portText(source))).size === 1,
  };
}

/**
 * Joins with a call what is beside it: one way of media to or from a port of its own, as early media of another branch, the same
 * source that goes on from another port, and video at the ports beside.
 */
function joinBesides(calls: readonly Call[]): readonly (readonly StreamFacts[])[] {
  const joined = new Map<Call, Call>();
  const byHost = new Map<string, Call[]>();
  for (const call of [...calls].sort((one, other) => one.first - other.first)) {
    const near = new Set([...call.hosts].flatMap((host) => byHost.get(host) ?? []));
    const found = [...near].filter((other) => !joined.has(other) && isBeside(call, other));
    const [other] = found;
    if (other !== undefined && found.length === 1) {
      const [main, part] = other.isOneWay && !call.isOneWay ? [call, other] : [other, call];
      joined.set(part, main);
    }
    for (const host of call.hosts) {
      const list = byHost.get(host) ?? [];
      if (list.length >= MOST_OF_A_HOST) list.shift();
      list.push(call);
      byHost.set(host, list);
    }
  }
  const mainOf = (call: Call): Call => {
    const main = joined.get(call);
    return main === undefined ? call : mainOf(main);
  };
  return [...Map.groupBy(calls, mainOf).values()].map((group) => group.flatMap(({ streams }) => streams));
}

function isBeside(one: Call, other: Call): boolean {
  if (one.first > other.last + TOGETHER || other.first > one.last + TOGETHER) return false;
  if (one.isOneWay !== other.isOneWay && [...one.ports].some((port) => other.ports.has(port))) return true;
  if (one.streams.some((stream) => other.streams.some((before) => isSameSource(before, stream)))) return true;
  if (Math.abs(one.first - other.first) > TOGETHER || isVideo(one) === isVideo(other)) return false;
  return [...one.ports].every((port) => [...other.ports].some((beside) => areNeighbours(port, beside)));
}

/** Drawn at random (RFC 3550 §8.1), it says who sends, wherever from. */
function isSameSource(one: StreamFacts, other: StreamFacts): boolean {
  const isRandom = one.ssrc === other.ssrc && one.ssrc > 0xffff;
  return (
    isRandom && one.source.address === other.source.address && one.destination.address === other.destination.address
  );
}

function isVideo({ streams }: Call): boolean {
  return streams.every(
    ({ report: { codec, octets, packets } }) => codec === null && octets > OCTETS_OF_VIDEO * packets,
  );
}

function areNeighbours(one: string, other: string): boolean {
  const [[address, port], [otherAddress, otherPort]] = [one.split(' '), other.split(' ')] as [string[], string[]];
  return address === otherAddress && Math.abs(Number(port) - Number(otherPort)) <= NEIGHBOURING;
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
  // Within one host every two streams would be opposite: their ports alone tell which are of one call.
  if (source.address === destination.address) return [];
  return [`${source.address} ${destination.address}`, `${destination.address} ${source.address}`];
}

function portText({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address} ${port}`;
}
