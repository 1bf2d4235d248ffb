/** Call back: whoever found a number busy is rung when it is free, and once he has answered the number is called for him. */
import { beginCall, type Call, type Leg } from './call.ts';
import type { CallControlInput, CallerIdentity } from './inputs.ts';
import type { MediaDescription } from './media.ts';
import { withUsableKeys } from './negotiation.ts';
import { openLeg, place } from './placing.ts';
import { follow, routeOf } from './routing.ts';
import { beginTransfer, standIn } from './transfer.ts';
import { waitingMedia } from './waiting-media.ts';
import type { World } from './world.ts';

type CallBack = Extract<CallControlInput, { kind: 'call-back' }>;

/** How long he is rung, in milliseconds: somebody who waits for a call is near. */
export const callBackTimeout = 20_000;

/** Rings the device that wants the number; nothing happens where it is not there, or no new call is taken. */
export function callBack(world: World, now: number, { device: name, line, destination }: CallBack): void {
  const { directory } = world.ports;
  const device = directory.device(name);
  const protection = directory.registration(name, line);
  if (device === undefined || protection === undefined) return;
  if (world.draining || world.calls.size >= world.settings.mostCalls) return;
  const nobody = openLeg(world.identifier(), 'calling', name, line, undefined, {
    protocol: protection.protocol,
    signalling: 'none',
    proof: 'none',
  });
  nobody.state = 'ended';
  const call = beginCall({
    id: world.identifier(),
    startedAt: world.ports.wallTime(now),
    destination: line,
    identity: shownAs(world, destination),
    caller: nobody,
    callBack: destination,
  });
  world.calls.set(call.id, call);
  world.event(now, 'call-started', call, nobody, 'call-back', `${line} is called back: ${destination} is free.`);
  world.noteLevel(now, call, 'the call began');
  const refusal = place(world, now, call, { device, line, protection }, call.breadth);
  if (refusal === undefined) world.deadlines.set(`no-answer ${call.id}`, now + callBackTimeout);
  else world.endCall(now, call, { outcome: 'failed', cause: refusal.cause, warning: refusal.warning });
}

/** He sees whom it is about. */
function shownAs(world: World, destination: string): CallerIdentity {
  const name = world.ports.directory.line(destination)?.displayName;
  return { number: destination, displayName: `Call back: ${name ?? destination}`, anonymous: false };
}

/** He has answered, with an offer. Nothing is there yet to be heard, so that he is told to wait, and the number is called. */
export function answeredCallBack(world: World, now: number, call: Call, leg: Leg, received: MediaDescription): void {
  const number = call.callBack;
  if (number === undefined || call.connected !== undefined) return;
  world.enter(leg, 'connected');
  world.deadlines.clear(`no-answer ${call.id}`);
  call.connected = leg;
  call.answeredAt = world.ports.wallTime(now);
  const offer = withUsableKeys(received);
  leg.offered = offer;
  leg.told = waitingMedia(world, offer);
  leg.shown = call.level;
  world.emit({ kind: 'answer', leg: leg.id, answer: leg.told, level: call.level });
  world.event(now, 'call-answered', call, leg, 'call-back', `${leg.line} answered the call back for ${number}.`);

  const identity = { number: leg.line, anonymous: false };
  const displayName = world.ports.directory.line(leg.line)?.displayName;
  const target = beginCall({
    id: world.identifier(),
    startedAt: world.ports.wallTime(now),
    destination: number,
    identity: displayName === undefined ? identity : { ...identity, displayName },
    caller: standIn(world, call, leg),
  });
  const transferor: Leg = { ...leg, id: world.identifier(), state: 'ended' };
  beginTransfer(call, { kind: 'call-back', state: 'waiting', transferor, transferee: leg, target, other: undefined });
  world.calls.set(target.id, target);
  world.event(
    now,
    'call-started',
    target,
    target.caller,
    'call-back',
    `${leg.line} calls ${number}, called back for it.`,
  );
  world.noteLevel(now, target, 'the call began');
  follow(world, now, target, number, routeOf(world, now, number, leg));
}
