import type { CallLeg, Party } from '../model/leg.ts';

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
  linkByMedia(legs, groups);
  linkByParties(legs, groups);
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

/** Descriptions that name the same port while both legs live: the media goes from end to end past who stands between. */
function linkByMedia(legs: readonly CallLeg[], groups: Groups): void {
  const byAddress = new Map<string, CallLeg[]>();
  for (const leg of legs) {
    const own = new Set(
      leg.descriptions.filter(isReachable).map(({ receives }) => `${receives.address} ${receives.port}`),
    );
    for (const address of own) {
      const users = byAddress.get(address) ?? [];
      for (const other of users) if (overlap(leg, other)) groups.join(leg, other);
      // Ports are used again and again: only the last legs with one may go on still.
      users.push(leg);
      if (users.length > 8) users.shift();
      byAddress.set(address, users);
    }
  }
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
function linkByParties(legs: readonly CallLeg[], groups: Groups): void {
  const arriving = new Map<string, CallLeg[]>();
  for (const leg of legs) {
    const from = hostsOf(leg, 'from');
    const candidates = [...from].flatMap((host) => arriving.get(host) ?? []);
    let best: { readonly leg: CallLeg; readonly score: number } | undefined;
    for (const other of candidates) {
      if (groups.isSame(leg, other) || !mayGoOnFrom(other, leg)) continue;
      const score = likeness(other, leg);
      if (score > 0 && (best === undefined || score >= best.score)) best = { leg: other, score };
    }
    if (best !== undefined) groups.join(leg, best.leg);
    for (const host of hostsOf(leg, 'to')) {
      const before = arriving.get(host) ?? [];
      const isOver = (one: CallLeg) => leg.first.microseconds - one.first.microseconds >= LONGEST_STEP;
      while (before[0] !== undefined && (before.length >= MOST_ARRIVING || isOver(before[0]))) before.shift();
      before.push(leg);
      arriving.set(host, before);
    }
  }
}

/** Whether the host tells them apart: on loopback everybody has the same, but who goes on by UDP sends from where he was called. */
function mayGoOnFrom(leg: CallLeg, next: CallLeg): boolean {
  const [arrived, left] = [leg.messages[0]?.path, next.messages[0]?.path];
  if (arrived === undefined || left === undefined || !isLoopback(left.from.address)) return true;
  return arrived.transport !== 'udp' || left.transport !== 'udp' || arrived.to.port === left.from.port;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./i.test(address);
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

/** Hosts at which a leg begins or arrives, by its first message and those that go the same way. */
function hostsOf(leg: CallLeg, end: 'from' | 'to'): ReadonlySet<string> {
  const hosts = new Set<string>();
  const first = leg.messages[0];
  for (const message of leg.messages) {
    // Requests that open the leg go on from hop to hop; what answers them goes the other way.
    if (message.name === first?.name) hosts.add(message.path[end].address);
    if (hosts.size >= 8) break;
  }
  return hosts;
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
