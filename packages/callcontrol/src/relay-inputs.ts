/** What comes from legs whose media go over the relay, and from the relay itself. */
import { type Call, heardLeg, type Leg } from './call.ts';
import { digitPressed } from './digits.ts';
import type { CallControlInput } from './inputs.ts';
import { leftAlone } from './left-waiting.ts';
import type { LegInput } from './leg-table.ts';
import type { RelaySideId } from './relay-state.ts';
import { asSaid, leaveRelay, tellAlone, tellRelay } from './relaying.ts';
import { isAnsweredOtherwise, obstacleToTranscoding, transcode } from './transcoding.ts';
import type { World } from './world.ts';

/** An input of a leg as call control takes it; only a leg without SRTP that has the relay before it is spoken for. */
export function overRelay(world: World, call: Call, leg: Leg, input: LegInput): LegInput {
  if (input.kind === 'progress' || input.kind === 'answered') {
    leg.takesDigits ||= input.takesDigits === true;
    speakOtherwise(world, call, leg, input);
  }
  if (call.caller.relay !== undefined || leg.relay !== undefined) world.relayed.add(call);
  if (leg.relay === undefined) return input;
  switch (input.kind) {
    case 'progress':
      return { ...input, answer: asSaid(world, call, leg, input.answer, leg.told) };
    case 'answered':
      return input.media === undefined ? input : { ...input, media: asSaid(world, call, leg, input.media, leg.told) };
    case 'offer':
      return { ...input, offer: asSaid(world, call, leg, input.offer, undefined) };
    case 'answer':
      return { ...input, answer: asSaid(world, call, leg, input.answer, offerTo(call, leg)) };
    default:
      return input;
  }
}

/**
 * The called answers in a format that it was not offered, as some do whatever the offer was: the caller is told the relay's, and
 * the called is offered it when it has answered.
 */
function speakOtherwise(
  world: World,
  call: Call,
  leg: Leg,
  input: Extract<LegInput, { kind: 'progress' | 'answered' }>,
): void {
  const { told } = leg;
  const answer = input.kind === 'progress' ? input.answer : input.media;
  if (told === undefined || answer === undefined || leg.relay?.transcodes === true) return;
  if (!world.owns(call, call.caller) || call.connected !== undefined || !isAnsweredOtherwise(told, answer)) return;
  if (obstacleToTranscoding(world, told) !== undefined) return;
  const isToldOther = leg.relay === undefined;
  transcode(world, leg);
  if (leg.relay !== undefined) leg.relay.isToldOther = isToldOther;
}

/** The offer that a leg answers. */
function offerTo({ exchange }: Call, leg: Leg) {
  return exchange === undefined || exchange.kind === 'requested' || exchange.to !== leg ? undefined : exchange.told;
}

/** The relay hears what the present input has changed; an end that is told the other's own media again leaves it. */
export function tellRelays(world: World): void {
  for (const call of world.relayed) {
    const { caller, connected, exchange } = call;
    // While one of the two is away to be joined with somebody else, its media and its sides are of that call; it may come back.
    const isTogether = world.owns(call, caller) && (connected === undefined || world.owns(call, connected));
    const alone = leftAlone(world, call);
    if (alone !== undefined) tellAlone(world, call, alone);
    if (!world.calls.has(call.id) || !isTogether) continue;
    tellRelay(world, call);
    const isDirect = connected !== undefined && heardLeg(call)?.relay === undefined && exchange === undefined;
    if (isDirect && caller.toldFrom === connected.media) leaveRelay(world, caller);
  }
  world.relayed.clear();
}

/** A thread of the relay has failed: the calls that it had end, since their ends hear each other no longer. */
export function relayLost(world: World, now: number, sides: readonly RelaySideId[]): void {
  for (const side of sides) {
    const found = legOfSide(world, side);
    if (found === undefined) continue;
    const warning = 'The media relay of this call has failed';
    world.endCall(now, found.call, { outcome: 'failed', cause: 'temporary-failure', warning });
  }
}

/** More of a leg's packets than may be do not authenticate: somebody ought to know, before its people complain. */
export function relayFailures(
  world: World,
  now: number,
  input: Extract<CallControlInput, { kind: 'relay-failures' }>,
): void {
  const found = legOfSide(world, input.side);
  if (found === undefined) return;
  const { call, leg } = found;
  const cause = `${input.sentence} The key of ${leg.line} is ${input.fingerprint.slice(0, 16)}.`;
  world.event(now, 'media-authentication-failures', call, leg, input.reason, cause);
}

/** A digit in the voice of a leg, for the other end's signalling. */
export function digitHeard(
  world: World,
  { side, digit, milliseconds }: Extract<CallControlInput, { kind: 'relay-digit-heard' }>,
): void {
  const found = legOfSide(world, side);
  if (found !== undefined) digitPressed(world, found.call, found.leg, digit, milliseconds);
}

function legOfSide(world: World, side: RelaySideId): { readonly call: Call; readonly leg: Leg } | undefined {
  for (const found of world.legs.values()) {
    if (found.leg.relay?.streams.some((stream) => stream?.side === side)) return found;
  }
  return undefined;
}
