/** Somebody takes a call that rings at another's phone, or another's place in a call (RFC 3891 in neutral words). */
import { carryLateOffer, connect } from './answering.ts';
import { type Call, isLive, type Leg, otherLeg, policyEnd } from './call.ts';
import type { Cause } from './causes.ts';
import { settle } from './exchange.ts';
import type { LegId } from './inputs.ts';
import { isAllSecure, type MediaDescription, offeredSecurity } from './media.ts';
import { takeToRelay } from './media-path.ts';
import { carryOffer, crossAnswers, withUsableKeys } from './negotiation.ts';
import { decide } from './policy.ts';
import { isMediaUnknown, unknownMediaWarning } from './recovered-media.ts';
import { behindNat, leaveRelay } from './relaying.ts';
import { mayTake } from './rights.ts';
import { refused } from './routing.ts';
import { beginReplacement } from './transfer.ts';
import type { Ending, World } from './world.ts';

/** What is taken: the call at a leg, or one that rings at a line, or at any line of the taker's groups. */
export type Taking =
  | { readonly kind: 'leg'; readonly leg: LegId; readonly earlyOnly: boolean }
  | { readonly kind: 'ringing'; readonly line: string | undefined }
  | { readonly kind: 'parked'; readonly number: string };

const withoutOffer = 'Who takes a call has to offer media';

/** Takes a call for the caller of `own`, which had nothing but its offer; why not, where it may not or cannot. */
export function pickUp(world: World, now: number, own: Call, taking: Taking): Ending | undefined {
  const taker = own.caller;
  if (taking.kind === 'parked') return retrieve(world, now, own, taking.number);
  const found = taking.kind === 'leg' ? world.legs.get(taking.leg) : ringingAt(world, taker, taking.line);
  if (found === undefined) {
    if (taking.kind === 'leg') return refused('unknown-call');
    return { ...refused('unallocated-number'), warning: 'No call rings there that this line may take' };
  }
  const { call, leg } = found;
  if (!mayTake(world, taker, leg)) {
    const warning = 'This line may not take calls of that one: they are in no pick-up group together';
    return { ...refused('facility-not-subscribed'), event: 'request-refused', warning };
  }
  const { offered } = taker;
  if (offered === undefined)
    return { ...refused('not-acceptable-here'), warning: 'Who takes a call has to offer media' };
  if (leg.state === 'connected') {
    const isEarlyOnly = taking.kind === 'leg' && taking.earlyOnly;
    if (isEarlyOnly) return { ...refused('user-busy'), warning: 'The call has been answered' };
    return takePlace(world, now, own, call, leg, otherLeg(call, leg));
  }
  // RFC 3891 §3: an early dialog can be taken over by its called side alone.
  if (leg === call.caller || call.connected !== undefined) return refused('unknown-call');
  return takeRinging(world, now, own, call, offered);
}

/** The oldest call that rings at a line, or at any that the taker may take from. */
function ringingAt(world: World, taker: Leg, line: string | undefined): { call: Call; leg: Leg } | undefined {
  for (const call of world.calls.values()) {
    // Who is called back is rung for what he wants himself.
    if (call.connected !== undefined || call.caller === taker || call.callBack !== undefined) continue;
    const leg = call.called.find(
      (one) => isLive(one) && (line === undefined ? mayTake(world, taker, one) : one.line === line),
    );
    if (leg !== undefined) return { call, leg };
  }
  return undefined;
}

/** Both have offered: each is told of the other's offer what it can take, as the answer to its own. */
function takeRinging(world: World, now: number, own: Call, call: Call, offer: MediaDescription): Ending | undefined {
  const { caller } = call;
  const taker = own.caller;
  const isBridged = caller.relay?.isClear === true || (caller.relay !== undefined && call.early !== undefined);
  if (call.transfer !== undefined || call.callBack !== undefined || isBridged) {
    // Nothing can be crossed where somebody is being transferred, or called back by nobody, or the caller has keys of the
    // relay's alone, or has heard it.
    return { ...refused('not-acceptable-here'), warning: 'This call cannot be taken while it rings' };
  }
  if (caller.offered === undefined) return takeWithOffer(world, now, own, call, offer);
  // Who has heard early media has an answer already; the taker's comes as an offer after it.
  const early = call.early?.told;
  if (call.policy === 'require' && early !== undefined && !isAllSecure(early)) {
    return { ...refused('security-required'), warning: 'The caller has heard early media in the clear' };
  }
  const decision = decide(call.policy, offeredSecurity(caller.offered), policyEnd(caller), policyEnd(taker));
  if (decision.kind === 'refuse')
    return { ...refused(decision.cause), warning: decision.warning, event: decision.event };
  const isSecure = decision.kind === 'secure';
  const [fromCaller, fromTaker] = [caller.offered, offer].map((one) =>
    carryOffer(one, isSecure, call.policy, world.settings.suites),
  );
  if (fromCaller?.kind !== 'carried' || fromTaker?.kind !== 'carried') return noCommonMedia('not-acceptable-here');
  if (fromCaller.steered || fromTaker.steered) return noCommonMedia('not-acceptable-here');
  const answers = crossAnswers(fromCaller.description, fromTaker.description, world.settings.suites);
  if (answers === undefined) return noCommonMedia(isSecure ? 'not-acceptable-here' : 'incompatible-destination');
  const { byCaller, byTaker } = answers;
  const fault =
    world.claim(now, call, caller, fromCaller.description) ?? world.claim(now, own, taker, fromTaker.description);
  if (fault !== undefined) return { ...refused(fault.cause), warning: fault.warning };

  take(world, now, own, call);
  leaveRelay(world, caller); // what it was offered with there, nobody was told
  caller.media = byCaller;
  taker.media = byTaker;
  caller.told = early ?? byTaker;
  taker.told = byCaller;
  caller.toldFrom = early === undefined ? byTaker : undefined;
  taker.toldFrom = byCaller;
  caller.renewKey = call.told > 0 && byCaller.streams.some(({ keys }) => keys.length > 0);
  world.noteLevel(now, call, 'the call was picked up');
  for (const [leg, answer] of [
    [caller, caller.told],
    [taker, taker.told],
  ] as const) {
    leg.shown = call.level;
    world.emit({ kind: 'accept', leg: leg.id, answer, level: call.level });
  }
  saidTaken(world, now, call, taker);
  const isNatted = [byCaller, byTaker].some(({ streams }, at) =>
    streams.some((stream) => behindNat(at === 0 ? caller : taker, stream) !== undefined),
  );
  if (world.settings.mediaPath === 'relayed') takeToRelay(world, call, 'configured');
  else if (isNatted) takeToRelay(world, call, 'behind-nat');
  settle(world, now, call);
  return undefined;
}

/** The caller had left it to the called to offer: the taker has, and is accepted with the caller's answer. */
function takeWithOffer(
  world: World,
  now: number,
  own: Call,
  call: Call,
  received: MediaDescription,
): Ending | undefined {
  const { caller } = call;
  const taker = own.caller;
  if (call.exchange !== undefined || caller.told !== undefined) {
    return { ...refused('not-acceptable-here'), warning: 'This call cannot be taken while it rings' };
  }
  // Whatever is wrong with the offer is its maker's affair, and no end of the call that rings.
  const offer = withUsableKeys(received);
  const decision = decide(call.policy, offeredSecurity(offer), policyEnd(taker), policyEnd(caller));
  if (decision.kind === 'refuse')
    return { ...refused(decision.cause), warning: decision.warning, event: decision.event };
  const carried = carryOffer(offer, decision.kind === 'secure', call.policy, world.settings.suites);
  if (carried.kind !== 'carried') return noCommonMedia('not-acceptable-here');
  const fault = world.claim(now, own, taker, carried.description);
  if (fault !== undefined) return { ...refused(fault.cause), warning: fault.warning };
  take(world, now, own, call);
  const told = carryLateOffer(world, now, call, taker, received, true);
  if (told === undefined) return undefined;
  world.noteLevel(now, call, 'the call was picked up');
  caller.shown = call.level;
  world.emit({ kind: 'accept-with-offer', leg: caller.id, offer: told, level: call.level });
  saidTaken(world, now, call, taker);
  return undefined;
}

/** The taker is the one who has answered; the others stop ringing. */
function take(world: World, now: number, own: Call, call: Call): void {
  const taker = own.caller;
  world.moveLeg(now, taker, own, call);
  world.calls.delete(own.id);
  taker.role = 'called';
  call.called.push(taker);
  world.enter(taker, 'connected');
  connect(world, now, call, taker);
  call.referral = { kind: 'picked-up', by: taker, calls: [] };
}

function saidTaken(world: World, now: number, call: Call, taker: Leg): void {
  world.noteRoute(now, call, `${taker.line} picked the call up.`);
  world.event(now, 'call-picked-up', call, taker, 'picked-up', `${taker.line} took the call of ${call.caller.line}.`);
}

function noCommonMedia(cause: Cause): Ending {
  return { ...refused(cause), warning: 'The two ends offer no media that both take' };
}

/** The taker is heard in the place of one who talks. */
function takePlace(
  world: World,
  now: number,
  own: Call,
  call: Call,
  replaced: Leg,
  partner: Leg | undefined,
): Ending | undefined {
  if (partner === undefined || !world.owns(call, partner)) return refused('unknown-call');
  if (call.transfer !== undefined)
    return { ...refused('temporary-failure'), warning: 'That call is being transferred' };
  if (isMediaUnknown(partner)) return { ...refused('temporary-failure'), warning: unknownMediaWarning };
  own.policy = call.policy;
  own.referral = { kind: 'replaced', by: own.caller, calls: [call.id] };
  world.noteRoute(now, own, `${own.caller.line} takes the place of ${replaced.line}.`);
  beginReplacement(world, own, call, replaced, partner);
  return undefined;
}

/** A parked call goes on with whoever dials its number: the right to that is the right to the call. */
function retrieve(world: World, now: number, own: Call, number: string): Ending | undefined {
  const call = world.parked.get(number);
  const by = call?.parked?.by;
  if (call === undefined || by === undefined) {
    return { ...refused('unallocated-number'), warning: 'No call is parked there' };
  }
  if (own.caller.offered === undefined) return { ...refused('not-acceptable-here'), warning: withoutOffer };
  return takePlace(world, now, own, call, by, call.caller);
}
