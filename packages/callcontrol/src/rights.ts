import type { Leg } from './call.ts';
import type { World } from './world.ts';

/** Whether the line of `taker` may take what is another's: its own line's, its own device's, or its groups'. */
export function mayTake(world: World, taker: Leg, of: Leg): boolean {
  if (taker.device === of.device || taker.line === of.line) return true;
  return world.ports.directory.pickUpLines(taker.line).includes(of.line);
}
