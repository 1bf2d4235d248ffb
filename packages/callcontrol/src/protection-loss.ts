/**
 * What protects the signalling of a leg goes away while it is in a call, and comes back or not. Its media have their keys and
 * go on meanwhile, so that its level stays; but it gets no new keys and no signalling, and whoever talks there is told.
 */
import type { ProtectionChange } from '@trustline/evidence';
import { type Call, type Leg, otherLeg } from './call.ts';
import type { CallControlInput } from './inputs.ts';
import type { World } from './world.ts';

/** That a leg is without what protected its signalling. */
export interface ProtectionLoss {
  /** ISO 8601. */
  readonly since: string;
  /** In words that stand in the record and that the other end is shown: `IPsec to gw1 is gone`. */
  readonly words: string;
}

/** What somebody in a call is shown of the protection of the other end's signalling, where that is gone, or is back just now. */
export interface ShownProtection {
  /** The trunk or gateway at that end. */
  readonly device: string;
  readonly isThere: boolean;
  readonly words: string;
}

/** Changes that the record of a call holds at most: of more, the oldest are left out. */
export const mostProtectionChanges = 100;

/** Its signalling has lost its protection, or has it again. */
export function protectionChanged(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  { state, words }: Extract<CallControlInput, { kind: 'protection' }>,
): void {
  const isLost = state === 'lost';
  if (isLost === (leg.unprotected !== undefined)) return;
  const at = world.ports.wallTime(now);
  leg.unprotected = isLost ? { since: at, words } : undefined;
  noteProtection(call, { at, leg: leg.id, state, cause: words });
  const [kind, reason, consequence] = isLost
    ? (['call-keys-stopped', 'protection-lost', lossWords] as const)
    : (['call-keys-resumed', 'protection-returned', returnWords] as const);
  world.event(now, kind, call, leg, reason, `${words}: ${consequence}.`);
  const other = otherLeg(call, leg);
  if (other?.state !== 'connected' || !world.owns(call, other)) return;
  if (other.kind !== 'phone') return; // to whom the names of others are nothing
  other.shownLoss = leg.unprotected;
  const protection = { device: leg.device, isThere: !isLost, words };
  world.emit({ kind: 'show', leg: other.id, level: call.level, protection });
}

const lossWords = 'the media of the call go on with the keys that they have; it gets no new ones, and no signalling';
const returnWords = 'the call may get new keys, once that is proven';

/** What was to protect the signalling of a leg is proven of its connection, and so counts from now on. */
export function proven(
  world: World,
  now: number,
  { leg: id, words }: Extract<CallControlInput, { kind: 'proven' }>,
): void {
  const { call, leg } = world.legs.get(id) ?? {};
  if (call === undefined || leg?.protection.awaitsProof === undefined) return;
  const { awaitsProof: _, ...protection } = leg.protection;
  leg.protection = protection;
  world.noteLevel(now, call, words);
  world.showLevel(call);
}

/** It stayed away: the leg is about to end for that. */
export function protectionGivenUp(world: World, now: number, call: Call, leg: Leg, words: string): void {
  noteProtection(call, { at: world.ports.wallTime(now), leg: leg.id, state: 'given-up', cause: words });
}

/** A leg comes to another call as it is. */
export function bringLoss({ id, unprotected }: Leg, to: Call): void {
  if (unprotected === undefined) return;
  noteProtection(to, { at: unprotected.since, leg: id, state: 'lost', cause: unprotected.words });
}

/** What a leg is to be shown of the other end now, beside the level, and has not been; `is` is what it has then been. */
export function lossToShow(
  call: Call,
  leg: Leg,
): { readonly isNew: boolean; readonly is: ProtectionLoss | undefined; readonly shown?: ShownProtection } {
  const other = leg.kind === 'phone' ? otherLeg(call, leg) : undefined;
  const is = other?.unprotected;
  const isNew = is !== leg.shownLoss;
  if (other === undefined || is === undefined) return { isNew, is };
  return { isNew, is, shown: { device: other.device, isThere: false, words: is.words } };
}

function noteProtection({ protection }: Call, change: ProtectionChange): void {
  protection.push(change);
  if (protection.length > mostProtectionChanges) protection.shift();
}
