import type { CallLeg, LegEnd } from '../model/leg.ts';

/** A host of signalling; with its port where only that tells it from another end on the same host. */
interface SignallingHost {
  readonly address: string;
  readonly port: number | undefined;
}

/** Where the signalling of a leg comes from and where it arrives, without those who only handed it on. */
export type SignallingEnds = Readonly<Record<LegEnd, readonly SignallingHost[]>>;

const MOST_HOPS = 8;

/** The ends of a leg, by its first message and those that go on with it from hop to hop until it is answered. */
export function signallingEnds(leg: CallLeg): SignallingEnds {
  const [first] = leg.messages;
  if (first === undefined) return { caller: [], called: [] };
  const [from, to] = [new Set<string>(), new Set<string>()];
  for (const { name, path, place } of leg.messages) {
    // Later ones of that name may come from the other end.
    if (leg.answered !== undefined && place.number > leg.answered.number && from.size > 0) break;
    if (name !== first.name) continue;
    from.add(path.from.address);
    to.add(path.to.address);
    if (from.size >= MOST_HOPS || to.size >= MOST_HOPS) break;
  }
  const [origins, arrivals] = [without(from, to), without(to, from)];
  const ends = origins.length > 0 && arrivals.length > 0 ? ([origins, arrivals] as const) : endsOnOneHost(first.path);
  // Where the capture begins with an answer, it goes from the called to the caller.
  const [caller, called] = /^\d/.test(first.name) ? [ends[1], ends[0]] : ends;
  return { caller, called };
}

/** Whether a host of one is among those of the other. */
export function haveCommonHost(some: readonly SignallingHost[], others: readonly SignallingHost[]): boolean {
  return some.some(({ address, port }) =>
    others.some(
      (other) => other.address === address && (other.port === port || other.port === undefined || port === undefined),
    ),
  );
}

function without(hosts: ReadonlySet<string>, others: ReadonlySet<string>): readonly SignallingHost[] {
  return [...hosts].filter((address) => !others.has(address)).map((address) => ({ address, port: undefined }));
}

/** Who calls by UDP sends from where he is called; a connection comes from any port. */
function endsOnOneHost({
  transport,
  from,
  to,
}: CallLeg['messages'][number]['path']): readonly [readonly SignallingHost[], readonly SignallingHost[]] {
  if (from.address !== to.address) {
    return [[{ address: from.address, port: undefined }], [{ address: to.address, port: undefined }]];
  }
  return [[transport === 'udp' ? from : { address: from.address, port: undefined }], [to]];
}
