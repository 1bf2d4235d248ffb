/** A called that names other numbers in place of taking the call (SIP's 3xx). */
import { type Call, isLive, type Leg } from './call.ts';
import { goElsewhere, refused, refusedByCalled } from './routing.ts';
import type { World } from './world.ts';

/**
 * The called sends the call on. Who of several phones of a line does so does it for the line: the others stop ringing.
 * Within a hunt group it is a refusal, for the group is who was called.
 *
 * @param numbers the one that it wants most first
 */
export function redirected(world: World, now: number, call: Call, leg: Leg, numbers: readonly string[]): void {
  const { attempt } = call;
  if (attempt === undefined || attempt.kind === 'hunt-group' || numbers.length === 0) {
    refusedByCalled(world, now, call, leg, 'call-rejected');
    return;
  }
  world.dropLeg(now, call, leg);
  for (const other of call.called.filter(isLive)) {
    world.emit({ kind: 'cancel', leg: other.id, cause: 'cancelled' });
    world.dropLeg(now, call, other);
  }
  const isTrunk = attempt.kind === 'trunk';
  call.redirections.push({
    from: isTrunk ? attempt.number : attempt.line,
    // A line sends on what it might dial itself, whichever phone did it; a trunk has rights of its own.
    rights: { device: isTrunk ? leg.device : '', line: leg.line },
    left: [...numbers],
    diversions: call.diversions.length,
  });
  goElsewhere(world, now, call, refused('call-rejected'));
}
