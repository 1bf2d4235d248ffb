/** What a line does now, for those who may watch it. */
import type { Leg } from './call.ts';
import type { CallerIdentity, LegId } from './inputs.ts';
import type { World } from './world.ts';

/** One leg of a line in a call. */
export interface LineCall {
  readonly leg: LegId;
  readonly device: string;
  readonly role: 'calling' | 'called';
  readonly state: 'trying' | 'ringing' | 'connected';
  /** Who is, or is wanted, at the other end. */
  readonly other: CallerIdentity;
}

/** Every leg of a line that is in a call now: several where it stands on several devices that ring. */
export function lineCalls(world: World, line: string): readonly LineCall[] {
  return world.callsAt(line).flatMap((call) =>
    [call.caller, ...call.called].flatMap((leg): LineCall[] => {
      const { id, device, role, state } = leg;
      if (!world.owns(call, leg) || state === 'ended' || leg.line !== line) return [];
      const called = { number: call.connected?.line ?? call.destination, anonymous: false };
      return [{ leg: id, device, role, state, other: role === 'called' ? call.identity : called }];
    }),
  );
}

/** Whether the phone of a leg has another call of the same line that was answered, be it held. */
export function isInAnotherCall(world: World, { id, device, kind, line }: Leg): boolean {
  if (kind !== 'phone') return false;
  return lineCalls(world, line).some((one) => one.leg !== id && one.device === device && one.state === 'connected');
}
