/** A caller that changes its media before the answer (RFC 3262 §5, RFC 3311 §5.1, RFC 6337 §2.2). */
import { type Call, type Exchange, isLive, type Leg } from './call.ts';
import type { Cause } from './causes.ts';
import { failExchange, finish, refuseOffer, send } from './exchange.ts';
import type { MediaDescription } from './media.ts';
import { decideWithRelay } from './media-path.ts';
import { answerFor, carryOffer, checkAnswer, withUsableKeys } from './negotiation.ts';
import type { World } from './world.ts';

type EarlyExchange = Extract<Exchange, { kind: 'early' }>;

/** The called whose early media the caller hears, and that takes another offer before its answer: there is one that rings. */
export function isEarlyOffer(call: Call, leg: Leg): boolean {
  const { early } = call;
  const isSimple = call.transfer === undefined && call.homes.length === 0 && call.connected === undefined;
  const isDirect = leg.relay === undefined && early?.leg.relay === undefined;
  const live = call.called.filter(isLive);
  return (
    leg === call.caller &&
    early?.takesOffers === true &&
    live.length === 1 &&
    live[0] === early.leg &&
    isSimple &&
    isDirect
  );
}

/** The caller offers anew: it goes on to the called as any offer within a call. */
export function offeredEarly(world: World, now: number, call: Call, from: Leg, received: MediaDescription): void {
  const to = call.early?.leg;
  if (to === undefined || call.exchange !== undefined) {
    refuseOffer(world, from, 'glare', 'Another offer is under way; try again');
    return;
  }
  const offer = withUsableKeys(received);
  const decision = decideWithRelay(world, call, offer, from, to);
  if (decision.kind === 'refuse') {
    world.event(
      now,
      call.level === 'encrypted' ? 'downgrade-refused' : decision.event,
      call,
      from,
      decision.cause,
      `${decision.warning}.`,
    );
    refuseOffer(world, from, decision.cause, decision.warning);
    return;
  }
  if (from.relay !== undefined || to.relay !== undefined) {
    from.relay = undefined;
    to.relay = undefined;
    refuseOffer(world, from, 'not-acceptable-here', 'Before the answer no media are taken that need the relay');
    return;
  }
  const carried = carryOffer(offer, decision.kind === 'secure', call.policy, world.settings.suites);
  if (carried.kind === 'carried' && carried.steered) {
    refuseOffer(world, from, 'not-acceptable-here', 'No key was offered under a crypto suite of this call');
    return;
  }
  const fault = carried.kind === 'fault' ? carried.fault : world.claim(now, call, from, carried.description);
  if (fault !== undefined) {
    world.faultEvent(now, call, from, fault);
    refuseOffer(world, from, fault.cause, fault.warning);
    return;
  }
  if (carried.kind === 'fault' || !world.mayTell(now, call, carried.description)) return;
  if (decision.kind === 'clear') world.downgraded(now, call, from, decision.downgrade);
  send(world, now, call, { kind: 'early', from, to, offer, told: carried.description });
}

/** The called has taken it: what it said is the answer that its own may repeat. */
export function answeredEarly(
  world: World,
  now: number,
  call: Call,
  { from, to, offer, told }: EarlyExchange,
  leg: Leg,
  received: MediaDescription,
): void {
  if (leg !== to || call.early === undefined) return;
  const result = checkAnswer(told, withUsableKeys(received));
  const fault = result.kind === 'fault' ? result.fault : world.claim(now, call, leg, result.answer);
  if (fault !== undefined) failExchange(world, now, call, leg, fault);
  if (fault !== undefined || result.kind === 'fault') return;
  finish(world, call);
  const answer = answerFor(offer, result.answer);
  to.told = told;
  to.early = result.answer;
  from.offered = offer;
  call.early = { ...call.early, told: answer };
  world.noteLevel(now, call, `${from.line} changed its media before the answer`);
  if (world.mayTell(now, call, answer)) world.emit({ kind: 'answer', leg: from.id, answer, level: call.level });
}

/** The called refuses it: its early media go on as they were. */
export function refusedEarly(world: World, call: Call, { from, to }: EarlyExchange, leg: Leg, cause: Cause): void {
  if (leg !== to) return;
  finish(world, call);
  refuseOffer(world, from, cause, 'The other end refused the offer');
}
