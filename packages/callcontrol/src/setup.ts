/** A call from the first word of the caller until somebody answers, or nobody does. */
import type { CallOutcome } from '@trustline/evidence';
import { type Call, callLevel, isLive, type Leg, policyEnd } from './call.ts';
import type { Cause } from './causes.ts';
import { isDialable } from './dialplan.ts';
import type { Device, Route } from './directory.ts';
import { CallControlError } from './error.ts';
import { settle } from './exchange.ts';
import type { CallControlInput, CallerIdentity } from './inputs.ts';
import { isEncrypted, type MediaDescription, offeredSecurity } from './media.ts';
import {
  answerFor,
  carryOffer,
  checkAnswer,
  chosenFrom,
  isWithheld,
  type MediaFault,
  withoutWeakenedKeys,
} from './negotiation.ts';
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
  if (input.offer !== undefined) caller.offered = withoutWeakenedKeys(input.offer);
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
      ...(refusal !== undefined && 'event' in refusal && refusal.event === 'unprotected-keys-refused'
        ? { event: refusal.event }
        : {}),
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
  return refused(names.includes(call.caller.device) && names.length === 1 ? 'user-busy' : 'subscriber-absent');
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

export function ringing(world: World, call: Call, leg: Leg): void {
  if (leg.role !== 'called' || leg.state !== 'trying') return;
  leg.state = 'ringing';
  if (call.caller.state !== 'trying') return;
  call.caller.state = 'ringing';
  world.emit({ kind: 'ring', leg: call.caller.id, call: call.id, level: call.level });
}

/** Early media: only where one phone rings, since the caller could not tell several apart. */
export function progress(world: World, now: number, call: Call, leg: Leg, answer: MediaDescription): void {
  const { offered } = call.caller;
  if (leg.role !== 'called' || leg.state === 'connected' || offered === undefined) return;
  if (call.called.filter(isLive).length > 1) {
    ringing(world, call, leg);
    return;
  }
  const agreed = judgeAnswer(world, now, call, leg, answer);
  if (agreed === undefined) return;
  leg.early = agreed;
  const told = answerFor(offered, agreed);
  if (isWithheld(agreed, told)) {
    ringing(world, call, leg);
    return;
  }
  if (!world.mayTell(now, call, told)) return;
  world.emit({ kind: 'progress', leg: call.caller.id, answer: told, level: call.level });
}

/** Takes the called's answer to the offer it was placed with; a bad one ends the call, and undefined is returned. */
function judgeAnswer(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  answer: MediaDescription,
): MediaDescription | undefined {
  if (leg.told === undefined) return undefined;
  const result = checkAnswer(leg.told, withoutWeakenedKeys(answer));
  const fault = result.kind === 'fault' ? result.fault : world.claim(now, call, leg, result.answer);
  if (fault === undefined && result.kind === 'agreed') return result.answer;
  if (fault !== undefined) failSetup(world, now, call, leg, fault);
  return undefined;
}

function failSetup(world: World, now: number, call: Call, leg: Leg, fault: MediaFault | Refusal): void {
  if ('security' in fault) world.faultEvent(now, call, leg, fault);
  else
    world.event(
      now,
      fault.event === 'unprotected-keys-refused' ? fault.event : 'call-refused',
      call,
      leg,
      fault.cause,
      `${fault.warning}.`,
    );
  world.endCall(now, call, { outcome: 'failed', cause: fault.cause, warning: fault.warning });
}

/** The called answered: the others stop ringing, and the caller gets the answer, or the late offer. */
export function answered(world: World, now: number, call: Call, leg: Leg, media: MediaDescription | undefined): void {
  if (leg.role !== 'called' || leg.state === 'connected' || call.connected !== undefined) return;
  leg.state = 'connected'; // whatever is wrong with its answer, it is hung up and not cancelled
  const { caller } = call;
  const description = media ?? leg.early;
  if (description === undefined) {
    failSetup(world, now, call, leg, {
      cause: 'protocol-error',
      warning: 'The called answered without media',
      security: false,
    });
    return;
  }
  if (caller.offered === undefined) {
    answeredWithOffer(world, now, call, leg, description);
    return;
  }
  const agreed = judgeAnswer(world, now, call, leg, description);
  if (agreed === undefined || leg.told === undefined) return;
  const told = answerFor(caller.offered, agreed);
  if (!world.mayTell(now, call, told)) return;
  connect(world, now, call, leg);
  leg.media = agreed;
  caller.media = chosenFrom(leg.told, agreed);
  caller.told = told;
  leg.toldFrom = caller.media;
  // A stream that was steered is refused for now; its caller is offered it again at once, under the suite wanted.
  caller.toldFrom = isWithheld(agreed, told) ? undefined : agreed;
  // Every phone that rang learned the caller's keys: one of them talks, the others must not be able to listen.
  caller.renewKey = call.told > 1 && agreed.streams.some((stream) => stream.keys.length > 0);
  world.noteLevel(now, call, 'the call was answered');
  caller.shown = call.level;
  world.emit({ kind: 'accept', leg: caller.id, answer: told, level: call.level });
  saidAnswered(world, now, call, leg);
  settle(world, now, call);
}

/** A late offer (RFC 3264 §4): the called is the offerer now, and policy judges it as one. */
function answeredWithOffer(world: World, now: number, call: Call, leg: Leg, received: MediaDescription): void {
  const { caller } = call;
  const offer = withoutWeakenedKeys(received);
  const decision = decide(call.policy, offeredSecurity(offer), policyEnd(leg), policyEnd(caller));
  if (decision.kind === 'refuse') {
    failSetup(world, now, call, leg, decision);
    return;
  }
  const carried = carryOffer(offer, decision.kind === 'secure', call.policy, world.settings.suites);
  const fault = carried.kind === 'fault' ? carried.fault : world.claim(now, call, leg, carried.description);
  if (fault !== undefined) {
    failSetup(world, now, call, leg, fault);
    return;
  }
  if (carried.kind === 'fault' || !world.mayTell(now, call, carried.description)) return;
  if (decision.kind === 'clear') world.downgraded(now, call, leg, decision.downgrade);
  connect(world, now, call, leg);
  leg.offered = offer;
  call.exchange = { kind: 'late', from: leg, to: caller, told: carried.description };
  world.deadlines.set(`offer ${call.id}`, now + world.settings.offerTimeout);
  world.noteLevel(now, call, 'the call was answered');
  caller.shown = call.level;
  world.emit({ kind: 'accept-with-offer', leg: caller.id, offer: carried.description, level: call.level });
  saidAnswered(world, now, call, leg);
}

function connect(world: World, now: number, call: Call, leg: Leg): void {
  world.deadlines.clear(`no-answer ${call.id}`);
  call.connected = leg;
  call.caller.state = 'connected';
  call.answeredAt = world.ports.wallTime(now);
  for (const other of call.called.filter((other) => other !== leg && isLive(other))) {
    world.emit({ kind: 'cancel', leg: other.id, cause: 'answered-elsewhere' });
    world.dropLeg(call, other);
  }
}

function saidAnswered(world: World, now: number, call: Call, leg: Leg): void {
  world.event(now, 'call-answered', call, leg, 'call-answered', `${leg.line} answered ${call.caller.line}.`);
  world.showLevel(call);
}

/** The most telling of the refusals of several phones stands for the call. */
const telling: readonly Cause[] = ['user-busy', 'call-rejected', 'not-acceptable-here'];

/** One of the called refused; the last one's refusal ends the call. */
export function refusedByCalled(world: World, now: number, call: Call, leg: Leg, cause: Cause): void {
  if (leg.role !== 'called' || leg.state === 'connected') return;
  world.dropLeg(call, leg);
  call.refusal = telling.find((candidate) => candidate === cause || candidate === call.refusal) ?? cause;
  if (cause === 'not-acceptable-here' && leg.retryInClear && retryInClear(world, now, call, leg)) return;
  if (call.called.some(isLive)) {
    world.noteLevel(now, call, 'one of the called refused');
    return;
  }
  const ending = refused(call.refusal);
  const wantedKeys = call.refusal === 'not-acceptable-here' && leg.told !== undefined && isEncrypted(leg.told);
  world.endCall(now, call, wantedKeys ? { ...ending, warning: 'The called phone took no RTP/SAVP' } : ending);
}

/** A phone that takes no SRTP is asked again without, under `prefer` and where the caller's offer allows it (§3). */
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
