/** Parking: a call waits at a number, with nobody at its other end, until somebody dials that. */
import type { Leg } from './call.ts';
import { leaveRelay, withoutKeys } from './relaying.ts';
import type { Transfer } from './transfer-state.ts';
import { waitingMedia } from './waiting-media.ts';
import { recordedLegs, type World } from './world.ts';

/** A parked call: where, and who comes back to it. */
export interface Parked {
  readonly number: string;
  readonly by: Leg;
}

/**
 * The one to be transferred waits from now on, alone, in the call that was placed for it. False where that cannot be, and
 * that call has ended with the reason.
 */
export function park(world: World, now: number, transfer: Transfer): boolean {
  const { target: call, origin, transferee, transferor } = transfer;
  const number = call.destination;
  const { media } = transferee;
  if (world.parked.has(number) || origin.exchange !== undefined || media === undefined) {
    const isTaken = world.parked.has(number);
    const cause = isTaken ? 'user-busy' : 'temporary-failure';
    const warning = isTaken ? 'Another call is parked there' : 'An offer is under way; try again';
    world.endCall(now, call, { outcome: 'refused', cause, warning, event: 'call-refused' });
    return false;
  }
  origin.recorded = recordedLegs(origin);
  const said = transferee.relay?.isClear === true ? withoutKeys(media) : media;
  leaveRelay(world, transferee);
  world.moveLeg(now, transferee, origin, call);
  transferee.role = 'calling';
  transferee.media = said;
  transferee.exposed.push(said);
  call.caller = transferee;
  call.answeredAt = world.ports.wallTime(now);
  call.parked = { number, by: transferor };
  world.parked.set(number, call);
  const told = waitingMedia(world, said);
  call.exchange = { kind: 'void', to: transferee, told };
  world.deadlines.set(`offer ${call.id}`, now + world.settings.offerTimeout);
  world.deadlines.set(`park ${call.id}`, now + world.settings.parkTimeout);
  world.noteLevel(now, call, 'the call was parked');
  transferee.shown = call.level;
  world.emit({ kind: 'offer', leg: transferee.id, offer: told, level: call.level });
  world.event(
    now,
    'call-parked',
    call,
    transferor,
    'parked',
    `${transferor.line} parked ${transferee.line} at ${number}.`,
  );
  return true;
}
