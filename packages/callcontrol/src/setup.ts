/** A call from the first word of the caller until phones ring, and what becomes of it when none answers. */
import type { CallOutcome } from '@trustline/evidence';
import { type Call, callLevel, isLive, type Leg, policyEnd } from './call.ts';
import type { Cause } from './causes.ts';
import { isDialable } from './dialplan.ts';
import type { Device, Route } from './directory.ts';
import { CallControlError } from './error.ts';
import type { CallControlInput, CallerIdentity } from './inputs.ts';
import { isEncrypted, type MediaDescription, offeredSecurity } from './media.ts';
import { carryOffer, type MediaFault, withUsableKeys } from './negotiation.ts';
import { decide, decideLateOffer, type PolicyDecision, type Refusal } from './policy.ts';
import type { LegProtection } from './protection.ts';
import type { Ending, World } from './world.ts';

type Incoming = Extract<CallControlInput, { kind: 'incoming' }>;

/**
 * A device calls.
 *
 * @throws {CallControlError} callcontrol.leg-exists
 */
export function incoming(world: World, now: number, input: Incoming): void {
  if (world.legs.has(input.leg)) {
    throw new CallControlError('callcontrol.leg-exists', `The leg ${input.leg} is in a call already`);
  }
  const device = world.ports.directory.device(input.device);
  const call = openCall(world, now, input, device);
  world.addCall(call);
  world.event(now, 'call-started', call, call.caller, 'call-started', `${input.line} calls ${input.destination}.`);
  world.noteLevel(now, call, 'the call began');

  const refusal = admission(world, call, device);
  if (refusal !== undefined) {
    world.endCall(now, call, refusal);
    return;
  }
  const route = world.ports.directory.route(input.destination);
  if (route === undefined) {
    const cause = isDialable(input.destination) ? 'unallocated-number' : 'invalid-number-format';
    world.endCall(now, call, refused(cause));
    return;
  }
  if (route.kind === 'blocked') {
    world.endCall(now, call, { ...refused(route.cause), warning: route.reason });
    return;
  }
  call.policy = route.policy;
  placeAll(world, now, call, route);
}

function openCall(world: World, now: number, input: Incoming, device: Device | undefined): Call {
  const caller = openLeg(input.leg, 'calling', input.device, input.line, device, input.protection);
  if (input.offer !== undefined) caller.offered = withUsableKeys(input.offer);
  return {
    id: world.identifier(),
    startedAt: world.ports.wallTime(now),
    destination: input.destination,
    identity: device?.kind === 'phone' ? ownIdentity(world, input) : input.caller,
    caller,
    called: [],
    policy: 'prefer',
    connected: undefined,
    answeredAt: undefined,
    exchange: undefined,
    ownOffers: 0,
    level: 'non-secure',
    lowest: undefined,
    levels: [],
    told: 0,
    refusal: undefined,
  };
}

/** A phone is who the directory says, whatever its message says. */
function ownIdentity(world: World, input: Incoming): CallerIdentity {
  const displayName = world.ports.directory.line(input.line)?.displayName ?? input.caller.displayName;
  const { anonymous } = input.caller;
  return { number: input.line, anonymous, ...(displayName === undefined ? {} : { displayName }) };
}

function openLeg(
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
    line,
    mode: device?.securityMode ?? 'non-secure',
    protection,
    state: 'trying',
    offered: undefined,
    media: undefined,
    told: undefined,
    toldFrom: undefined,
    early: undefined,
    retryInClear: false,
    renewKey: false,
    shown: undefined,
  };
}

function refused(cause: Cause): Ending {
  const outcomes: Partial<Record<Cause, CallOutcome>> = { 'user-busy': 'busy', 'no-answer': 'no-answer' };
  return { outcome: outcomes[cause] ?? 'refused', cause, event: 'call-refused' };
}

/** Whether this caller may call at all now. */
function admission(world: World, call: Call, device: Device | undefined): Ending | undefined {
  if (world.draining) return refused('service-unavailable');
  if (world.calls.size > world.settings.mostCalls) return refused('switching-equipment-congestion');
  if (device === undefined) return refused('call-rejected');
  // A phone calls from its own lines only; trunks and gateways may name any caller.
  if (device.kind === 'phone' && !device.lines.includes(call.caller.line)) {
    return { ...refused('call-rejected'), event: 'request-refused', warning: 'the line belongs to another device' };
  }
  const most = world.ports.directory.line(call.caller.line)?.maximumCalls ?? world.settings.callsPerLine;
  if (device.kind === 'phone' && world.callsOfLine(call.caller.line) > most) {
    return { ...refused('user-busy'), warning: 'the calling line holds as many calls as it may' };
  }
  return undefined;
}

interface Target {
  readonly device: Device;
  readonly line: string;
  readonly protection: LegProtection;
}

function placeAll(world: World, now: number, call: Call, route: Exclude<Route, { kind: 'blocked' }>): void {
  const targets = targetsOf(world, call, route);
  if (!Array.isArray(targets)) {
    world.endCall(now, call, targets);
    return;
  }
  let refusal: Refusal | MediaFault | undefined;
  for (const target of targets) {
    const leg = openLeg(
      world.identifier(),
      'called',
      target.device.name,
      target.line,
      target.device,
      target.protection,
    );
    refusal = place(world, now, call, leg) ?? refusal;
    if (!world.calls.has(call.id)) return; // a key of another call ends this one
  }
  if (!call.called.some(isLive)) {
    const { cause, warning } = refusal ?? { cause: 'subscriber-absent' as const, warning: undefined };
    world.endCall(now, call, {
      ...refused(cause),
      ...(warning === undefined ? {} : { warning }),
      ...(refusal !== undefined && 'event' in refusal ? { event: refusal.event } : {}),
    });
    return;
  }
  world.noteLevel(now, call, 'the called were rung');
  world.deadlines.set(`no-answer ${call.id}`, now + world.settings.noAnswerTimeout);
}

function targetsOf(world: World, call: Call, route: Exclude<Route, { kind: 'blocked' }>): Target[] | Ending {
  const { directory } = world.ports;
  const line = route.kind === 'line' ? route.line : route.number;
  const known = route.kind === 'line' ? directory.line(line) : undefined;
  const names = route.kind === 'line' ? (known?.devices ?? []) : [route.device];
  const targets: Target[] = [];
  for (const name of names) {
    const device = directory.device(name);
    const protection = directory.registration(name, line);
    // A line that calls itself rings on its other devices.
    if (device === undefined || protection === undefined) continue;
    if (device.kind === 'phone' && name === call.caller.device) continue;
    targets.push({ device, line, protection });
  }
  const limit = known?.busyTrigger ?? world.settings.busyTrigger;
  if (route.kind === 'line' && world.callsOfLine(line) >= limit) return refused('user-busy');
  if (targets.length > 0) return targets;
  if (names.includes(call.caller.device) && names.length === 1) return refused('user-busy');
  return route.kind === 'line' ? refused('subscriber-absent') : absent(directory.device(route.device));
}

/** Nothing is there to take the call; of a trunk or gateway the words for a phone's line would be wrong. */
function absent(device: Device | undefined): Ending {
  const ending = refused('subscriber-absent');
  if (device === undefined || device.kind === 'phone') return ending;
  return { ...ending, warning: `the ${device.kind} of this route is not connected` };
}

/** Opens one leg to the called, or says why it may not ring. */
function place(world: World, now: number, call: Call, leg: Leg): Refusal | MediaFault | undefined {
  const offer = call.caller.offered;
  const { caller } = call;
  if (offer === undefined) {
    const refusal = decideLateOffer(call.policy, policyEnd(caller), policyEnd(leg));
    if (refusal === undefined) ring(world, call, leg, undefined);
    return refusal;
  }
  const decision = decide(call.policy, offeredSecurity(offer), policyEnd(caller), policyEnd(leg));
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
  const carried = carryOffer(offer, decision.kind === 'secure', call.policy, world.settings.suites);
  if (carried.kind === 'fault') return carried.fault;
  const fault = world.claim(now, call, call.caller, carried.description);
  if (fault !== undefined) {
    world.faultEvent(now, call, call.caller, fault);
    world.endCall(now, call, { outcome: 'refused', cause: fault.cause, warning: fault.warning });
    return fault;
  }
  if (decision.kind === 'secure') {
    leg.retryInClear = decision.retryInClear;
    call.told += 1;
  } else {
    world.downgraded(now, call, call.caller, decision.downgrade);
  }
  if (world.mayTell(now, call, carried.description)) ring(world, call, leg, carried.description);
  return undefined;
}

function ring(world: World, call: Call, leg: Leg, offer: MediaDescription | undefined): void {
  call.called.push(leg);
  world.addLeg(call, leg);
  leg.told = offer;
  leg.shown = callLevel(call);
  world.emit({
    kind: 'place',
    leg: leg.id,
    call: call.id,
    device: leg.device,
    line: leg.line,
    caller: call.identity,
    level: leg.shown,
    ...(offer === undefined ? {} : { offer }),
  });
}

/** The most telling of the refusals of several phones stands for the call. */
const telling: readonly Cause[] = ['user-busy', 'call-rejected', 'security-required', 'not-acceptable-here'];

/** It was the offered media that the called refused. */
const ofMedia: readonly Cause[] = ['security-required', 'not-acceptable-here'];

/** One of the called refused; the last one's refusal ends the call. */
export function refusedByCalled(world: World, now: number, call: Call, leg: Leg, cause: Cause): void {
  if (leg.role !== 'called' || leg.state === 'connected') return;
  world.dropLeg(call, leg);
  call.refusal = telling.find((candidate) => candidate === cause || candidate === call.refusal) ?? cause;
  if (ofMedia.includes(cause) && leg.retryInClear && retryInClear(world, now, call, leg)) return;
  if (call.called.some(isLive)) {
    world.noteLevel(now, call, 'one of the called refused');
    return;
  }
  const { directory } = world.ports;
  // A trunk that is there may say the same of a phone behind it (Q.850 20).
  if (call.refusal === 'subscriber-absent' && directory.registration(leg.device, leg.line) === undefined) {
    world.endCall(now, call, absent(directory.device(leg.device)));
    return;
  }
  const warning = ofMedia.includes(call.refusal) ? whyNotTaken(leg, call.refusal) : undefined;
  world.endCall(now, call, { ...refused(call.refusal), ...(warning === undefined ? {} : { warning }) });
}

function whyNotTaken({ told }: Leg, cause: Cause): string | undefined {
  if (told !== undefined && isEncrypted(told)) return 'The called phone took no RTP/SAVP';
  return cause === 'security-required' ? 'The called phone takes encrypted media only' : undefined;
}

/** A phone that takes no SRTP is asked again without, under `prefer` and where the caller's offer allows it. */
function retryInClear(world: World, now: number, call: Call, leg: Leg): boolean {
  const offer = call.caller.offered;
  const { directory } = world.ports;
  const device = directory.device(leg.device);
  const protection = directory.registration(leg.device, leg.line);
  if (offer === undefined || call.policy !== 'prefer' || device === undefined || protection === undefined) return false;
  const again = openLeg(world.identifier(), 'called', leg.device, leg.line, device, protection);
  const decision = { kind: 'clear', downgrade: 'other-end-incapable' } as const;
  const fault = placeWithOffer(world, now, call, again, offer, decision);
  if (fault === undefined) world.noteLevel(now, call, 'a phone took no SRTP and was asked again without');
  return fault === undefined;
}

/** Nobody answered in time. */
export function unanswered(world: World, now: number, call: Call): void {
  world.endCall(now, call, { outcome: 'no-answer', cause: 'no-answer', event: 'call-refused' });
}
