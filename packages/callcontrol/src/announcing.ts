/** Calls that leave protection: refused, or the caller hears so from the relay before the call goes on. */
import type { Attempt, Call } from './call.ts';
import type { Device, LeavingProtection } from './directory.ts';
import { answerOurselves } from './own-answer.ts';
import { openLeg } from './placing.ts';
import { relayedLeg } from './relay-state.ts';
import { asTold, leaveRelay, takeOwnSides, tellAlone } from './relaying.ts';
import type { Ending, World } from './world.ts';

type TrunkAttempt = Extract<Attempt, { kind: 'trunk' }>;

/** A caller who is being told, and where his call goes then. */
export interface Announcing {
  readonly device: string;
  readonly attempt: TrunkAttempt;
}

/** What is done about a call that goes out by this device: its route says it, else the device. A call for help always goes. */
export function leavingBy(call: Call, { leavingProtection }: Device, attempt: TrunkAttempt): LeavingProtection {
  if (call.isEmergency) return 'allow';
  return attempt.leavingProtection ?? leavingProtection ?? 'allow';
}

export function mayNotLeave(device: string): Ending {
  return not(`Protection ends at ${device}, and calls may not go beyond it`);
}

/**
 * The caller is answered early by the relay, which says that protection ends there. Why not, where he cannot be told: his call does
 * not go on untold.
 */
export function announce(world: World, now: number, call: Call, announcing: Announcing): Ending | undefined {
  const { caller } = call;
  const { device } = announcing;
  const length = world.settings.announcement;
  const cannot = (why: string) => not(`Protection ends at ${device}, and the caller cannot be told: ${why}`);
  if (world.ports.relay === undefined || length === undefined) return cannot('there is no media relay');
  if (!world.owns(call, caller) || caller.role !== 'calling' || call.transfer !== undefined) {
    return cannot('who is transferred or called back hears somebody else');
  }
  if (caller.offered === undefined || call.early !== undefined) return cannot('it takes no media before the answer');
  const agreed = answerOurselves(world, now, call, call.policy, caller.offered, 'The announcement');
  if (agreed.kind !== 'agreed') return cannot(agreed.warning);
  if (!world.mayTell(now, call, agreed.told)) return undefined;
  const announcer = openLeg(world.identifier(), 'called', '', '', undefined, ourselves);
  announcer.state = 'ended'; // it has no signalling
  announcer.relay = relayedLeg('announcement', false);
  const isNew = caller.relay === undefined;
  caller.relay ??= relayedLeg('announcement', false);
  if (!takeOwnSides(world, call, caller, agreed.told)) {
    if (isNew) leaveRelay(world, caller);
    return cannot('no port of the media relay is free');
  }
  call.announcing = announcing;
  Object.assign(caller, { media: agreed.media, told: agreed.told });
  call.early = { leg: announcer, told: agreed.told, takesOffers: false };
  // What the answer of the called has to repeat is what the caller has been told (RFC 3261 §13.2.1).
  call.early = { ...call.early, told: asTold(world, call, caller, agreed.told, 'answer') };
  world.noteLevel(now, call, 'the caller hears where protection ends');
  world.noteRoute(now, call, `The caller hears that protection ends at ${device}.`);
  world.emit({ kind: 'progress', leg: caller.id, answer: call.early.told, level: call.level });
  world.deadlines.set(`announce ${call.id}`, now + length);
  return undefined;
}

/** The caller has heard it: where his call goes now. What the called says comes to him as an offer, after the answer. */
export function announced(world: World, now: number, call: Call): TrunkAttempt | undefined {
  const { announcing, caller, early } = call;
  if (announcing === undefined || early === undefined) return undefined;
  call.announcing = undefined;
  call.isAnnounced = true;
  tellAlone(world, call, caller);
  early.leg.relay = undefined;
  Object.assign(caller, { media: undefined, told: undefined });
  world.noteLevel(now, call, 'the caller has heard where protection ends');
  const sentence = `${caller.line} was told that protection ends at ${announcing.device}; the call goes on there.`;
  world.event(now, 'protection-left', call, caller, 'announced', sentence);
  return announcing.attempt;
}

const ourselves = { protocol: 'sip', signalling: 'none', proof: 'none' } as const;

function not(warning: string): Ending {
  return { outcome: 'refused', cause: 'security-required', warning, event: 'call-refused' };
}
