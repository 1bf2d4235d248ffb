/** Transfers: one end of a call has the other talk to somebody else. Whatever goes wrong, its call goes on as it was. */
import { assertNever } from '@trustline/base';
import { securityEvent } from '@trustline/evidence';
import { beginCall, type Call, isLive, type Leg, otherLeg } from './call.ts';
import { type Cause, causeText } from './causes.ts';
import { strictest } from './diversion.ts';
import { abandonExchange, offered } from './exchange.ts';
import type { CallerIdentity, TransferTarget } from './inputs.ts';
import { joinAnswered, joinConferenceAsked, joinReplacing, joinTalking } from './joining.ts';
import { playToLeft } from './left-waiting.ts';
import { park } from './park.ts';
import { mayUseKeys } from './protection.ts';
import { isMediaUnknown, unknownMediaWarning } from './recovered-media.ts';
import { asSaid, closeSides, withoutKeys } from './relaying.ts';
import { mayTake } from './rights.ts';
import { follow, routeOf } from './routing.ts';
import { nextOf, type Transfer, type TransferEvent } from './transfer-state.ts';
import { placeOf, type World } from './world.ts';

interface Refusal {
  readonly cause: Cause;
  readonly warning?: string;
}

/** One end asks for a transfer. */
export function transfer(world: World, now: number, call: Call, leg: Leg, to: TransferTarget): void {
  const transferee = otherLeg(call, leg);
  const found = to.kind === 'leg' ? world.legs.get(to.leg) : undefined;
  const refusal =
    transferee === undefined ? { cause: 'unknown-call' as const } : whyNot(world, call, leg, transferee, to, found);
  if (transferee === undefined || refusal !== undefined) {
    const cause = refusal?.cause ?? 'unknown-call';
    const warning = refusal?.warning ?? causeText(cause);
    world.event(now, 'transfer-refused', call, leg, cause, `A transfer was refused: ${warning}.`);
    world.emit({ kind: 'refuse-transfer', leg: leg.id, cause, warning });
    return;
  }
  world.emit({ kind: 'accept-transfer', leg: leg.id });
  if (to.kind === 'number') referTo(world, now, call, leg, transferee, to.number);
  else if (found !== undefined && found.leg.state === 'connected') {
    const { call: target, leg: other } = found;
    beginTransfer(call, { kind: 'attended', state: 'answered', transferor: leg, transferee, target, other });
  } else if (found !== undefined) takeOver(world, now, call, leg, transferee, found.call);
}

/** Why a transfer is not even tried. */
function whyNot(
  world: World,
  call: Call,
  leg: Leg,
  transferee: Leg,
  to: TransferTarget,
  found: { readonly call: Call; readonly leg: Leg } | undefined,
): Refusal | undefined {
  if (leg.state !== 'connected' || !world.owns(call, transferee)) {
    return { cause: 'unknown-call', warning: 'Only an answered call can be transferred' };
  }
  if (call.transfer !== undefined || found?.call.transfer !== undefined) {
    return { cause: 'glare', warning: 'A transfer of this call is under way' };
  }
  // Who knows the keys of the two cannot be said, and so not whether they may go on with them (RFC 4568 §7.1.4).
  const ends = [leg, transferee, ...(found === undefined ? [] : [found.leg, otherLeg(found.call, found.leg)])];
  if (ends.some((end) => end !== undefined && isMediaUnknown(end))) {
    return { cause: 'temporary-failure', warning: unknownMediaWarning };
  }
  if (to.kind === 'number') {
    if (world.draining) return { cause: 'service-unavailable' };
    return world.calls.size >= world.settings.mostCalls ? { cause: 'switching-equipment-congestion' } : undefined;
  }
  if (found === undefined || found.call === call) return { cause: 'unknown-call' };
  if (found.call.conference !== undefined)
    return { cause: 'unknown-call', warning: 'A conference is joined by dialling it' };
  if (!mayTake(world, leg, found.leg)) {
    return { cause: 'facility-not-subscribed', warning: 'The other call belongs to another device' };
  }
  if (found.leg.state === 'connected') return undefined;
  if (found.leg !== found.call.caller) return { cause: 'unknown-call' };
  const isRequired = strictest(found.call.policy, call.policy) === 'require';
  return isRequired && !mayUseKeys(transferee.mode, transferee.protection) ? { cause: 'security-required' } : undefined;
}

/** The transferee waits, or talks, in `origin`; what is to become of it is looked at after each input from now on. */
export function beginTransfer(origin: Call, start: Omit<Transfer, 'origin' | 'answer' | 'joined' | 'owed'>): Transfer {
  const begun: Transfer = { ...start, origin, answer: undefined, joined: undefined, owed: undefined };
  origin.transfer = begun;
  begun.target.transfer = begun;
  return begun;
}

/** Calls a number for the transferee, with the rights of the transferor and at least the policy of their call. */
function referTo(world: World, now: number, call: Call, transferor: Leg, transferee: Leg, number: string): void {
  const target = beginCall({
    id: world.identifier(),
    startedAt: world.ports.wallTime(now),
    destination: number,
    identity: identityOf(world, call, transferee),
    caller: standIn(world, call, transferee),
    policy: call.policy,
    referral: { kind: 'blind', by: transferor, calls: [call.id] },
  });
  beginTransfer(call, { kind: 'blind', state: 'waiting', transferor, transferee, target, other: undefined });
  world.calls.set(target.id, target);
  const cause = `${transferee.line} calls ${number}, transferred by ${transferor.line}.`;
  world.event(now, 'call-started', target, target.caller, 'call-started', cause);
  world.noteLevel(now, target, 'the call began');
  const route = routeOf(world, now, number, transferor);
  follow(world, now, target, number, route);
}

/** Nobody has come for a parked call: whoever parked it is rung, as if he transferred it to himself. */
export function recallParked(world: World, now: number, call: Call): void {
  if (call.parked === undefined) return;
  // Somebody fetches it just now: should that come to nothing, it is still to be recalled.
  if (call.transfer !== undefined) world.deadlines.set(`park ${call.id}`, now + world.settings.offerTimeout);
  else referTo(world, now, call, call.parked.by, call.caller, call.parked.by.line);
}

/** The transferor's own call that rings is the transferee's from now on: early attended transfer. */
function takeOver(world: World, now: number, call: Call, transferor: Leg, transferee: Leg, target: Call): void {
  const { caller } = target;
  const { state } = caller;
  const was = placeOf(target, caller);
  world.emit({ kind: 'refuse', leg: caller.id, cause: 'transferred', warning: causeText('transferred'), was });
  world.dropLeg(now, target, caller);
  target.caller = { ...standIn(world, call, transferee), state };
  target.identity = identityOf(world, call, transferee);
  target.policy = strictest(target.policy, call.policy);
  target.referral = { kind: 'attended', by: transferor, calls: [call.id] };
  world.noteLevel(now, target, 'the call was handed over while it rang');
  beginTransfer(call, { kind: 'attended', state: 'waiting', transferor, transferee, target, other: undefined });
}

/** Somebody who has called to take another's place in a call is joined with the partner as soon as that one is idle. */
export function beginReplacement(world: World, own: Call, origin: Call, replaced: Leg, partner: Leg): void {
  const start = { kind: 'replaced', state: 'answered', transferor: replaced, transferee: partner } as const;
  noteIdle(world, beginTransfer(origin, { ...start, target: own, other: undefined }));
}

/**
 * Stands for the transferee in the call that is placed for it: policy and routing see the device that is to talk, and
 * no signalling is there to be told. It offers nothing, so that the called does: what the transferee sends with now is
 * known to the transferor, and no key of it goes to anybody else. Where no keys are, it offers what it has.
 */
export function standIn(world: World, call: Call, transferee: Leg): Leg {
  const { mode, protection, relay } = transferee;
  // What stands for keys at the relay is nothing to offer.
  const media =
    relay?.isClear === true && transferee.media !== undefined ? withoutKeys(transferee.media) : transferee.media;
  const isSecret = mayUseKeys(mode, protection) && call.policy !== 'forbid';
  return {
    ...transferee,
    id: world.identifier(),
    relay: undefined,
    role: 'calling',
    state: 'trying',
    offered: isSecret || media === undefined ? undefined : unheld(media),
    media: undefined,
    told: undefined,
    toldFrom: undefined,
    early: undefined,
    retryInClear: false,
    renewKey: false,
    shown: undefined,
    exposed: [],
  };
}

/** A description as it was before the other end held. */
function unheld(media: NonNullable<Leg['media']>): NonNullable<Leg['media']> {
  const streams = media.streams.map((stream) =>
    stream.direction === 'sendonly' ? stream : { ...stream, direction: 'sendrecv' as const },
  );
  return { ...media, streams };
}

function identityOf(world: World, call: Call, leg: Leg): CallerIdentity {
  if (leg === call.caller) return call.identity;
  const displayName = world.ports.directory.line(leg.line)?.displayName;
  return { number: leg.line, anonymous: false, ...(displayName === undefined ? {} : { displayName }) };
}

/** Looks at what has happened to transfers while an input was handled, until nothing more does. */
export function runTransfers(world: World, now: number, call?: Call): void {
  if (call?.transfer?.state === 'answered') noteIdle(world, call.transfer);
  for (let next = world.transferEvents.shift(); next !== undefined; next = world.transferEvents.shift()) {
    step(world, now, next.transfer, next.event);
  }
}

function noteIdle(world: World, transfer: Transfer): void {
  if (transfer.origin.exchange !== undefined || transfer.target.exchange !== undefined) return;
  world.transferEvents.push({ transfer, event: { kind: 'idle' } });
}

function step(world: World, now: number, transfer: Transfer, event: TransferEvent): void {
  const next = nextOf(transfer, event);
  if (next === undefined) return;
  const { to, act } = next;
  transfer.state = to;
  switch (act) {
    case 'none':
      if (event.kind === 'answered') noteIdle(world, transfer);
      return;
    case 'tell-ringing':
      if (isLive(transfer.transferor)) world.emit({ kind: 'transfer-rings', leg: transfer.transferor.id });
      return;
    case 'park':
      if (!park(world, now, transfer)) return;
      transfer.state = 'done';
      transfer.origin.transfer = undefined;
      transfer.target.transfer = undefined;
      if (isLive(transfer.transferor)) world.emit({ kind: 'transferred', leg: transfer.transferor.id });
      world.endCall(now, transfer.origin, { outcome: 'answered', cause: 'transferred' });
      return;
    case 'join':
      if (transfer.kind === 'replaced') joinReplacing(world, now, transfer);
      else if (transfer.target.enters !== undefined) joinConferenceAsked(world, now, transfer);
      else if (transfer.other === undefined) joinAnswered(world, now, transfer);
      else joinTalking(world, now, transfer, transfer.other, identityOf(world, transfer.origin, transfer.transferee));
      return;
    case 'conclude':
      conclude(world, now, transfer);
      return;
    case 'fail':
      if (event.kind === 'call-ended') fail(world, now, transfer, event.cause, event.warning);
      return;
    default:
      assertNever(act);
  }
}

/** The two talk: the calls that they came from are over. */
function conclude(world: World, now: number, transfer: Transfer): void {
  const { transferor, transferee, origin, target, other } = transfer;
  const joined = transfer.joined ?? target;
  for (const call of [origin, target, joined]) call.transfer = undefined;
  for (const home of joined.homes) closeSides(world, home.relay);
  joined.homes = [];
  const from = joined.caller === transferee ? joined.connected : joined.caller;
  if (transfer.kind === 'call-back') {
    const cause = `${from?.line ?? joined.destination} answered ${transferee.line}, which was called back for it.`;
    world.event(now, 'call-answered', joined, from ?? transferee, 'call-back', cause);
  } else if (transfer.kind === 'replaced') {
    const cause = `${joined.caller.line} took the place of ${transferor.line} in the call with ${transferee.line}.`;
    world.event(now, 'call-picked-up', joined, joined.caller, transfer.kind, cause);
  } else {
    const cause = `${transferor.line} transferred ${transferee.line} to ${from?.line ?? joined.destination}.`;
    world.event(now, 'call-transferred', joined, transferor, transfer.kind, cause);
  }
  if (origin.level !== joined.level) sayLevel(world, now, origin, joined);
  if (isLive(transferor)) world.emit({ kind: 'transferred', leg: transferor.id });
  const ending = { outcome: 'answered', cause: 'transferred' } as const;
  world.endCall(now, origin, ending);
  if (other !== undefined) world.endCall(now, target, ending);
}

/** To those who hear of levels, the transferee's call goes on with another level than it had. */
function sayLevel(world: World, now: number, before: Call, after: Call): void {
  const event = securityEvent('level-changed', {
    at: world.ports.wallTime(now),
    node: world.settings.node,
    call: after.id,
    from: before.level,
    to: after.level,
    reason: 'transferred',
    cause: 'the call was transferred',
  });
  world.emit({ kind: 'event', event });
}

/** The transfer has come to nothing: whoever has a call to go back to does, and the transferor hears why. */
function fail(world: World, now: number, transfer: Transfer, cause: Cause, warning: string): void {
  const { transferor, transferee, origin, target, other, owed } = transfer;
  transfer.state = 'failed';
  for (const call of [origin, target, transfer.joined]) if (call !== undefined) call.transfer = undefined;
  // Of a call back, the call that was placed says itself what became of it.
  if (world.calls.has(origin.id) && transfer.kind !== 'call-back') {
    const what = transfer.kind === 'replaced' ? 'Taking the place of' : 'The transfer by';
    const sentence = `${what} ${transferor.line} came to nothing: ${warning}.`;
    world.event(now, 'transfer-refused', origin, transferor, cause, sentence);
    if (isLive(transferor)) world.emit({ kind: 'transfer-failed', leg: transferor.id, cause, warning });
  }
  // A call that was placed for the transfer ends with it, and so does one whose other end has gone meanwhile.
  if (other === undefined) world.endCall(now, target, { outcome: 'cancelled', cause: 'cancelled' });
  else if (!isLive(other) || !world.owns(target, otherLeg(target, other) ?? other)) endHome(world, now, target, cause);
  // Who parked a call is gone from it: whom another phone has failed to fetch waits on for the next one.
  const isParkedYet = origin.parked !== undefined && transfer.kind === 'replaced';
  if (!(isLive(transferor) || isParkedYet) || !world.owns(origin, transferee)) endHome(world, now, origin, cause);
  if (owed === undefined) return;
  const home = world.legs.get(owed.leg.id)?.call;
  if (home === undefined) return;
  offered(world, now, home, owed.leg, asSaid(world, home, owed.leg, owed.offer, undefined));
}

function endHome(world: World, now: number, call: Call, cause: Cause): void {
  world.endCall(now, call, { outcome: 'answered', cause });
}

/**
 * A leg of a call that takes part in a transfer is gone. True where that ends nothing: a transferor may hang up and
 * leave the others to themselves.
 */
export function goneFromTransfer(world: World, now: number, call: Call, leg: Leg, cause: Cause): boolean {
  const { transfer } = call;
  if (transfer === undefined || call === transfer.joined) return false;
  if (leg === transfer.transferor || leg === transfer.other) {
    const { relay } = leg;
    world.dropLeg(now, call, leg);
    abandonExchange(world, call, leg);
    if (call === transfer.origin) playToLeft(world, now, call, leg, relay);
    return true;
  }
  const isPlacedForIt = call === transfer.target && transfer.other === undefined;
  if (isPlacedForIt) return false;
  // With nobody at its other end the call ends by that: whoever has hung up is not hung up.
  if (!isLive(transfer.transferor)) world.dropLeg(now, call, leg);
  fail(world, now, transfer, cause, 'The party to be transferred hung up');
  return false;
}
