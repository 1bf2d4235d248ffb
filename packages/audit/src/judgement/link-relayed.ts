import type { CallDraft, StreamFacts } from './stream-facts.ts';

/** Media that is passed on begins and ends so soon after what is passed on, in microseconds. */
const TOGETHER = 1_500_000;
/** Those below are constants of somebody's, not drawn at random (RFC 3550 §8.1). */
const LOWEST_SSRC = 0x1_0000;
/** Where a sender of its own passes it on: as many packets each way but for one in fifty, of some seconds. */
const SHARE_OF_PACKETS = 0.98;
const SHORTEST = 3_000_000;
/** Calls through one host that are compared with each other. */
const MOST_OF_A_HOST = 2_000;

/**
 * Joins calls whose media a host between them passes on, as a session border controller or a call manager does: one call over two
 * legs, which the SSRC tells where it stays, else that all of it begins and ends together and has as many packets, of two such
 * calls alone.
 */
export function joinRelayed(drafts: readonly CallDraft[]): readonly CallDraft[] {
  const joined = new Map<CallDraft, CallDraft>();
  const rootOf = (draft: CallDraft): CallDraft => {
    const parent = joined.get(draft);
    return parent === undefined ? draft : rootOf(parent);
  };
  for (const [one, other] of [...sameSources(drafts), ...sameCourses(drafts)]) {
    const [a, b] = [rootOf(one), rootOf(other)];
    if (a !== b) joined.set(b, a);
  }
  if (joined.size === 0) return drafts;
  return [...Map.groupBy(drafts, rootOf).values()].map((group) => ({
    legs: group.flatMap(({ legs }) => legs),
    streams: group.flatMap(({ streams }) => streams),
  }));
}

/** Streams of one SSRC, of which one goes on where the other ends. */
function* sameSources(drafts: readonly CallDraft[]): Generator<readonly [CallDraft, CallDraft]> {
  const bySsrc = new Map<number, { readonly draft: CallDraft; readonly stream: StreamFacts }[]>();
  for (const draft of drafts) {
    for (const stream of draft.streams) {
      if (stream.ssrc < LOWEST_SSRC) continue;
      const others = bySsrc.get(stream.ssrc) ?? [];
      for (const other of others) {
        if (other.draft !== draft && isPassedOn(other.stream, stream)) yield [other.draft, draft];
      }
      if (others.length < 16) others.push({ draft, stream });
      bySsrc.set(stream.ssrc, others);
    }
  }
}

/** Music on hold may have one source for many calls: who passes on is neither where it comes from nor where it goes in both. */
function isPassedOn(one: StreamFacts, other: StreamFacts): boolean {
  if (one.source.address === other.source.address || one.destination.address === other.destination.address)
    return false;
  const isOverlapping =
    one.first.microseconds <= other.last.microseconds && other.first.microseconds <= one.last.microseconds;
  const isChained =
    (one.destination.address === other.source.address) !== (other.destination.address === one.source.address);
  return isOverlapping && (isChained || isTogether(one, other));
}

function isTogether(one: StreamFacts, other: StreamFacts): boolean {
  return (
    Math.abs(one.first.microseconds - other.first.microseconds) <= TOGETHER &&
    Math.abs(one.last.microseconds - other.last.microseconds) <= TOGETHER
  );
}

/** A call through a host, as it is compared with others there. */
interface Passing {
  readonly draft: CallDraft;
  readonly towards: StreamFacts;
  readonly away: StreamFacts;
}

/** Calls that have the same course on both sides of a host, of which one at least has no signalling that would tell. */
function* sameCourses(drafts: readonly CallDraft[]): Generator<readonly [CallDraft, CallDraft]> {
  const byHost = new Map<string, Passing[]>();
  for (const draft of drafts) {
    const [one, other, ...more] = draft.streams;
    if (one === undefined || other === undefined || more.length > 0) continue;
    if (one.source.address !== other.destination.address || one.destination.address !== other.source.address) continue;
    for (const [towards, away] of [
      [one, other],
      [other, one],
    ] as const) {
      const passing = byHost.get(towards.destination.address) ?? [];
      if (passing.length < MOST_OF_A_HOST) passing.push({ draft, towards, away });
      byHost.set(towards.destination.address, passing);
    }
  }
  for (const passing of byHost.values()) {
    const inOrder = passing.toSorted((a, b) => a.towards.first.microseconds - b.towards.first.microseconds);
    const fits = inOrder.map((one, at) => fitsOf(one, at, inOrder));
    for (const [at, [fit, ...others]] of fits.entries()) {
      const one = inOrder[at] as Passing;
      if (fit === undefined || others.length > 0 || fits[inOrder.indexOf(fit)]?.length !== 1) continue;
      yield [one.draft, fit.draft];
    }
  }
}

function fitsOf(one: Passing, at: number, inOrder: readonly Passing[]): readonly Passing[] {
  const fits: Passing[] = [];
  for (const step of [-1, 1]) {
    for (let next = at + step; next >= 0 && next < inOrder.length; next += step) {
      const other = inOrder[next] as Passing;
      if (Math.abs(other.towards.first.microseconds - one.towards.first.microseconds) > TOGETHER) break;
      if (other.draft !== one.draft && isSameCourse(one, other)) fits.push(other);
    }
  }
  return fits;
}

function isSameCourse(one: Passing, other: Passing): boolean {
  if (one.draft.legs.length > 0 && other.draft.legs.length > 0) return false;
  if (one.towards.source.address === other.towards.source.address) return false;
  if (one.towards.last.microseconds - one.towards.first.microseconds < SHORTEST) return false;
  return isSame(one.towards, other.away) && isSame(one.away, other.towards);
}

function isSame(one: StreamFacts, other: StreamFacts): boolean {
  const [fewer, more] = [one.report.packets, other.report.packets].toSorted((a, b) => a - b) as [number, number];
  return isTogether(one, other) && fewer >= SHARE_OF_PACKETS * more;
}

/** That a call went over two legs of which one alone is SRTP, in a sentence; nothing where it did not. */
export function relayWords(heard: readonly StreamFacts[], encrypted: readonly StreamFacts[]): string {
  for (const { source, destination } of heard) {
    for (const other of encrypted) {
      const isFrom = source.address === other.destination.address && destination.address !== other.source.address;
      const isTo = destination.address === other.source.address && source.address !== other.destination.address;
      if (!isFrom && !isTo) continue;
      // An end that several send to at one port passes nothing on.
      if (isFrom ? source.port === other.destination.port : destination.port === other.source.port) continue;
      const [relay, near, far] = isFrom
        ? [source.address, destination.address, other.source.address]
        : [destination.address, source.address, other.destination.address];
      return ` By its course it seems to be one call over two legs, which is a guess: that between ${far} and ${relay} is SRTP, that between ${relay} and ${near} is heard.`;
    }
  }
  return '';
}
