/** The called's side of a call that is set up: it rings, gives early media, answers. */
import { type Call, isLive, type Leg } from './call.ts';
import { settle } from './exchange.ts';
import { isInAnotherCall } from './line-calls.ts';
import type { MediaDescription } from './media.ts';
import { decideWithRelay, takeToRelay } from './media-path.ts';
import {
  answerFor,
  carryOffer,
  checkAnswer,
  chosenFrom,
  isUnchanged,
  isWithheld,
  type MediaFault,
  withUsableKeys,
} from './negotiation.ts';
import { nextStepAfterRefusal } from './next-steps.ts';
import type { Refusal } from './policy.ts';
import { behindNat } from './relaying.ts';
import { isAnsweredOtherwise, whyNotTranscoded } from './transcoding.ts';
import type { World } from './world.ts';

/** @param saysWaiting its user is in another call already, as the leg itself says */
export function ringing(world: World, call: Call, leg: Leg, saysWaiting = false): void {
  if (leg.state !== 'trying') return;
  world.enter(leg, 'ringing');
  if (call.caller.state !== 'trying') return;
  world.enter(call.caller, 'ringing');
  if (isForTransfer(call)) world.noteTransfer(call, { kind: 'rings' });
  else {
    const waits = call.called
      .filter(isLive)
      .every((one) => (one === leg && saysWaiting) || isInAnotherCall(world, one));
    const { id, level } = call;
    world.emit({ kind: 'ring', leg: call.caller.id, call: id, level, ...(waits ? { callWaiting: true } : {}) });
  }
}

/** Whether a call is placed for somebody who talks in another one still. */
function isForTransfer(call: Call): boolean {
  return call.transfer?.target === call && call.transfer.other === undefined;
}

/** Early media: only where one phone rings, since the caller could not tell several apart. */
export function progress(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  answer: MediaDescription,
  takesOffers: boolean,
): void {
  const { offered } = call.caller;

  if (isForTransfer(call)) {
    ringing(world, call, leg); // the transferee hears nothing of it yet
    return;
  }
  if (offered === undefined) return;
  // What the caller has heard, within its one dialog, cannot be taken back, for another phone's or for this one's
  // second thoughts: "the UAC MUST treat the first session description it receives as the answer" (RFC 3261 §13.2.1).
  if (call.early !== undefined || call.called.filter(isLive).length > 1) {
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
  call.early = { leg, told, takesOffers };
  world.emit({ kind: 'progress', leg: call.caller.id, answer: told, level: call.level });
}

/** Takes the called's answer to the offer it was placed with; a bad one ends the call, and undefined is returned. */
export function judgeAnswer(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  answer: MediaDescription,
): MediaDescription | undefined {
  if (leg.told === undefined) return undefined;
  const result = checkAnswer(leg.told, withUsableKeys(answer));
  const lacking = isAnsweredOtherwise(leg.told, answer) ? whyNotTranscoded(world, leg.told) : undefined;
  const fault = lacking ?? (result.kind === 'fault' ? result.fault : world.claim(now, call, leg, result.answer));
  if (fault === undefined && result.kind === 'agreed') return result.answer;
  if (fault !== undefined) failSetup(world, now, call, leg, fault);
  return undefined;
}

function failSetup(world: World, now: number, call: Call, leg: Leg, fault: MediaFault | Refusal): void {
  // What the called has offered is refused for the caller, which is the gateway then.
  const isOfGateway = 'obstacle' in fault && fault.obstacle === 'gateway-not-proven';
  if ('security' in fault) world.faultEvent(now, call, leg, fault);
  else
    world.event(
      now,
      fault.event,
      call,
      leg,
      fault.cause,
      `${fault.warning}.`,
      nextStepAfterRefusal(fault.cause, call.id, isOfGateway ? call.caller.device : undefined),
    );
  world.endCall(now, call, { outcome: 'failed', cause: fault.cause, warning: fault.warning });
}

/** The called answered: the others stop ringing, and the caller gets the answer, or the late offer. */
export function answered(world: World, now: number, call: Call, leg: Leg, media: MediaDescription | undefined): void {
  if (call.connected !== undefined) return;
  world.enter(leg, 'connected'); // whatever is wrong with its answer, it is hung up and not cancelled
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
  if (isForTransfer(call) && call.transfer !== undefined) {
    stopOthers(world, now, call, leg);
    call.transfer.answer = description;
    world.noteLevel(now, call, 'one of the called answered');
    world.noteTransfer(call, { kind: 'answered' });
    return;
  }
  if (caller.offered === undefined) {
    answeredWithOffer(world, now, call, leg, description);
    return;
  }
  const agreed = judgeAnswer(world, now, call, leg, description);
  if (agreed === undefined || leg.told === undefined) return;
  // A caller has one answer to its offer (RFC 3261 §13.2.1): where an earlier one was another, this one comes as an offer.
  const answer = answerFor(caller.offered, agreed);
  const isRepeated = call.early?.leg === leg && leg.early !== undefined && isUnchanged(leg.early, agreed);
  const earlier = isRepeated ? undefined : call.early?.told;
  const told = earlier ?? answer;
  if (!world.mayTell(now, call, told)) return;
  connect(world, now, call, leg);
  leg.media = agreed;
  caller.media = chosenFrom(leg.told, agreed);
  caller.told = told;
  // Who has answered otherwise than it was offered is offered the relay's media now.
  leg.toldFrom = leg.relay?.isToldOther === true ? undefined : caller.media;
  if (leg.relay !== undefined) leg.relay.isToldOther = false;
  // A stream that was steered is refused for now; its caller is offered it again at once, under the suite wanted.
  caller.toldFrom = earlier !== undefined || isWithheld(agreed, told) ? undefined : agreed;
  // Every phone that rang learned the caller's keys: one of them talks, the others must not be able to listen.
  caller.renewKey = call.told > 1 && agreed.streams.some((stream) => stream.keys.length > 0);
  world.noteLevel(now, call, 'the call was answered');
  caller.shown = call.level;
  world.emit({ kind: 'accept', leg: caller.id, answer: told, level: call.level });
  saidAnswered(world, now, call, leg);
  if (agreed.streams.some((stream) => behindNat(leg, stream) !== undefined)) takeToRelay(world, call, 'behind-nat');
  // What the caller had offered before is answered after the call, as any other offer.
  if (call.exchange?.kind === 'early') call.exchange = { ...call.exchange, kind: 'relayed' };
  settle(world, now, call);
}

/** A late offer (RFC 3264 §4): the called is the offerer now, and policy judges it as one. */
function answeredWithOffer(world: World, now: number, call: Call, leg: Leg, received: MediaDescription): void {
  const { caller } = call;
  const told = carryLateOffer(world, now, call, leg, received);
  if (told === undefined) return;
  connect(world, now, call, leg);
  world.noteLevel(now, call, 'the call was answered');
  caller.shown = call.level;
  world.emit({ kind: 'accept-with-offer', leg: caller.id, offer: told, level: call.level });
  saidAnswered(world, now, call, leg);
}

/** The same to a caller that talks already, to somebody else: it is offered within its session. */
export function offerCaller(world: World, now: number, call: Call, leg: Leg, received: MediaDescription): void {
  const { caller } = call;
  const told = carryLateOffer(world, now, call, leg, received);
  if (told === undefined) return;
  world.noteLevel(now, call, 'the called answered');
  caller.shown = call.level;
  world.emit({ kind: 'offer', leg: caller.id, offer: told, level: call.level });
}

/** The called's late offer as the caller is told it, with the exchange begun; undefined where it ended the call. */
export function carryLateOffer(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  received: MediaDescription,
  calls?: true,
): MediaDescription | undefined {
  const { caller } = call;
  const offer = withUsableKeys(received);
  const decision = decideWithRelay(world, call, offer, leg, caller);
  if (decision.kind === 'refuse') {
    failSetup(world, now, call, leg, decision);
    return undefined;
  }
  const carried = carryOffer(offer, decision.kind === 'secure', call.policy, world.settings.suites);
  const fault = carried.kind === 'fault' ? carried.fault : world.claim(now, call, leg, carried.description);
  if (fault !== undefined) {
    failSetup(world, now, call, leg, fault);
    return undefined;
  }
  if (carried.kind === 'fault' || !world.mayTell(now, call, carried.description)) return undefined;
  if (decision.kind === 'clear') world.downgraded(now, call, leg, decision.downgrade);
  leg.offered = offer;
  call.exchange = { kind: 'late', from: leg, to: caller, told: carried.description, ...(calls && { calls }) };
  world.deadlines.set(`offer ${call.id}`, now + world.settings.offerTimeout);
  return carried.description;
}

export function connect(world: World, now: number, call: Call, leg: Leg): void {
  stopOthers(world, now, call, leg);
  world.enter(call.caller, 'connected');
  call.answeredAt = world.ports.wallTime(now);
}

/** The call is this phone's: the others stop ringing. */
function stopOthers(world: World, now: number, call: Call, leg: Leg): void {
  world.deadlines.clear(`no-answer ${call.id}`);
  call.connected = leg;
  for (const other of call.called.filter((other) => other !== leg && isLive(other))) {
    world.emit({ kind: 'cancel', leg: other.id, cause: 'answered-elsewhere' });
    world.dropLeg(now, call, other);
  }
}

function saidAnswered(world: World, now: number, call: Call, leg: Leg): void {
  world.event(now, 'call-answered', call, leg, 'call-answered', `${leg.line} answered ${call.caller.line}.`);
  world.showLevel(call);
}
