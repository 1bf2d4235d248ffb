import type { TransportAddress } from '@trustline/capture';
import type { CallLeg, MediaDescription } from '../model/leg.ts';
import { lifeOf } from './link-legs.ts';
import type { StreamFacts } from './stream-facts.ts';

/** Media goes on for a moment after a leg has ended, and begins before the answer that describes it was seen (microseconds). */
const AFTER_THE_END = 3_000_000;
const BEFORE_THE_ANSWER = 10_000_000;
/** A leg of which no end was seen may go on for as long as its media does. */
const NO_END = Number.POSITIVE_INFINITY;

/** A port that a leg has described, and from when to when it counts. */
interface Place {
  readonly leg: CallLeg;
  readonly from: number;
  readonly to: number;
  readonly described: number;
  /** The address as it was said, else one of its candidates. */
  readonly isOwn: boolean;
}

/** How a stream fits a leg, best last. */
const fits = { portsAlone: 1, source: 2, candidate: 3, destination: 4, both: 5 } as const;
const signalled = 0.5;

/**
 * Which leg each stream belongs to: one that has described an end of it, at that time. A sender behind a NAT comes from another
 * address than it described, so one end is enough, and where neither is right the ports may be, between hosts that signalled.
 */
export function attachStreams(
  legs: readonly CallLeg[],
  streams: readonly StreamFacts[],
): ReadonlyMap<StreamFacts, CallLeg> {
  const [byAddress, byPort] = [new Map<string, Place[]>(), new Map<number, Place[]>()];
  for (const leg of legs) for (const place of placesOf(leg)) remember(place, byAddress, byPort);
  const attached = new Map<StreamFacts, CallLeg>();
  for (const stream of streams) {
    const leg = legOf(stream, byAddress, byPort);
    if (leg !== undefined) attached.set(stream, leg);
  }
  return attached;
}

interface DescribedPlace extends Place {
  readonly address: TransportAddress;
}

function* placesOf(leg: CallLeg): Generator<DescribedPlace> {
  const life = lifeOf(leg);
  const end = leg.ended === undefined ? NO_END : life.to + AFTER_THE_END;
  for (const description of leg.descriptions) {
    const described = description.place.microseconds;
    const from = Math.min(described, Math.max(life.from, described - BEFORE_THE_ANSWER)) - 1_000_000;
    const shared = { leg, from, to: end, described };
    for (const address of ownAddresses(description)) yield { ...shared, address, isOwn: true };
    for (const address of description.candidates ?? []) yield { ...shared, address, isOwn: false };
  }
}

function ownAddresses({ receives, rtcp }: MediaDescription): readonly TransportAddress[] {
  if (receives.port === 0) return [];
  return rtcp === undefined ? [receives] : [receives, rtcp];
}

function remember(place: DescribedPlace, byAddress: Map<string, Place[]>, byPort: Map<number, Place[]>): void {
  const { address, port } = place.address;
  const text = `${address} ${port}`;
  const [places, ports] = [byAddress.get(text), byPort.get(port)];
  if (places === undefined) byAddress.set(text, [place]);
  else places.push(place);
  if (ports === undefined) byPort.set(port, [place]);
  else ports.push(place);
}

function legOf(
  stream: StreamFacts,
  byAddress: ReadonlyMap<string, readonly Place[]>,
  byPort: ReadonlyMap<number, readonly Place[]>,
): CallLeg | undefined {
  const destination = atThatTime(byAddress.get(textOf(stream.destination)), stream);
  const source = atThatTime(byAddress.get(textOf(stream.source)), stream);
  const scores = new Map<CallLeg, { score: number; described: number }>();
  const score = (place: Place, points: number) => {
    const known = scores.get(place.leg) ?? { score: 0, described: 0 };
    // What was described after the stream began is not why it began.
    const described = place.described <= stream.first.microseconds ? place.described : 0;
    scores.set(place.leg, {
      score: Math.max(known.score, points),
      described: Math.max(known.described, described),
    });
  };
  // Many legs may share a port, and an end of one be behind a NAT: the host from which it signalled tells.
  const ofOneOfMany = (places: readonly Place[], { leg }: Place, { address }: TransportAddress) =>
    places.some((other) => other.leg !== leg) && hasSignalled(leg, address) ? signalled : 0;
  for (const place of source) score(place, fits.source + ofOneOfMany(source, place, stream.destination));
  for (const place of destination) {
    const isBoth = source.some(({ leg }) => leg === place.leg);
    const oneEnd = place.isOwn ? fits.destination : fits.candidate;
    score(place, isBoth ? fits.both : oneEnd + ofOneOfMany(destination, place, stream.source));
  }
  if (scores.size === 0) {
    for (const place of betweenKnownHosts(stream, byPort)) score(place, fits.portsAlone);
  }
  // Of equals the one that was described last before the stream: ports are used again.
  let best: { leg: CallLeg; score: number; described: number } | undefined;
  for (const [leg, found] of scores) {
    const isBetter =
      best === undefined ||
      found.score > best.score ||
      (found.score === best.score && found.described > best.described);
    if (isBetter) best = { leg, ...found };
  }
  return best?.leg;
}

/** Both ports were described by one leg, whose signalling one of the hosts took part in: a NAT has changed the addresses. */
function* betweenKnownHosts(stream: StreamFacts, byPort: ReadonlyMap<number, readonly Place[]>): Generator<Place> {
  const sources = atThatTime(byPort.get(stream.source.port), stream);
  for (const place of atThatTime(byPort.get(stream.destination.port), stream)) {
    const isBoth = sources.some(({ leg }) => leg === place.leg);
    if (isBoth && takesPart(place.leg, stream)) yield place;
  }
}

function takesPart(leg: CallLeg, { source, destination }: StreamFacts): boolean {
  return hasSignalled(leg, source.address) || hasSignalled(leg, destination.address);
}

function hasSignalled({ messages }: CallLeg, address: string): boolean {
  return messages.some(({ path: { from, to } }) => from.address === address || to.address === address);
}

function atThatTime(places: readonly Place[] | undefined, { first, last }: StreamFacts): readonly Place[] {
  const live = (places ?? []).filter(({ from, to }) => from <= last.microseconds && first.microseconds <= to);
  if (live.length < 2) return live;
  // A leg without an end is over once another describes the same port, before the stream began.
  const begun = live.filter(({ from }) => from <= first.microseconds);
  const latest = Math.max(...begun.map(({ described }) => described));
  return live.filter(({ leg, described }) => leg.ended !== undefined || described >= latest);
}

function textOf({ address, port }: TransportAddress): string {
  return `${address} ${port}`;
}
