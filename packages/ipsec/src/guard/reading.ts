import type { ClearPackets, ClearSegments, GuardReading } from '../proof.ts';
import { clearSets, type GuardPlan, MAX_CLEAR_CONNECTIONS, probeComment } from './ruleset.ts';

/** What `nft -j list table` shows, of which this much is looked at. */
interface NftListing {
  readonly nftables: readonly NftObject[];
}

interface NftObject {
  readonly chain?: { readonly name?: unknown; readonly hook?: unknown; readonly policy?: unknown };
  readonly set?: { readonly name?: unknown; readonly elem?: unknown };
  readonly rule?: { readonly chain?: unknown; readonly comment?: unknown; readonly expr?: unknown };
}

const chains = { inbound: 'input', outbound: 'output', departing: 'postrouting' } as const;

/**
 * The rules of a listing without what changes by itself (handles, counters, what the rules put into sets, the version of the
 * tool): two listings with
 * the same normal form filter the same packets. Undefined where the text is no listing.
 */
export function guardNormalForm(listing: string): string | undefined {
  const read = readListing(listing);
  return read === undefined ? undefined : normalFormOf(read);
}

function normalFormOf(read: NftListing): string {
  const rules = read.nftables.filter((one) => !('metainfo' in one)).map(withoutElements);
  return JSON.stringify(rules, (key, value: unknown) => {
    if (key === 'handle') return undefined;
    return key === 'counter' ? {} : value;
  });
}

/**
 * What a listing says of the guard. `installed` is the normal form that was read right after it was installed: whoever
 * changed a rule since, took one away or put one in front, is seen. Without a listing (the table is gone) pass undefined.
 */
export function readGuard(plan: GuardPlan, listing: string | undefined, installed: string): GuardReading {
  if (listing === undefined) return { inPlace: false, problem: `the table ${plan.table} is gone` };
  const read = readListing(listing);
  if (read === undefined) return { inPlace: false, problem: 'what nft printed cannot be read' };
  if (normalFormOf(read) !== installed) {
    return { inPlace: false, problem: `the rules of the table ${plan.table} were changed by somebody else` };
  }
  const closing = closingCounters(read);
  const missing = missingPart(plan, read, closing);
  if (missing !== undefined) return { inPlace: false, problem: missing };
  return {
    inPlace: true,
    dropped: countersOf(plan, closing, (connection) => connection),
    segments: Object.values(clearSets).flatMap((name) => segmentsOf(read, name)),
    probes: countersOf(plan, closing, probeComment),
  };
}

/**
 * What the second table stopped, of its listing as text: the one as JSON that nft 1.0.6 prints of a table that belongs to a
 * process cannot be read. Undefined where it is not whole.
 */
export function readHeld({ peers }: GuardPlan, listing: string): HeldReading | undefined {
  const closing = new Map<string, number>();
  let chain = '';
  for (const line of listing.split('\n')) {
    chain = /^\tchain (\w+) \{$/.exec(line)?.[1] ?? chain;
    const [, packets, comment] =
      /counter packets (\d+) bytes \d+ (?:drop|reject\b.*) comment "([^"]+)"$/.exec(line) ?? [];
    if (packets !== undefined && comment !== undefined) closing.set(ruleKey(chain, comment), Number(packets));
  }
  const rules = peers.flatMap(({ connection }) => [connection, probeComment(connection)]);
  const isWhole = Object.keys(chains).every((name) => rules.every((comment) => closing.has(ruleKey(name, comment))));
  if (!isWhole) return undefined;
  return {
    dropped: countersOf({ peers }, closing, (connection) => connection),
    probes: countersOf({ peers }, closing, probeComment),
  };
}

export type HeldReading = Pick<Extract<GuardReading, { inPlace: true }>, 'dropped' | 'probes'>;

function withoutElements(one: NftObject): NftObject {
  return one.set === undefined ? one : { ...one, set: { ...one.set, elem: [] } };
}

/** What cannot be read of a set is left out: its packets were dropped all the same. */
function segmentsOf({ nftables }: NftListing, name: string): readonly ClearSegments[] {
  const elements = nftables.find(({ set }) => set?.name === name)?.set?.elem;
  if (!Array.isArray(elements)) return [];
  return elements.slice(0, MAX_CLEAR_CONNECTIONS).flatMap((element: unknown) => segmentOf(element) ?? []);
}

function segmentOf(element: unknown): ClearSegments | undefined {
  const { elem } = (element ?? {}) as { elem?: { val?: { concat?: unknown }; counter?: { packets?: unknown } } };
  const packets = elem?.counter?.packets;
  if (!Array.isArray(elem?.val?.concat) || typeof packets !== 'number') return undefined;
  const [address, port, localAddress, localPort] = elem.val.concat as readonly unknown[];
  if (typeof address !== 'string' || typeof localAddress !== 'string') return undefined;
  if (typeof port !== 'number' || typeof localPort !== 'number') return undefined;
  return { local: { address: localAddress, port: localPort }, remote: { address, port }, packets };
}

function countersOf(
  { peers }: Pick<GuardPlan, 'peers'>,
  closing: ClosingCounters,
  comment: (connection: string) => string,
): ReadonlyMap<string, ClearPackets> {
  return new Map(
    peers.map(({ connection }) => [
      connection,
      {
        inbound: closing.get(ruleKey('inbound', comment(connection))) ?? 0,
        outbound:
          (closing.get(ruleKey('outbound', comment(connection))) ?? 0) +
          (closing.get(ruleKey('departing', comment(connection))) ?? 0),
      },
    ]),
  );
}

/** That the installation did what the plan says is not taken from its exit status alone. */
function missingPart({ peers }: GuardPlan, { nftables }: NftListing, closing: ClosingCounters): string | undefined {
  for (const [name, hook] of Object.entries(chains)) {
    const found = nftables.some(({ chain }) => chain?.name === name && chain.hook === hook);
    if (!found) return `there is no chain at the hook ${hook}`;
    for (const { connection } of peers) {
      const rules = [connection, probeComment(connection)];
      if (rules.some((comment) => !closing.has(ruleKey(name, comment)))) {
        return `nothing is closed ${name} for ${connection}`;
      }
    }
  }
  return undefined;
}

/** Packets that the closing rules dropped, by chain and comment. */
type ClosingCounters = ReadonlyMap<string, number>;

const ruleKey = (chain: string, comment: string) => `${chain} ${comment}`;

/** Gone through once: with a hundred gateways there are thousands of rules, and each call waits for this. */
function closingCounters({ nftables }: NftListing): ClosingCounters {
  const counters = new Map<string, number>();
  for (const { rule } of nftables) {
    if (typeof rule?.chain !== 'string' || typeof rule.comment !== 'string' || !Array.isArray(rule.expr)) continue;
    const expressions = rule.expr as readonly object[];
    const closes = expressions.some((one) => 'drop' in one || 'reject' in one);
    const counter = expressions.find((one) => 'counter' in one) as { counter?: { packets?: unknown } } | undefined;
    const packets = counter?.counter?.packets;
    if (closes && typeof packets === 'number') counters.set(ruleKey(rule.chain, rule.comment), packets);
  }
  return counters;
}

function readListing(text: string): NftListing | undefined {
  try {
    const read = JSON.parse(text) as { nftables?: unknown };
    const objects = read?.nftables;
    const isList = Array.isArray(objects) && objects.every((one) => typeof one === 'object' && one !== null);
    return isList ? { nftables: objects as NftObject[] } : undefined;
  } catch {
    return undefined;
  }
}
