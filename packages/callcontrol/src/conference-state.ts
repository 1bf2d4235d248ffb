/** Conferences: who is in which, and the one level that all of them have. */
import { type Call, isLive, levelOf } from './call.ts';
import { lowestLevel } from './media.ts';
import type { World } from './world.ts';

/** One conference while somebody is in it. Everybody has a call of his own, whose other end is the manager. */
export interface Conference {
  /** For the relay; new each time that one begins. */
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly members: Set<Call>;
}

/** The minimum over all legs. */
export function conferenceLevel({ members }: Conference) {
  return lowestLevel(
    [...members]
      .map(({ caller }) => caller)
      .filter(isLive)
      .map(levelOf),
  );
}

/** Computes the level of a conference anew, and shows it to everybody in it. */
export function settleConference(world: World, now: number, { members }: Conference, cause: string): void {
  for (const call of members) {
    world.noteLevel(now, call, cause);
    world.settleLevel(call);
    world.showLevel(call);
  }
}

/** A call that ends is in its conference no more; with the last one nothing is left of that. */
export function leaveConference(world: World, now: number, call: Call): void {
  const { conference } = call;
  if (conference?.members.delete(call) !== true) return;
  if (conference.members.size === 0) world.conferences.delete(conference.number);
  settleConference(world, now, conference, 'somebody left the conference');
}
