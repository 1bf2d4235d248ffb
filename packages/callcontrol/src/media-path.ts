/** Whether the media of a call go straight between its ends, or over the relay. Straight is the rule. */
import { type Call, type Leg, policyEnd } from './call.ts';
import { isHold } from './holding.ts';
import { type MediaDescription, offeredSecurity } from './media.ts';
import { decide, isOtherEnds, obstacleToKeys, type PolicyDecision } from './policy.ts';
import { type RelayReason, relayedLeg } from './relay-state.ts';
import { behindNat } from './relaying.ts';
import type { World } from './world.ts';

/**
 * Decides about an offer from one leg towards another that is to be told it, and by which way its media go. Where policy would
 * refuse keys, or give them up, only because the other end has none, the relay keeps SRTP with the one that can:
 * under `prefer`, and the level of the call is that of the other all the same.
 */
export function decideWithRelay(world: World, call: Call, offer: MediaDescription, from: Leg, to: Leg): PolicyDecision {
  const offered = offeredSecurity(offer);
  const direct = decide(call.policy, offered, policyEnd(from), policyEnd(to));
  if (world.ports.relay === undefined) return direct;
  const called = to === call.caller ? from : to;
  const bridges =
    call.policy === 'prefer' &&
    offered !== 'clear' &&
    isOtherEnds(obstacleToKeys(call.policy, policyEnd(from), policyEnd(to)));
  if (bridges) {
    called.relay ??= relayedLeg('one-end-without-srtp', called === to);
    to.relay ??= relayedLeg('one-end-without-srtp', true);
    return { kind: 'secure', retryInClear: false };
  }
  if (direct.kind === 'refuse') return direct;
  if (from.relay?.isClear === true) called.relay ??= relayedLeg(from.relay.reason, false);
  const reason = wanted(world, call, offer, from, to);
  if (reason !== undefined) called.relay ??= relayedLeg(reason, false);
  return direct;
}

function wanted(world: World, call: Call, offer: MediaDescription, from: Leg, to: Leg) {
  if (world.settings.mediaPath === 'relayed') return 'configured';
  if (world.settings.holdSound && call.connected !== undefined && isHold(offer)) return 'hold';
  if (offer.streams.some((stream) => behindNat(from, stream) !== undefined)) return 'behind-nat';
  if (needsKeyOfReceiver(world, from, to) || needsKeyOfReceiver(world, to, from)) return 'key-of-receiver';
  const meetsOthers = call.forks || call.homes.length > 0;
  return meetsOthers && world.keepsKeys.has(from.device) ? 'key-kept' : undefined;
}

/** Whether one end receives with a key of its own that the other cannot be told to send with. Both keys of a Skinny phone are ours. */
function needsKeyOfReceiver(world: World, one: Leg, other: Leg): boolean {
  const reading = world.ports.directory.device(one.device)?.keyReading;
  return reading === 'auto' || (reading === 'receiver' && other.protection.protocol !== 'sccp');
}

/**
 * Takes a call that talks over to the relay: both ends are offered the relay's media by the next {@link settle}. False
 * where there is no relay, or it is there already.
 */
export function takeToRelay(
  world: World,
  call: Call,
  reason: Exclude<RelayReason, 'one-end-without-srtp' | 'conference' | 'transcoding' | 'announcement'>,
): boolean {
  const { connected, caller } = call;
  if (world.ports.relay === undefined || connected === undefined || connected.relay !== undefined) return false;
  for (const leg of [caller, connected]) {
    leg.relay ??= relayedLeg(reason, false);
    leg.toldFrom = undefined;
  }
  return true;
}
