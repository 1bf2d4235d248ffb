import type { CallLeg, LegEnd, Party } from '../model/leg.ts';
import { haveCommonHost, type SignallingEnds, signallingEnds } from './signalling-ends.ts';

/** A leg of a B2BUA begins so soon after the one that it goes on from, in microseconds. */
const LONGEST_STEP = 30_000_000;
/** Legs that arrived at one host of late and are compared; the earliest of more are let go. */
const MOST_ARRIVING = 2_000;
/** A leg of which no end was seen is taken to be over when it has been silent for so long and its media addresses are used anew. */
const LINGERS = 2_000_000;

/** Legs that belong to one call, in the order of their first messages. */
export function linkLegs(legs: readonly CallLeg[]): readonly (readonly CallLeg[])[] {
  const groups = new Groups(legs);
  linkByIdentity(legs, groups);
  const linked = legs.map(linkedLeg);
  linkByMedia(linked, groups);
  linkByParties(linked, groups);
  return groups.all();
}

/** From when to when a leg lives, in microseconds. */
export function lifeOf(leg: CallLeg): { readonly from: number; readonly to: number } {
  return { from: leg.first.microseconds, to: (leg.ended ?? leg.last).microseconds };
}

/** Identities that one names of the other, or both of a third (RFC 7989, RFC 3891, H.225 conference identifiers). */
function linkByIdentity(legs: readonly CallLeg[], groups: Groups): void {
  const byIdentity = new Map<string, CallLeg>();
  for (const leg of legs) byIdentity.set(leg.identity, leg);
  const byRelated = new Map<string, CallLeg>();
  for (const leg of legs) {
    for (const identity of leg.related) {
      const named = byIdentity.get(identity);
      if (named !== undefined) groups.join(leg, named);
      const other = byRelated.get(identity);
      if (other === undefined) byRelated.set(identity, leg);
      else groups.join(leg, other);
    }
  }
}

/**
 * Descriptions that name the same port while both legs live, where the one who stands between has passed it on: two hosts
 * describe it. A port that one host describes in two legs is only shared, as that of a conference is by all who called it.
 */
function linkByMedia(legs: readonly LinkedLeg[], groups: Groups): void {
  const byAddress = new Map<string, LinkedLeg[]>();
  for (const linked of legs) {
    for (const address of new Set([...linked.media.caller, ...linked.media.called])) {
      const users = byAddress.get(address) ?? [];
      // The latest first: each leg goes on from one other at the most.
      for (const other of users.toReversed()) {
        if (overlap(linked.leg, other.leg) && isPassedOn(other, linked)) joinByMedia(other, linked, groups);
      }
      // Ports are used again and again: only the last legs with one may go on still.
      users.push(linked);
      if (users.length > 8) users.shift();
      byAddress.set(address, users);
    }
  }
}

function joinByMedia(one: LinkedLeg, other: LinkedLeg, groups: Groups): void {
  const isInOrder = goesOnFrom(one, other);
  if (isInOrder || goesOnFrom(other, one)) {
    const [before, next] = isInOrder ? [one, other] : [other, one];
    if (next.goesOnFrom !== undefined && next.goesOnFrom !== before) return;
    next.goesOnFrom = before;
  }
  groups.join(one.leg, other.leg);
}

const pairsOfEnds = [
  ['caller', 'caller', 'called', 'called'],
  ['called', 'called', 'caller', 'caller'],
  ['caller', 'called', 'called', 'caller'],
  ['called', 'caller', 'caller', 'called'],
] as const;

/**
 * Whether a port is described by another host in one leg than in the other. That alone is not enough: two phones behind two NATs
 * may have the same private address. So their other ends agree as well, or one leg goes on from the other, or one caller calls.
 */
function isPassedOn(one: LinkedLeg, other: LinkedLeg): boolean {
  const isHinted = goesOnFrom(one, other) || goesOnFrom(other, one) || isSameParty(one.leg.caller, other.leg.caller);
  // Who describes an end in SIP is that end of its signalling. Elsewhere a manager tells one phone of the other.
  const isToldByManagers = (one.leg.protocol !== 'sip' || other.leg.protocol !== 'sip') && !isSameWay(one, other);
  return pairsOfEnds.some(([end, otherEnd, far, otherFar]) => {
    if (isToldByManagers && isShared(one, end, other, otherEnd) && isShared(one, far, other, otherFar)) return true;
    if (!isPassedOnAt(one, end, other, otherEnd)) return false;
    return isHinted || isPassedOnAt(one, far, other, otherFar);
  });
}

function isPassedOnAt(one: LinkedLeg, end: LegEnd, other: LinkedLeg, otherEnd: LegEnd): boolean {
  return isShared(one, end, other, otherEnd) && !haveCommonHost(one.ends[end], other.ends[otherEnd]);
}

function isShared(one: LinkedLeg, end: LegEnd, other: LinkedLeg, otherEnd: LegEnd): boolean {
  return [...one.media[end]].some((address) => other.media[otherEnd].has(address));
}

function isSameWay({ ends: one }: LinkedLeg, { ends: other }: LinkedLeg): boolean {
  return haveCommonHost(one.caller, other.caller) && haveCommonHost(one.called, other.called);
}

/** Whether the first arrives where the second begins. */
function goesOnFrom({ ends: before }: LinkedLeg, { ends: next }: LinkedLeg): boolean {
  return haveCommonHost(before.called, next.caller) && !haveCommonHost(before.called, next.called);
}

/** A leg with what is compared of it. */
interface LinkedLeg {
  readonly leg: CallLeg;
  readonly ends: SignallingEnds;
  /** Where either end takes media. */
  readonly media: Readonly<Record<LegEnd, ReadonlySet<string>>>;
  goesOnFrom?: LinkedLeg;
}

function linkedLeg(leg: CallLeg): LinkedLeg {
  const media = { caller: new Set<string>(), called: new Set<string>() };
  for (const description of leg.descriptions) {
    const { address, port } = description.receives;
    if (isReachable(description)) media[description.end].add(`${address} ${port}`);
  }
  return { leg, ends: signallingEnds(leg), media };
}

function isReachable({
  receives,
}: {
  readonly receives: { readonly address: string; readonly port: number };
}): boolean {
  // Whoever is on hold may listen to the same group.
  const isGroup = /^(?:22[4-9]|23\d)\.|^ff/i.test(receives.address);
  return receives.port !== 0 && receives.address !== '0.0.0.0' && receives.address !== '::' && !isGroup;
}

function overlap(one: CallLeg, other: CallLeg): boolean {
  const [a, b] = [lifeOf(one), lifeOf(other)];
  return a.from <= b.to && b.from <= a.to;
}

/**
 * The leg that goes on from a B2BUA: it begins where the other arrived, while that is not yet answered, with the same caller or
 * the same called. Each leg goes on from one other at the most, the one that fits best.
 */
function linkByParties(legs: readonly LinkedLeg[], groups: Groups): void {
  const arriving = new Map<string, LinkedLeg[]>();
  for (const linked of legs) {
    const { leg, ends } = linked;
    const candidates =
      linked.goesOnFrom === undefined ? ends.caller.flatMap(({ address }) => arriving.get(address) ?? []) : [];
    let best: { readonly leg: CallLeg; readonly score: number } | undefined;
    for (const other of candidates) {
      if (groups.isSame(leg, other.leg) || !goesOnFrom(other, linked)) continue;
      const score = likeness(other.leg, leg);
      if (score > 0 && (best === undefined || score >= best.score)) best = { leg: other.leg, score };
    }
    if (best !== undefined) groups.join(leg, best.leg);
    for (const { address } of ends.called) {
      const before = arriving.get(address) ?? [];
      const isOver = ({ leg: one }: LinkedLeg) => leg.first.microseconds - one.first.microseconds >= LONGEST_STEP;
      while (before[0] !== undefined && (before.length >= MOST_ARRIVING || isOver(before[0]))) before.shift();
      before.push(linked);
      arriving.set(address, before);
    }
  }
}

/** How well `next` goes on from `leg`; 0 where it does not. */
function likeness(leg: CallLeg, next: CallLeg): number {
  const after = next.first.microseconds - leg.first.microseconds;
  if (after < 0 || after > LONGEST_STEP) return 0;
  if (leg.answered !== undefined && next.first.microseconds > leg.answered.microseconds + LINGERS) return 0;
  if (leg.ended !== undefined && next.first.microseconds > leg.ended.microseconds) return 0;
  const caller = isSameParty(leg.caller, next.caller);
  const called = isSameParty(leg.called, next.called);
  return (caller ? 2 : 0) + (called ? 2 : 0);
}

function isSameParty(one: Party, other: Party): boolean {
  const [a, b] = [digitsOf(one), digitsOf(other)];
  return a !== undefined && a === b;
}

/** A number without what is written before it in one network and not in another; else who it is by name of the account. */
function digitsOf({ number, uri }: Party): string | undefined {
  const text = number ?? /^sips?:([^@;>]+)@/.exec(uri ?? '')?.[1];
  if (text === undefined || text === '' || /^anonymous$/i.test(text)) return undefined;
  return text.replace(/^\+|^00/, '');
}

/** Sets that grow together (union-find). */
class Groups {
  readonly #legs: readonly CallLeg[];
  readonly #parents = new Map<CallLeg, CallLeg>();

  constructor(legs: readonly CallLeg[]) {
    this.#legs = legs;
  }

  join(one: CallLeg, other: CallLeg): void {
    const [a, b] = [this.#root(one), this.#root(other)];
    if (a !== b) this.#parents.set(b, a);
  }

  isSame(one: CallLeg, other: CallLeg): boolean {
    return this.#root(one) === this.#root(other);
  }

  all(): readonly (readonly CallLeg[])[] {
    const byRoot = new Map<CallLeg, CallLeg[]>();
    for (const leg of this.#legs) {
      const root = this.#root(leg);
      const group = byRoot.get(root);
      if (group === undefined) byRoot.set(root, [leg]);
      else group.push(leg);
    }
    return [...byRoot.values()];
  }

  #root(leg: CallLeg): CallLeg {
    let at = leg;
    for (let parent = this.#parents.get(at); parent !== undefined; parent = this.#parents.get(at)) {
      const grandparent = this.#parents.get(parent);
      if (grandparent !== undefined) this.#parents.set(at, grandparent);
      at = parent;
    }
    return at;
  }
}
