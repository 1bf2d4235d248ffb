/** Opening legs to the called: what each may be offered, and that one is asked again without SRTP. */
import { admit } from './admission.ts';
import { type Call, callLevel, type Leg, policyEnd, usualBreadth } from './call.ts';
import type { Device } from './directory.ts';
import type { CallerIdentity } from './inputs.ts';
import { type MediaDescription, offeredSecurity } from './media.ts';
import { decideWithRelay } from './media-path.ts';
import { carryOffer, type MediaFault } from './negotiation.ts';
import { decideLateOffer, type PolicyDecision, type Refusal } from './policy.ts';
import { type LegProtection, mayUseKeys } from './protection.ts';
import { type RelayedLeg, relayedLeg } from './relay-state.ts';
import { asSaid, leaveRelay, takeSides } from './relaying.ts';
import { obstacleToTranscoding, transcode } from './transcoding.ts';
import type { World } from './world.ts';

/** A device that may ring, and how it is reached. */
export interface Target {
  readonly device: Device;
  readonly line: string;
  readonly protection: LegProtection;
}

export function openLeg(
  id: string,
  role: Leg['role'],
  name: string,
  line: string,
  device: Device | undefined,
  protection: LegProtection,
): Leg {
  return {
    id,
    role,
    device: name,
    kind: device?.kind ?? 'phone',
    port: undefined,
    line,
    mode: device?.securityMode ?? 'non-secure',
    protection,
    state: 'trying',
    offered: undefined,
    media: undefined,
    told: undefined,
    toldFrom: undefined,
    early: undefined,
    takesDigits: false,
    retryInClear: false,
    renewKey: false,
    exposed: [],
    shown: undefined,
    unprotected: undefined,
    shownLoss: undefined,
    relay: undefined,
    breadth: usualBreadth,
  };
}

/**
 * Opens one leg to the called, or says why it may not ring. A key of another call ends the call.
 *
 * @param breadth phones that may ring by it at once
 */
export function place(
  world: World,
  now: number,
  call: Call,
  target: Target,
  breadth: number,
): Refusal | MediaFault | undefined {
  const { device, line, protection } = target;
  const leg = openLeg(world.identifier(), 'called', device.name, line, device, protection);
  leg.breadth = breadth;
  const offer = call.caller.offered;
  const { caller } = call;
  if (offer === undefined) {
    const refusal = decideLateOffer(call.policy, policyEnd(caller), policyEnd(leg));
    if (refusal === undefined) ring(world, call, leg, undefined);
    return refusal;
  }
  const decision = decideWithRelay(world, call, offer, caller, leg);
  if (decision.kind === 'refuse') return decision;
  return placeWithOffer(world, now, call, leg, offer, decision);
}

function placeWithOffer(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  offer: MediaDescription,
  decision: Exclude<PolicyDecision, Refusal>,
): MediaFault | undefined {
  const admitted = admit(world, call, leg, offer);
  if (admitted.kind === 'fault') return admitted.fault;
  const carried = carryOffer(admitted.offer, decision.kind === 'secure', call.policy, world.settings.suites);
  if (carried.kind === 'fault') return carried.fault;
  const fault = world.claim(now, call, call.caller, carried.description);
  if (fault !== undefined) {
    world.faultEvent(now, call, call.caller, fault);
    world.endCall(now, call, { outcome: 'refused', cause: fault.cause, warning: fault.warning });
    return fault;
  }
  const congestion = takeSides(world, call, leg, carried.description);
  if (congestion !== undefined) return congestion;
  if (decision.kind === 'secure') {
    leg.retryInClear = decision.retryInClear || mayBridge(world, call, leg);
    if (leg.relay === undefined) call.told += 1;
  } else {
    world.downgraded(now, call, call.caller, decision.downgrade);
  }
  if (world.mayTell(now, call, carried.description)) ring(world, call, leg, carried.description);
  else leaveRelay(world, leg);
  return undefined;
}

function ring(world: World, call: Call, leg: Leg, offer: MediaDescription | undefined): void {
  call.called.push(leg);
  world.addLeg(call, leg);
  leg.told = offer;
  leg.shown = callLevel(call);
  const diversions = [...call.before, ...call.diversions];
  world.emit({
    kind: 'place',
    leg: leg.id,
    call: call.id,
    device: leg.device,
    line: leg.line,
    caller: call.identity,
    level: leg.shown,
    ...(offer === undefined ? {} : { offer }),
    ...(diversions.length === 0 ? {} : { diversions }),
    breadth: leg.breadth,
    ...patienceWith(world, call, leg),
    ...(call.isEmergency ? { isEmergency: true } : {}),
    ...(call.hopsLeft === undefined ? {} : { hopsLeft: Math.max(0, call.hopsLeft - 1) }),
    ...(call.referral === undefined ? {} : { referredBy: referrerOf(world, call.referral.by) }),
  });
}

/** How long a trunk may be silent; a phone rings wherever it is, and is waited for. */
function patienceWith(world: World, { attempt }: Call, { device }: Leg) {
  if (attempt?.kind !== 'trunk' || world.ports.directory.device(device)?.kind === 'phone') return {};
  return { silence: world.settings.trunkSilence, ...(attempt.left.length > 0 ? {} : { isLast: true as const }) };
}

/** Whether a phone that takes no SRTP may be asked again without, while the caller keeps it: the relay stands between. */
function mayBridge(world: World, call: Call, leg: Leg): boolean {
  const isFree = call.caller.relay?.isClear !== true && leg.relay?.isClear !== true;
  return call.policy === 'prefer' && world.ports.relay !== undefined && isFree;
}

/**
 * A phone that takes none of the formats offered is asked again, as securely as before, with those of the relay after them:
 * the relay transcodes. One that has a format in common never comes here.
 *
 * @param refused what the leg that refused had of the relay
 */
export function retryTranscoded(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  refused: RelayedLeg | undefined,
): boolean {
  const { caller } = call;
  const { offered } = caller;
  const target = targetAgain(world, leg);
  if (offered === undefined || target === undefined || refused?.transcodes === true) return false;
  if (!world.owns(call, caller) || obstacleToTranscoding(world, offered) !== undefined) return false;
  const again = openLeg(world.identifier(), 'called', leg.device, leg.line, target.device, target.protection);
  again.breadth = leg.breadth;
  if (refused !== undefined) again.relay = relayedLeg(refused.reason, refused.isClear);
  const decision = decideWithRelay(world, call, offered, caller, again);
  if (decision.kind === 'refuse') return false;
  transcode(world, again);
  const fault = placeWithOffer(world, now, call, again, offered, decision);
  if (fault !== undefined) leaveRelay(world, again);
  return fault === undefined;
}

/** A phone as it is there now, to be asked once more. */
function targetAgain(world: World, { device: name, line }: Leg): Pick<Target, 'device' | 'protection'> | undefined {
  const { directory } = world.ports;
  const [device, protection] = [directory.device(name), directory.registration(name, line)];
  return device === undefined || protection === undefined ? undefined : { device, protection };
}

/** Who was offered the relay's formats is offered them again, now that it is asked otherwise. */
function transcodeAgain(world: World, leg: Leg, refused: RelayedLeg | undefined, offer: MediaDescription): void {
  if (refused?.transcodes === true && obstacleToTranscoding(world, offer) === undefined) transcode(world, leg);
}

/**
 * A phone that takes nothing but SRTP is asked again with it, though the caller has none: the relay stands between. Only
 * where one phone is called, since the others were offered RTP.
 */
export function retryWithSrtp(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  refused: RelayedLeg | undefined,
): boolean {
  const { caller } = call;
  const { relay } = world.ports;
  const { device, protection } = targetAgain(world, leg) ?? {};
  const { offered } = caller;
  if (call.policy !== 'prefer' || relay === undefined || call.forks || offered === undefined) return false;
  if (call.early !== undefined || offeredSecurity(offered) !== 'clear' || !world.owns(call, caller)) return false;
  if (device === undefined || protection === undefined || !mayUseKeys(device.securityMode, protection)) return false;
  const again = openLeg(world.identifier(), 'called', leg.device, leg.line, device, protection);
  again.breadth = leg.breadth;
  again.relay = relayedLeg('one-end-without-srtp', false);
  // What the caller has of the relay for an offer that was refused, nobody has told it.
  if (caller.relay?.isClear === false) leaveRelay(world, caller);
  caller.relay ??= relayedLeg('one-end-without-srtp', true);
  if (takeSides(world, call, again, offered) !== undefined) return false;
  transcodeAgain(world, again, refused, offered);
  caller.offered = asSaid(world, call, caller, offered, undefined);
  const decision = { kind: 'secure', retryInClear: false } as const;
  return placeWithOffer(world, now, call, again, caller.offered, decision) === undefined;
}

function referrerOf(world: World, { line }: Leg): CallerIdentity {
  const displayName = world.ports.directory.line(line)?.displayName;
  return { number: line, anonymous: false, ...(displayName === undefined ? {} : { displayName }) };
}

/** A phone that takes no SRTP is asked again without, under `prefer` and where the caller's offer allows it. */
export function retryInClear(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  refused: RelayedLeg | undefined,
): boolean {
  const offer = call.caller.offered;
  const { device, protection } = targetAgain(world, leg) ?? {};
  if (offer === undefined || call.policy !== 'prefer' || device === undefined || protection === undefined) return false;
  const again = openLeg(world.identifier(), 'called', leg.device, leg.line, device, protection);
  again.breadth = leg.breadth;
  const bridged = mayBridge(world, call, again) && offeredSecurity(offer) !== 'clear';
  if (bridged) again.relay = relayedLeg('one-end-without-srtp', true);
  transcodeAgain(world, again, refused, offer);
  const decision = bridged
    ? ({ kind: 'secure', retryInClear: false } as const)
    : ({ kind: 'clear', downgrade: 'other-end-incapable' } as const);
  const fault = placeWithOffer(world, now, call, again, offer, decision);
  if (fault === undefined) world.noteLevel(now, call, 'a phone took no SRTP and was asked again without');
  return fault === undefined;
}
