/** The first word of a caller: who it is, and whether it may call at all now. */
import { beginCall, type Call } from './call.ts';
import type { Device } from './directory.ts';
import { CallControlError } from './error.ts';
import { notePort } from './far-side.ts';
import type { CallControlInput, CallerIdentity } from './inputs.ts';
import { withUsableKeys } from './negotiation.ts';
import { pickUp, type Taking } from './pick-up.ts';
import { openLeg } from './placing.ts';
import { follow, refused, routeOf } from './routing.ts';
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

  const route = routeOf(world, now, input.destination, input);
  const isEmergency = route?.kind === 'trunk' && route.emergency === true;
  const refusal = belonging(call, device) ?? (isEmergency ? undefined : room(world, call, device));
  if (refusal !== undefined) {
    world.endCall(now, call, refusal);
    return;
  }
  const taking: Taking | undefined =
    input.takes !== undefined
      ? { kind: 'leg', ...input.takes }
      : route?.kind === 'pick-up'
        ? { kind: 'ringing', line: route.line }
        : route?.kind === 'park'
          ? { kind: 'parked', number: route.number }
          : undefined;
  if (taking !== undefined) {
    const ending = pickUp(world, now, call, taking);
    if (ending !== undefined) world.endCall(now, call, ending);
    return;
  }
  follow(world, now, call, input.destination, route);
}

function openCall(world: World, now: number, input: Incoming, device: Device | undefined): Call {
  const caller = openLeg(input.leg, 'calling', input.device, input.line, device, input.protection);
  caller.takesDigits = input.takesDigits === true;
  notePort(caller, input.port);
  if (input.offer !== undefined) caller.offered = withUsableKeys(input.offer);
  return beginCall({
    id: world.identifier(),
    startedAt: world.ports.wallTime(now),
    destination: input.destination,
    identity: device?.kind === 'phone' ? ownIdentity(world, input) : input.caller,
    caller,
    onlyOn: input.onlyOn,
    before: input.diversions ?? [],
    hopsLeft: input.hopsLeft,
    ...(input.breadth === undefined ? {} : { breadth: input.breadth }),
  });
}

/** A phone is who the directory says, whatever its message says. */
function ownIdentity(world: World, input: Incoming): CallerIdentity {
  const displayName = world.ports.directory.line(input.line)?.displayName ?? input.caller.displayName;
  const { anonymous } = input.caller;
  return { number: input.line, anonymous, ...(displayName === undefined ? {} : { displayName }) };
}

/** Whether the caller is one who may call, from this line. */
function belonging(call: Call, device: Device | undefined): Ending | undefined {
  if (device === undefined) return refused('call-rejected');
  // A phone calls from its own lines only; trunks and gateways may name any caller.
  if (device.kind === 'phone' && !device.lines.includes(call.caller.line)) {
    return { ...refused('call-rejected'), event: 'request-refused', warning: 'the line belongs to another device' };
  }
  return undefined;
}

/** Whether there is room for one more call. */
function room(world: World, call: Call, device: Device | undefined): Ending | undefined {
  if (world.draining) return refused('service-unavailable');
  if (world.calls.size > world.settings.mostCalls) return refused('switching-equipment-congestion');
  const most = world.ports.directory.line(call.caller.line)?.maximumCalls ?? world.settings.callsPerLine;
  if (device?.kind === 'phone' && world.callsOfLine(call.caller.line) > most) {
    return { ...refused('user-busy'), warning: 'the calling line holds as many calls as it may' };
  }
  return undefined;
}
