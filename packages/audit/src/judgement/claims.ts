import type { CallRecord, SecurityLevel } from '@trustline/evidence';
import { endText } from '../model/end-text.ts';
import type { Party } from '../model/leg.ts';
import type { ReportCall } from '../model/report.ts';
import type { CallFacts } from './call-facts.ts';
import { claimedProtection } from './lost-protection.ts';
import type { Judgement } from './verdict.ts';

/** What a record of our call manager says of a call. */
export type ClaimedCall = Pick<CallRecord, 'call' | 'level' | 'startedAt' | 'endedAt'> & {
  /** What became of the protection of its signalling, oldest first. */
  readonly protection?: CallRecord['protection'];
  readonly parties: readonly {
    readonly line?: string;
    readonly number?: string;
    readonly device?: string;
    readonly address?: string;
    /** Where it received media. */
    readonly media?: string;
  }[];
};

export function claimOf(record: CallRecord): ClaimedCall {
  const { call, level, startedAt, endedAt, legs, protection } = record;
  const parties = legs.map(({ party: { line, number, device, remoteAddress, mediaAddress } }) => ({
    ...(line === undefined ? {} : { line }),
    ...(number === undefined ? {} : { number }),
    ...(device === undefined ? {} : { device }),
    ...(remoteAddress === undefined ? {} : { address: remoteAddress }),
    ...(mediaAddress === undefined ? {} : { media: mediaAddress }),
  }));
  return { call, level, startedAt, endedAt, ...(protection === undefined ? {} : { protection }), parties };
}

/** Clocks of a manager and of a capture differ by so much at the most, in milliseconds. */
const CLOCKS = 5_000;

export interface JudgedClaim {
  readonly claimed: NonNullable<ReportCall['claimed']>;
  readonly detail: string;
}

/** The claim about a call, and whether the wire bears it out; null where no record is of this call. */
export function judgeClaim(
  facts: CallFacts,
  { verdict, because }: Judgement,
  claims: readonly ClaimedCall[],
): JudgedClaim | null {
  const claim = claimFor(facts, claims);
  if (claim === undefined) return null;
  const shown = levelShown(facts, verdict);
  const holds = ranks[claim.level] <= ranks[shown];
  return {
    claimed: {
      call: claim.call,
      level: claim.level,
      holds,
      protection: claimedProtection(facts, claim.protection ?? [], claim.endedAt),
    },
    detail: `The record of call ${claim.call} claims ${claim.level}. ${because}`,
  };
}

const ranks: Readonly<Record<SecurityLevel, number>> = { 'non-secure': 0, authenticated: 1, encrypted: 2 };

/** The highest level that what was captured allows. What only a key of the auditor's opened does not count against it. */
function levelShown(facts: CallFacts, verdict: Judgement['verdict']): SecurityLevel {
  const { clearStreams, crackedStreams, openDigits, openLegs, exposedKeys } = facts;
  if (clearStreams.length + crackedStreams.length > 0) {
    // Authenticated signalling with clear media is what that level says.
    const isOpenSignalling = openLegs.some((leg) => leg.messages.some(({ path }) => path.exposure.kind === 'clear'));
    return isOpenSignalling || clearStreams.length === 0 ? 'non-secure' : 'authenticated';
  }
  if (verdict === 'keys-exposed' || exposedKeys.length > 0 || openDigits.length > 0) return 'non-secure';
  if (openLegs.length > 0)
    return openLegs.some((leg) => leg.messages.some(({ path }) => path.exposure.kind === 'clear'))
      ? 'non-secure'
      : 'authenticated';
  return 'encrypted';
}

/** The record whose time covers the call, and which names most of it; of equals the one whose times are nearest. */
function claimFor(facts: CallFacts, claims: readonly ClaimedCall[]): ClaimedCall | undefined {
  const [from, to] = spanOf(facts);
  if (from === undefined || to === undefined) return undefined;
  let best: { readonly claim: ClaimedCall; readonly score: number; readonly apart: number } | undefined;
  for (const claim of claims) {
    const [startedAt, endedAt] = [Date.parse(claim.startedAt), Date.parse(claim.endedAt)];
    if (endedAt + CLOCKS < from || startedAt - CLOCKS > to) continue;
    const score = namesInCommon(facts, claim);
    if (score === 0) continue;
    const apart = Math.abs(startedAt - from) + Math.abs(endedAt - to);
    if (best === undefined || score > best.score || (score === best.score && apart < best.apart)) {
      best = { claim, score, apart };
    }
  }
  return best?.claim;
}

/** Milliseconds since 1970. */
function spanOf({ legs, streams }: CallFacts): readonly [number?, number?] {
  const times = [...legs, ...streams].flatMap(({ first, last }) => [first.microseconds, last.microseconds]);
  const known = times.filter((time) => time > 0);
  return known.length === 0 ? [] : [Math.min(...known) / 1_000, Math.max(...known) / 1_000];
}

function namesInCommon({ legs, streams }: CallFacts, { parties }: ClaimedCall): number {
  const known = new Set<string>();
  const addParty = ({ number, device, uri }: Party) => {
    for (const name of [number, device, /^sips?:([^@;>]+)@/.exec(uri ?? '')?.[1]])
      if (name !== undefined) known.add(name);
  };
  for (const leg of legs) {
    addParty(leg.caller);
    addParty(leg.called);
    for (const { path } of leg.messages) {
      known.add(path.from.address).add(path.to.address);
    }
  }
  const hosts = new Set(streams.flatMap(({ source, destination }) => [source.address, destination.address]));
  const mediaEnds = new Set(streams.flatMap(({ source, destination }) => [endText(source), endText(destination)]));
  let score = 0;
  for (const { line, number, device, address, media } of parties) {
    if (media !== undefined && mediaEnds.has(media)) score += 4;
    for (const name of [line, number, device]) if (name !== undefined && known.has(name)) score += 4;
    const host = address === undefined ? undefined : hostOf(address);
    if (host !== undefined && (hosts.has(host) || known.has(host))) score += 1;
  }
  // Addresses alone are enough for media of which no signalling is known, where each party is one of its ends; a port of media
  // tells a call from all others of its time.
  if (legs.length > 0 || score >= 4) return score >= 4 ? score : 0;
  return score >= parties.length && score > 0 ? score : 0;
}

/** The address of `192.0.2.1:5060` or `[2001:db8::1]:5060`. */
function hostOf(address: string): string {
  return /^\[(.+)\](:\d+)?$/.exec(address)?.[1] ?? address.replace(/:\d+$/, '');
}
