/** Two ends that talked to others are joined in one call: each is told media that the other made for it. */
import { judgeAnswer, offerCaller } from './answering.ts';
import { beginCall, type Call, type Leg, otherLeg, policyEnd } from './call.ts';
import { strictest } from './diversion.ts';
import { offered, settle } from './exchange.ts';
import type { CallerIdentity } from './inputs.ts';
import { decideWithRelay } from './media-path.ts';
import { decideLateOffer } from './policy.ts';
import { mayUseKeys } from './protection.ts';
import { withoutKeys } from './relaying.ts';
import type { Transfer } from './transfer-state.ts';
import { recordedLegs, type World } from './world.ts';

/** The one who was called for the transferee has answered: they are joined in that call. */
export function joinAnswered(world: World, now: number, transfer: Transfer): void {
  const { target: call, transferee, origin, answer } = transfer;
  const answerer = call.connected;
  if (answerer === undefined || answer === undefined) return;
  transfer.joined = call;
  fetch(world, now, transferee, origin, call, 'calling');
  call.caller = transferee;
  world.noteLevel(now, call, 'the called answered');
  if (answerer.told === undefined) {
    offerCaller(world, now, call, answerer, answer);
    return;
  }
  const agreed = judgeAnswer(world, now, call, answerer, answer);
  if (agreed === undefined) return;
  const decision = decideWithRelay(world, call, agreed, answerer, transferee);
  if (decision.kind === 'refuse') {
    world.event(now, decision.event, call, answerer, decision.cause, `${decision.warning}.`);
    world.endCall(now, call, { outcome: 'failed', cause: decision.cause, warning: decision.warning });
    return;
  }
  answerer.media = agreed;
  world.noteLevel(now, call, 'the called answered');
  // It holds what the transferee had, or what the transferor offered it while it rang.
  answerer.toldFrom = transfer.kind === 'attended' ? undefined : transferee.media;
  transferee.toldFrom = undefined;
  settle(world, now, call);
}

/** Who has called in another's place offers to the partner, who may refuse: then all stays as it was. */
export function joinReplacing(world: World, now: number, transfer: Transfer): void {
  const { target: call, transferee, origin } = transfer;
  const { caller } = call;
  if (caller.offered === undefined) return;
  transfer.joined = call;
  fetch(world, now, transferee, origin, call, 'called');
  call.called.push(transferee);
  call.connected = transferee;
  world.noteLevel(now, call, 'the partner was asked');
  offered(world, now, call, caller, caller.offered);
}

/** Both talk, to the transferor: one is asked for an offer, the other gets it. */
export function joinTalking(world: World, now: number, transfer: Transfer, other: Leg, identity: CallerIdentity): void {
  const { origin, target, transferee, transferor } = transfer;
  const partner = otherLeg(target, other);
  if (partner === undefined) return;
  const call = beginCall({
    id: world.identifier(),
    startedAt: world.ports.wallTime(now),
    destination: partner.line,
    identity,
    caller: transferee,
    called: [partner],
    connected: partner,
    policy: strictest(origin.policy, target.policy),
    transfer,
    referral: { kind: 'attended', by: transferor, calls: [origin.id, target.id] },
  });
  transfer.joined = call;
  world.calls.set(call.id, call);
  fetch(world, now, transferee, origin, call, 'calling');
  fetch(world, now, partner, target, call, 'called');
  world.noteLevel(now, call, 'the call began');
  // Who can have no keys offers: an offer with keys to such an end could only be refused.
  const asked = isCapable(partner) || !isCapable(transferee) ? transferee : partner;
  const answerer = asked === transferee ? partner : transferee;
  const refusal = decideLateOffer(call.policy, policyEnd(answerer), policyEnd(asked));
  if (refusal !== undefined) {
    world.event(now, refusal.event, call, asked, refusal.cause, `${refusal.warning}.`);
    world.endCall(now, call, { outcome: 'failed', cause: refusal.cause, warning: refusal.warning });
    return;
  }
  call.exchange = { kind: 'requested', to: asked };
  world.deadlines.set(`offer ${call.id}`, now + world.settings.offerTimeout);
  world.emit({ kind: 'request-offer', leg: asked.id, level: call.level });
}

/** The transferee is asked for an offer to the conference that it is to take part in. */
export function joinConferenceAsked(world: World, now: number, transfer: Transfer): void {
  const { target: call, transferee, origin } = transfer;
  transfer.joined = call;
  fetch(world, now, transferee, origin, call, 'calling');
  call.caller = transferee;
  world.noteLevel(now, call, 'the transferee was asked');
  call.exchange = { kind: 'requested', to: transferee };
  world.deadlines.set(`offer ${call.id}`, now + world.settings.offerTimeout);
  world.emit({ kind: 'request-offer', leg: transferee.id, level: call.level, isFocus: true });
}

function isCapable({ mode, protection }: Leg): boolean {
  return mayUseKeys(mode, protection);
}

/** Takes a leg into another call. It goes back by itself should that end before the two have agreed. */
function fetch(world: World, now: number, leg: Leg, from: Call, to: Call, role: Leg['role']): void {
  from.recorded = recordedLegs(from);
  const { role: roleThere, toldFrom, relay, media, told } = leg;
  to.homes = [...to.homes, { leg, call: from, role: roleThere, toldFrom, relay, media, told }];
  // What stood for keys of a leg without SRTP stands for nothing here.
  if (relay?.isClear === true) {
    leg.media = media && withoutKeys(media);
    leg.told = told && withoutKeys(told);
  }
  leg.relay = undefined;
  world.moveLeg(now, leg, from, to);
  leg.role = role;
  if (leg.media !== undefined) leg.exposed.push(leg.media);
}
