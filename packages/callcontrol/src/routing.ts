/** Where a call is tried: a line, a trunk, a hunt group; and where next when it is not taken there. */

import { type CallOutcome, securityEvent } from '@trustline/evidence';
import { announce, announced, leavingBy, mayNotLeave } from './announcing.ts';
import { type Attempt, type Call, isLive, type Leg } from './call.ts';
import type { Cause } from './causes.ts';
import { joinConference } from './conference.ts';
import type { Device, HuntGroup, Route } from './directory.ts';
import {
  type DiversionReason,
  forwardedTo,
  mostDiversions,
  mostRedirections,
  type Redirection,
  strictest,
} from './diversion.ts';
import { callForHelp } from './emergency.ts';
import { verdictOn } from './failover.ts';
import { isEncrypted } from './media.ts';
import type { MediaFault } from './negotiation.ts';
import { nextStepWithoutProof } from './next-steps.ts';
import { isDialable } from './number-pattern.ts';
import { place, retryInClear, retryTranscoded, retryWithSrtp, type Target } from './placing.ts';
import type { Refusal } from './policy.ts';
import { isConfidential } from './protection.ts';
import { routeWords } from './route-words.ts';
import { whyNotTranscoded } from './transcoding.ts';
import { type Ending, type World, wordsOf } from './world.ts';

/** Takes a call to where its number leads. */
export function follow(world: World, now: number, call: Call, number: string, route: Route | undefined): void {
  world.noteRoute(now, call, routeWords(number, route));
  if (route === undefined) {
    goElsewhere(world, now, call, refused(isDialable(number) ? 'unallocated-number' : 'invalid-number-format'));
    return;
  }
  if (route.kind === 'blocked') {
    goElsewhere(world, now, call, { ...refused(route.cause), warning: route.reason });
    return;
  }
  const isFirst = call.diversions.length === 0 && call.referral === undefined;
  if (route.kind === 'trunk' && route.emergency === true) {
    const passesRequire = route.passesRequire === true || (!isFirst && call.policy === 'require');
    call.policy = route.policy; // help comes before encryption, whoever sends the call there
    const attempt = attemptOf(world, route);
    callForHelp(world, now, call, passesRequire, () => tryTrunk(world, now, call, attempt));
    return;
  }
  call.policy = isFirst ? route.policy : strictest(call.policy, route.policy);
  switch (route.kind) {
    case 'line':
      tryLine(world, now, call, route.line);
      return;
    case 'trunk':
      tryTrunk(world, now, call, attemptOf(world, route));
      return;
    case 'park':
      if (call.transfer?.target === call) world.noteTransfer(call, { kind: 'parks' });
      else
        goElsewhere(world, now, call, {
          ...refused('call-rejected'),
          warning: 'Calls are parked by transferring them',
        });
      return;
    case 'conference': {
      const ending = joinConference(world, now, call, route);
      if (ending !== undefined) goElsewhere(world, now, call, ending);
      return;
    }
    case 'pick-up': // only who dials it himself can take a call
      goElsewhere(world, now, call, { ...refused('call-rejected'), warning: 'This number picks calls up' });
      return;
    case 'hunt-group': {
      const group = world.ports.directory.huntGroup(route.name);
      if (group === undefined) {
        goElsewhere(world, now, call, refused('unallocated-number'));
        return;
      }
      tryGroup(world, now, call, { kind: 'hunt-group', group, number, left: world.hunting.orderFor(group) });
      return;
    }
  }
}

/** Asks the dial plan about a number that a line of a device dials, or sends a call on to. */
export function routeOf(world: World, now: number, number: string, caller: { device: string; line: string }) {
  return world.ports.directory.route(number, caller, Date.parse(world.ports.wallTime(now)));
}

function tryLine(world: World, now: number, call: Call, line: string): void {
  const forwarding = world.ports.directory.line(line)?.forwarding;
  if (forwarding?.always !== undefined) {
    divert(world, now, call, line, forwarding.always, 'unconditional');
    return;
  }
  call.attempt = { kind: 'line', line, forwarding };
  const targets = targetsOfLine(world, call, line);
  if (!Array.isArray(targets)) {
    notTaken(world, now, call, targets);
    return;
  }
  const { noAnswerTimeout, forwardTimeout } = world.settings;
  const forwardAfter = forwarding?.noAnswer === undefined ? undefined : (forwarding.noAnswerTimeout ?? forwardTimeout);
  placeAll(world, now, call, targets, forwardAfter ?? noAnswerTimeout);
}

type TrunkAttempt = Extract<Attempt, { kind: 'trunk' }>;

function attemptOf(
  world: World,
  { devices, order, number, leavingProtection }: Extract<Route, { kind: 'trunk' }>,
): TrunkAttempt {
  const left = world.trunks.inOrder(world, devices, order ?? 'in-order');
  return { kind: 'trunk', number, left, ...(leavingProtection && { leavingProtection }) };
}

/** The first of the trunks that is connected, has a channel and takes it. */
function tryTrunk(world: World, now: number, call: Call, attempt: TrunkAttempt): void {
  const { directory } = world.ports;
  const { number, left } = attempt;
  let { ending } = attempt;
  for (const [at, name] of left.entries()) {
    const device = directory.device(name);
    const protection = directory.registration(name, number);
    if (device === undefined || protection === undefined) {
      world.noteRoute(now, call, `${name} is not connected.`);
      continue;
    }
    if (!call.isEmergency && world.trunks.isFull(device)) {
      world.noteRoute(now, call, `${name} has all of its ${device.channels} channels in use.`);
      ending = refused('no-circuit-available');
      continue;
    }
    const leaving = leavingBy(call, device, attempt);
    if (leaving === 'refuse') {
      ending = mayNotLeave(name);
      continue;
    }
    if (leaving === 'announce' && !call.isAnnounced) {
      ending = announce(world, now, call, { device: name, attempt: { ...attempt, left: left.slice(at) } });
      if (ending === undefined) return;
      continue;
    }
    call.attempt = { ...attempt, tried: name, left: left.slice(at + 1), ...(ending === undefined ? {} : { ending }) };
    placeAll(world, now, call, [{ device, line: number, protection }], world.settings.noAnswerTimeout);
    return;
  }
  const last = directory.device(left.at(-1) ?? '');
  const warning = 'no trunk or gateway of this route is there';
  const nobody = last === undefined ? { ...refused('subscriber-absent'), warning } : absent(last);
  goElsewhere(world, now, call, ending ?? nobody);
}

/** The caller has heard that the call leaves protection. */
export function goOnAnnounced(world: World, now: number, call: Call): void {
  const attempt = announced(world, now, call);
  if (attempt !== undefined) tryTrunk(world, now, call, attempt);
}

/** The called has answered, and its media are not agreed on yet: whatever comes of that, nobody else is rung. */
export function answering(world: World, id: string): void {
  const { call, leg } = world.legs.get(id) ?? {};
  if (call?.attempt?.kind !== 'trunk' || leg?.role !== 'called' || leg.state === 'connected') return;
  call.attempt = { ...call.attempt, left: [], isAnswered: true };
  for (const redirection of call.redirections) redirection.left.length = 0;
}

/** A trunk did not take the call: the next of its list is asked, unless that was the called's own answer. */
function trunkFailed(world: World, now: number, call: Call, attempt: TrunkAttempt, ending: Ending): void {
  const isLast = attempt.isAnswered ? 'It was answered there: no other is tried.' : 'No other is left to try.';
  const next = attempt.left.length > 0 ? 'The next of its list is tried.' : isLast;
  const words = wordsOf({ ...ending, said: undefined });
  world.noteRoute(now, call, `${attempt.tried} did not take it: ${words}. ${next}`);
  tryTrunk(world, now, call, { ...attempt, ending });
}

/** The next members: one after the other, or all at once. Who talks or is not there is passed over. */
function tryGroup(world: World, now: number, call: Call, attempt: Extract<Attempt, { kind: 'hunt-group' }>): void {
  const { group } = attempt;
  let left = attempt.left;
  while (left.length > 0) {
    const members = group.order === 'broadcast' ? left : left.slice(0, 1);
    left = left.slice(members.length);
    const targets = members.flatMap((line) => {
      const found = targetsOfLine(world, call, line);
      return Array.isArray(found) ? found : [];
    });
    if (targets.length === 0) continue;
    call.attempt = { ...attempt, left };
    placeAll(world, now, call, targets, group.memberTimeout);
    return;
  }
  leaveGroup(world, now, call, group, attempt.number);
}

function leaveGroup(world: World, now: number, call: Call, { otherwise }: HuntGroup, number: string): void {
  if (otherwise !== undefined) divert(world, now, call, number, otherwise, 'no-answer');
  else goElsewhere(world, now, call, { ...refused('no-answer'), warning: 'Nobody of the group took the call' });
}

/** Sends a call on, with the rights of the line that sends it. */
function divert(
  world: World,
  now: number,
  call: Call,
  from: string,
  to: string,
  reason: DiversionReason,
  rights: Redirection['rights'] = { device: '', line: from },
): void {
  const isCircle = call.diversions.some((diversion) => diversion.from === from);
  if (isCircle || call.diversions.length >= mostDiversions) {
    goElsewhere(world, now, call, refused('exchange-routing-error'));
    return;
  }
  call.diversions.push({ from, to, reason });
  world.noteRoute(now, call, `${from} sends the call on to ${to} (${reason}).`);
  call.attempt = undefined;
  world.event(now, 'call-forwarded', call, call.caller, reason, `${from} sends the call on to ${to}.`);
  if (world.owns(call, call.caller)) {
    const diversions = [...call.before, ...call.diversions];
    world.emit({ kind: 'forwarded', leg: call.caller.id, to, diversions, level: call.level });
  }
  follow(world, now, call, to, routeOf(world, now, to, rights));
}

/** The present attempt has failed: the call goes on elsewhere, or ends so. No leg of it rings any more. */
function notTaken(
  world: World,
  now: number,
  call: Call,
  ending: Ending,
  goesOn = ending.by === undefined || verdictOn(ending.cause) !== 'called',
): void {
  const { attempt } = call;
  if (attempt?.kind === 'line') {
    const forwarded = forwardedTo(attempt.forwarding, ending.cause);
    if (forwarded !== undefined) {
      divert(world, now, call, attempt.line, forwarded.to, forwarded.reason);
      return;
    }
  }
  // Who refused for us, before anything went out, may be without what another has: keys, bandwidth.
  if (attempt?.kind === 'trunk' && goesOn) {
    trunkFailed(world, now, call, attempt, ending);
    return;
  }
  if (attempt?.kind === 'hunt-group') {
    tryGroup(world, now, call, attempt);
    return;
  }
  goElsewhere(world, now, call, ending);
}

/** This way has come to its end: the next number that a called has named is tried, or the call ends so. */
export function goElsewhere(world: World, now: number, call: Call, ending: Ending): void {
  for (let last = call.redirections.at(-1); last !== undefined; last = call.redirections.at(-1)) {
    const to = last.left.shift();
    if (to === undefined) {
      call.redirections.pop();
      continue;
    }
    if (call.redirected >= mostRedirections) break;
    call.redirected += 1;
    call.diversions.length = last.diversions;
    divert(world, now, call, last.from, to, 'deflection', last.rights);
    return;
  }
  world.endCall(now, call, ending);
}

function placeAll(world: World, now: number, call: Call, targets: readonly Target[], timeout: number): void {
  let refusal: Refusal | MediaFault | undefined;
  let unproven: string | undefined;
  call.refusal = undefined;
  const rings = targets.slice(0, call.breadth);
  if (rings.length < targets.length) {
    world.noteRoute(now, call, `${targets.length - rings.length} more may not ring at once, as the call says.`);
  }
  call.forks = rings.length > 1;
  for (const [at, target] of rings.entries()) {
    // "the proxy MUST [...] apportion" what it has among those that it forks to (RFC 5393 §5.3.3.1).
    const breadth = Math.floor((call.breadth + at) / rings.length);
    const refused = place(world, now, call, target, breadth);
    if (refused !== undefined) {
      refusal = refused;
      unproven = isOfProof(refused) ? target.device.name : undefined;
      if (unproven !== undefined) sayNotProven(world, now, call, target);
    }
    if (!world.calls.has(call.id)) return; // a key of another call ends this one
  }
  if (!call.called.some(isLive)) {
    const { cause, warning } = refusal ?? { cause: 'subscriber-absent' as const, warning: undefined };
    notTaken(world, now, call, {
      ...refused(cause),
      ...(warning === undefined ? {} : { warning }),
      ...(refusal !== undefined && 'event' in refusal ? { event: refusal.event } : {}),
      ...(unproven === undefined ? {} : { unproven }),
    });
    return;
  }
  const rung = call.called.filter(isLive).map(({ device, line }) => `${line} on ${device}`);
  world.noteRoute(now, call, `It rings at ${rung.join(', ')}.`);
  world.noteLevel(now, call, 'the called were rung');
  world.deadlines.set(`no-answer ${call.id}`, now + timeout);
}

function isOfProof(refusal: Refusal | MediaFault): boolean {
  return 'obstacle' in refusal && refusal.obstacle === 'gateway-not-proven';
}

/** A gateway is passed over, or the call ends with it, before it is asked: the operator hears which, and why. */
function sayNotProven(world: World, now: number, call: Call, { device: { name: device }, protection }: Target): void {
  const { remoteAddress } = protection;
  const event = securityEvent('gateway-not-proven', {
    at: world.ports.wallTime(now),
    node: world.settings.node,
    call: call.id,
    device,
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    reason: 'ipsec-not-proven',
    cause: `IPsec to ${device} is not proven, so it is given no keys: an encrypted call is tried elsewhere, or refused.`,
    nextStep: nextStepWithoutProof(device),
  });
  world.emit({ kind: 'event', event });
}

/** The devices on which a line may ring now, or why none. */
function targetsOfLine(world: World, call: Call, line: string): Target[] | Ending {
  const { directory } = world.ports;
  const known = directory.line(line);
  if (known?.forwarding?.doNotDisturb === true) {
    return { ...refused('user-busy'), warning: 'the called does not want to be disturbed' };
  }
  const names = known?.devices ?? [];
  const targets: Target[] = [];
  for (const name of names) {
    const device = directory.device(name);
    const protection = directory.registration(name, line);
    // A line that calls itself rings on its other devices.
    if (device === undefined || protection === undefined) continue;
    if (device.kind === 'phone' && name === call.caller.device) continue;
    if (call.onlyOn !== undefined && call.diversions.length === 0 && name !== call.onlyOn) continue;
    targets.push({ device, line, protection });
  }
  const limit = known?.busyTrigger ?? world.settings.busyTrigger;
  if (world.callsOfLine(line) >= limit) return refused('user-busy');
  if (targets.length > 0) return targets;
  return refused(names.includes(call.caller.device) && names.length === 1 ? 'user-busy' : 'subscriber-absent');
}

/** Nothing is there to take the call; of a trunk or gateway the words for a phone's line would be wrong. */
function absent(device: Device | undefined): Ending {
  const ending = refused('subscriber-absent');
  if (device === undefined || device.kind === 'phone') return ending;
  return { ...ending, warning: `the ${device.kind} of this route is not connected` };
}

export function refused(cause: Cause): Ending {
  const outcomes: Partial<Record<Cause, CallOutcome>> = { 'user-busy': 'busy', 'no-answer': 'no-answer' };
  return { outcome: outcomes[cause] ?? 'refused', cause, event: 'call-refused' };
}

/** The most telling of the refusals of several phones stands for the call. */
const telling: readonly Cause[] = ['user-busy', 'call-rejected', 'security-required', 'not-acceptable-here'];

/** It was the offered media that the called refused. */
const ofMedia: readonly Cause[] = ['security-required', 'not-acceptable-here'];

/** One of the called refused; the last one's refusal ends the attempt. */
export function refusedByCalled(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  cause: Cause,
  words: Pick<Ending, 'said' | 'found'> & { readonly ofWay?: boolean } = {},
): void {
  if (leg.role !== 'called' || leg.state === 'connected') return;
  const { relay } = leg;
  world.dropLeg(now, call, leg);
  if (call.attempt?.kind === 'trunk') judgeTrunk(world, now, leg.device, cause);
  call.refusal = telling.find((candidate) => candidate === cause || candidate === call.refusal) ?? cause;
  if (ofMedia.includes(cause)) {
    // Who says that it takes encrypted media only has said nothing against the formats.
    if (cause !== 'security-required' && retryTranscoded(world, now, call, leg, relay)) return;
    if (leg.retryInClear && retryInClear(world, now, call, leg, relay)) return;
    if (retryWithSrtp(world, now, call, leg, relay)) return;
  }
  if (call.called.some(isLive)) {
    world.noteLevel(now, call, 'one of the called refused');
    return;
  }
  const { directory } = world.ports;
  // A trunk that is there may say the same of a phone behind it (Q.850 20).
  if (call.refusal === 'subscriber-absent' && directory.registration(leg.device, leg.line) === undefined) {
    notTaken(world, now, call, absent(directory.device(leg.device)));
    return;
  }
  const { offered } = call.caller;
  const isOfFormats = call.refusal === 'not-acceptable-here' && offered !== undefined && relay?.transcodes !== true;
  const lacking = isOfFormats ? whyNotTranscoded(world, offered) : undefined;
  if (lacking !== undefined) {
    notTaken(world, now, call, { ...refused(lacking.cause), warning: lacking.warning });
    return;
  }
  const { said, found } = call.refusal === cause ? words : {};
  const isTold = ofMedia.includes(call.refusal) && found === undefined;
  const warning = isTold ? whyNotTaken(leg, call.refusal, said) : undefined;
  const ending: Ending = {
    ...refused(call.refusal),
    ...(found === undefined ? { by: 'called', said } : { found }),
    ...(warning === undefined ? {} : { warning }),
    ...(words.ofWay === true && ofMedia.includes(cause) && isUnproven(world, leg) ? { unproven: leg.device } : {}),
  };
  // The others of a list are asked where this one could not, as where we had refused for it.
  notTaken(world, now, call, ending, words.ofWay === true || verdictOn(call.refusal) !== 'called');
}

/** Whether the leg is of a gateway to which IPsec is not proven now. */
function isUnproven(world: World, { kind, device, line }: Leg): boolean {
  const protection = world.ports.directory.registration(device, line);
  return kind === 'gateway' && protection !== undefined && !isConfidential(protection.signalling);
}

function judgeTrunk(world: World, now: number, device: string, cause: Cause): void {
  const verdict = verdictOn(cause);
  if (verdict === 'trunk') world.trunks.setAside(world, now, device, cause);
  else if (verdict === 'called') world.trunks.worked(world, now, device);
}

function whyNotTaken({ told, kind }: Leg, cause: Cause, said: string | undefined): string | undefined {
  // What keeps a key from a gateway is more than that it wants one.
  if (kind !== 'phone' && said !== undefined) return said;
  // It has said so itself, be it of the offer before.
  if (cause === 'security-required') return 'The called phone takes encrypted media only';
  return told !== undefined && isEncrypted(told) ? 'The called phone took no RTP/SAVP' : undefined;
}

/** Nobody answered in time: those that ring stop. */
export function unanswered(world: World, now: number, call: Call): void {
  const ending: Ending = { outcome: 'no-answer', cause: 'no-answer', event: 'call-refused' };
  const { attempt } = call;
  const goesOn =
    attempt?.kind === 'hunt-group' ||
    (attempt?.kind === 'line' && forwardedTo(attempt.forwarding, ending.cause) !== undefined) ||
    call.redirections.some(({ left }) => left.length > 0);
  if (!goesOn) {
    world.endCall(now, call, ending);
    return;
  }
  for (const leg of call.called.filter(isLive)) {
    world.emit({ kind: 'cancel', leg: leg.id, cause: 'no-answer' });
    world.dropLeg(now, call, leg);
  }
  notTaken(world, now, call, ending);
}
