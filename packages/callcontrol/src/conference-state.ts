/** Conferences: who is in which, and the one level that all of them have. */
import { type Call, isLive, levelOf } from './call.ts';
import type { CallControlInput } from './inputs.ts';
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

/** Where somebody is, as a conference sees it: elsewhere, asked for an offer because he was transferred there, or in it. */
export type MemberState = 'outside' | 'asked' | 'in';

type MemberInput = CallControlInput['kind'] | 'another';

/**
 * What takes somebody into a conference and out of it: his place × what he says, or `another` does, → where he may be then. What is
 * not named leaves him where he is; a test drives random calls, and those that are rare, to see that nothing else happens and
 * that all of this does.
 */
export const conferenceTable: Readonly<
  Record<MemberState, Readonly<Partial<Record<MemberInput, readonly (MemberState | 'gone')[]>>>>
> = {
  outside: {
    incoming: ['in'],
    another: ['asked'], // transferred there, and free
    answer: ['asked'], // transferred there, and free by that
  },
  asked: {
    offer: ['in', 'outside', 'gone'], // he may come in; or not, and goes home, where his call may be over
    'offer-refused': ['outside'],
    released: ['gone'],
    cancelled: ['gone'],
  },
  in: {
    released: ['gone'],
    cancelled: ['gone'],
    another: ['gone'], // his connection or his side of the relay is lost
  },
};

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
