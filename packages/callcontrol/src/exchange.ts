/** Offers and answers once a call is answered: the ends' own, and those that call control writes. */
import { type Call, type Exchange, isLive, type Leg, otherLeg } from './call.ts';
import type { Cause } from './causes.ts';
import { type MediaDescription, offeredSecurity } from './media.ts';
import { decideWithRelay, takeToRelay } from './media-path.ts';
import {
  answerFor,
  carryOffer,
  checkAnswer,
  chosenFrom,
  isUnchanged,
  isWithheld,
  type MediaFault,
  sharesKey,
  withUsableKeys,
  writeOffer,
} from './negotiation.ts';
import { mayUseKeys } from './protection.ts';
import { isMediaUnknown } from './recovered-media.ts';
import { relayedLeg } from './relay-state.ts';
import { asSaid, closeSides, isForRelayAlone, leaveRelay, leaveTranscoder, takeSides } from './relaying.ts';
import { obstacleToTranscoding, transcode } from './transcoding.ts';
import type { World } from './world.ts';

/** Offers of our own in a row at most: an end that makes a new key at each never agrees (RFC 4568 §7.1.4). */
export const mostOwnOffers = 6;
/** Back-off after glare in milliseconds, RFC 3261 §14.1 for the owner of the Call-ID: 2.1 to 4 s. */
const glareBackOff = { least: 2100, span: 1900 } as const;

/** One end offers within the call: hold, resume, new addresses, new keys. */
export function offered(world: World, now: number, call: Call, leg: Leg, received: MediaDescription): void {
  const other = otherLeg(call, leg);
  if (leg.state !== 'connected' && call.transfer?.joined !== call) {
    refuseOffer(world, leg, 'glare', 'No new offer is taken before the answer; try again after it');
    return;
  }
  if (call.exchange?.kind === 'requested' && call.exchange.to === leg) finish(world, call);
  // With an offer under way there is glare (RFC 3264 §4, RFC 3261 §14.2); the same while the other end is away, to be
  // joined with somebody else.
  if (other === undefined || !world.owns(call, other) || call.exchange !== undefined) {
    refuseOffer(world, leg, 'glare', 'Another offer is under way; try again');
    return;
  }
  const offer = withUsableKeys(received);
  const relays = [leg.relay, other.relay] as const;
  const decision = decideWithRelay(world, call, offer, leg, other);
  if (decision.kind === 'refuse') {
    // The call goes on as it was, keys and all: a re-INVITE or UPDATE does not make it clear.
    const kind = call.level === 'encrypted' ? 'downgrade-refused' : decision.event;
    world.event(now, kind, call, leg, decision.cause, `${decision.warning}.`);
    turnDown(world, now, call, leg, offer, decision.cause, decision.warning);
    return;
  }
  const carried = carryOffer(offer, decision.kind === 'secure', call.policy, world.settings.suites);
  if (carried.kind === 'carried' && carried.steered) {
    const warning = 'No key was offered under a crypto suite of this call';
    [leg.relay, other.relay] = relays;
    turnDown(world, now, call, leg, offer, 'not-acceptable-here', warning);
    return;
  }
  const fault = carried.kind === 'fault' ? carried.fault : world.claim(now, call, leg, carried.description);
  if (fault !== undefined) {
    world.faultEvent(now, call, leg, fault);
    [leg.relay, other.relay] = relays;
    turnDown(world, now, call, leg, offer, fault.cause, fault.warning);
    return;
  }
  if (carried.kind === 'fault' || !world.mayTell(now, call, carried.description)) return;
  if (decision.kind === 'clear') world.downgraded(now, call, leg, decision.downgrade);
  world.deadlines.clear(`again ${call.id}`);
  send(world, now, call, { kind: 'relayed', from: leg, to: other, offer, told: carried.description });
}

/** One end asks for an offer: it gets what it was told last, and its answer may change its own side. */
export function offerRequested(world: World, now: number, call: Call, leg: Leg): void {
  const other = otherLeg(call, leg);
  const source = other !== undefined && world.owns(call, other) ? other.media : undefined;
  const isFree = leg.state === 'connected' && call.exchange === undefined;
  if (isFree && other !== undefined && isMediaUnknown(other)) {
    askOther(world, now, call, leg, other);
    return;
  }
  if (!isFree || source === undefined) {
    refuseOffer(world, leg, 'glare', 'Another offer is under way; try again');
    return;
  }
  const told = writeOffer(source);
  if (world.mayTell(now, call, told)) send(world, now, call, { kind: 'own', to: leg, told, source });
}

/** Nobody knows any more what the other end sends: it is asked for an offer, which goes to the one who wants it. */
function askOther(world: World, now: number, call: Call, leg: Leg, other: Leg): void {
  call.exchange = { kind: 'requested', to: other, waits: leg };
  world.deadlines.set(`offer ${call.id}`, now + world.settings.offerTimeout);
  world.emit({ kind: 'request-offer', leg: other.id, level: call.level });
}

/** An answer to the offer under way; any other is a race and says nothing. */
export function answeredOffer(world: World, now: number, call: Call, leg: Leg, received: MediaDescription): void {
  const { exchange } = call;
  if (exchange === undefined || exchange.to !== leg || exchange.kind === 'requested') return;
  const result = checkAnswer(exchange.told, withUsableKeys(received));
  const fault = result.kind === 'fault' ? result.fault : world.claim(now, call, leg, result.answer);
  if (fault !== undefined) {
    keepFromHome(world, call, leg);
    failExchange(world, now, call, leg, fault);
    return;
  }
  if (result.kind === 'fault') return;
  finish(world, call);
  if (call.homes.length > 0) call.levels.length = 0; // what the two had with others is no level of theirs
  switch (exchange.kind) {
    case 'void':
      // It holds somebody else's media now: it is offered its partner's anew.
      leg.media = result.answer;
      leg.told = exchange.told;
      leg.toldFrom = undefined;
      world.noteLevel(now, call, 'an offer for a transfer was answered too late');
      break;
    case 'own':
      takeOwnAnswer(world, now, call, exchange, result.answer);
      break;
    case 'relayed':
      if (!takeAnswer(world, now, call, exchange, exchange.offer, result.answer)) return;
      break;
    case 'late':
      if (!takeAnswer(world, now, call, exchange, exchange.from.offered ?? exchange.told, result.answer)) return;
      break;
  }
  if (call.homes.length > 0) agreedAnew(world, now, call);
  world.showLevel(call);
  settle(world, now, call);
}

/**
 * An end has taken an offer, or may have: what it had with somebody else is no more what it holds, and it cannot go back to
 * that.
 */
function keepFromHome(world: World, call: Call, leg: Leg): void {
  for (const home of call.homes) if (home.leg === leg) closeSides(world, home.relay);
  call.homes = call.homes.filter((home) => home.leg !== leg);
}

/** Two ends that came from other calls have agreed. Whose key the others there know is asked for a new one. */
function agreedAnew(world: World, now: number, call: Call): void {
  for (const leg of [call.caller, call.connected]) {
    if (leg?.media === undefined) continue;
    const { media } = leg;
    leg.renewKey = leg.exposed.some((before) => sharesKey(before, media));
  }
  call.answeredAt ??= world.ports.wallTime(now);
  world.enter(call.caller, 'connected');
  world.noteTransfer(call, { kind: 'agreed' });
}

/** Carries an answer back to the end that offered. Returns false when that ended the call. */
function takeAnswer(
  world: World,
  now: number,
  call: Call,
  exchange: Extract<Exchange, { kind: 'relayed' | 'late' }>,
  offer: MediaDescription,
  answer: MediaDescription,
): boolean {
  const { from, to } = exchange;
  const told = answerFor(offer, answer);
  if (!world.mayTell(now, call, told)) return false;
  to.media = answer;
  to.told = exchange.told;
  from.media = chosenFrom(exchange.told, answer);
  from.told = told;
  to.toldFrom = from.media;
  from.toldFrom = isWithheld(answer, told) ? undefined : answer;
  world.noteLevel(now, call, exchange.kind === 'late' ? 'the call was answered' : `${from.line} changed its media`);
  from.shown = call.level;
  // A transferor may have hung up meanwhile.
  if (isLive(from)) {
    const isCall = from.state !== 'connected' || (exchange.kind === 'late' && exchange.calls === true);
    const kind = isCall ? 'accept' : 'answer';
    world.emit({ kind, leg: from.id, answer: told, level: call.level });
  }
  return true;
}

function takeOwnAnswer(
  world: World,
  now: number,
  call: Call,
  exchange: Extract<Exchange, { kind: 'own' }>,
  answer: MediaDescription,
): void {
  const { to } = exchange;
  const before = to.media;
  to.told = exchange.told;
  to.toldFrom = exchange.source;
  if (before === undefined || !isUnchanged(before, answer)) {
    to.media = answer;
    const other = otherLeg(call, to);
    if (before !== undefined && other?.toldFrom === before && isForRelayAlone(call, before, answer)) {
      other.toldFrom = answer;
    }
  }
  if (to.renewKey && before !== undefined && sharesKey(before, answer)) keyNotRenewed(world, now, call, to);
  to.renewKey = false;
  world.noteLevel(now, call, 'the ends agreed on keys');
}

function keyNotRenewed(world: World, now: number, call: Call, leg: Leg): void {
  const cause = `Others know the key that ${leg.line} sends with, and it made no new one.`;
  world.event(now, 'key-not-renewed', call, leg, 'key-not-renewed', cause);
  world.keepsKeys.add(leg.device);
  takeToRelay(world, call, 'key-kept');
}

/** An offer was refused by the end it went to. */
export function offerRefused(world: World, now: number, call: Call, leg: Leg, cause: Cause): void {
  const { exchange } = call;
  if (exchange === undefined || exchange.to !== leg) return;
  finish(world, call);
  if (exchange.kind === 'requested' && exchange.waits !== undefined) {
    refuseOffer(world, exchange.waits, cause, 'The other end makes no offer, and what it had is not known any more');
    return;
  }
  const isOfOther = exchange.kind === 'relayed' || exchange.kind === 'late';
  if (cause === 'not-acceptable-here' && isOfOther && offerBridged(world, now, call, exchange)) return;
  if (exchange.kind === 'relayed') {
    if (cause === 'not-acceptable-here' && offerTranscoded(world, now, call, exchange)) return;
    if (exchange.transcodes === true) {
      for (const end of [exchange.from, exchange.to]) leaveTranscoder(world, end);
    }
    const warning = 'The other end refused the offer';
    turnDown(world, now, call, exchange.from, exchange.offer, cause, warning);
    settle(world, now, call);
    return;
  }
  if (exchange.kind === 'own' && cause === 'glare') {
    const [octet = 0] = world.ports.random(1);
    world.deadlines.set(`again ${call.id}`, now + glareBackOff.least + (octet / 255) * glareBackOff.span);
    return;
  }
  if (exchange.kind === 'own' && leg.renewKey && leg.toldFrom === exchange.source) {
    leg.renewKey = false;
    keyNotRenewed(world, now, call, leg);
    settle(world, now, call);
    return;
  }
  if (exchange.kind === 'own' && leg.toldFrom === exchange.source) {
    // it had asked itself
    settle(world, now, call);
    return;
  }
  if (exchange.kind === 'void') {
    settle(world, now, call);
    return;
  }
  if (exchange.kind === 'requested' || call.homes.length > 0) {
    failExchange(world, now, call, leg, { cause, warning: 'The other end takes no such media', security: false });
    return;
  }
  failExchange(world, now, call, leg, {
    cause,
    warning: 'The far end refused the offer that would have given it the keys of the other',
    security: true,
    event: 'keys-not-agreed',
  });
}

/** The end that takes none of the formats offered is offered the relay's after them, as securely as before. */
function offerTranscoded(
  world: World,
  now: number,
  call: Call,
  exchange: Extract<Exchange, { kind: 'relayed' }>,
): boolean {
  const { from, to, offer, told } = exchange;
  const called = call.connected;
  if (called === undefined || called.relay?.transcodes === true) return false;
  if (!world.owns(call, from)) return false; // it has hung up meanwhile: there is nobody to transcode for
  if (obstacleToTranscoding(world, offer) !== undefined) return false;
  transcode(world, called);
  if (takeSides(world, call, called, told) !== undefined) return false;
  send(world, now, call, { kind: 'relayed', from, to, offer, told, transcodes: true });
  return true;
}

/**
 * Who is joined with an end without SRTP and takes nothing else is offered it after all: the relay stands between the two, as
 * it does where such a phone is called.
 */
function offerBridged(
  world: World,
  now: number,
  call: Call,
  exchange: Extract<Exchange, { kind: 'relayed' | 'late' }>,
): boolean {
  const { from, to } = exchange;
  const said = exchange.kind === 'late' ? from.offered : exchange.offer;
  const mayBridge = call.transfer?.joined === call && call.policy === 'prefer' && world.ports.relay !== undefined;
  if (!mayBridge || said === undefined || offeredSecurity(said) !== 'clear') return false;
  if (!mayUseKeys(to.mode, to.protection)) return false;
  for (const leg of [from, to]) leaveRelay(world, leg); // what they had of it for the offer that was refused, nobody was told
  from.relay = relayedLeg('one-end-without-srtp', true);
  to.relay = relayedLeg('one-end-without-srtp', false);
  const offer = asSaid(world, call, from, said, undefined);
  const carried = carryOffer(offer, true, call.policy, world.settings.suites);
  const isSecured = carried.kind === 'carried' && offeredSecurity(carried.description) !== 'clear';
  if (!isSecured || world.claim(now, call, from, carried.description) !== undefined) return false;
  if (!world.mayTell(now, call, carried.description)) return true;
  const told = carried.description;
  if (exchange.kind === 'late') from.offered = offer;
  send(world, now, call, exchange.kind === 'late' ? { ...exchange, told } : { ...exchange, offer, told });
  return true;
}

/** An end has gone and its call goes on without it: nobody waits for its answer any more. */
export function abandonExchange(world: World, call: Call, leg: Leg): void {
  const { exchange } = call;
  if (exchange === undefined || exchange.to !== leg) return;
  finish(world, call);
  if (exchange.kind === 'relayed') {
    refuseOffer(world, exchange.from, 'destination-out-of-order', 'The other end has hung up');
  }
}

/**
 * The offer under way got no answer in time. What that end holds now is unknown, so the call is ended (RFC 3261 §14.1:
 * no response to a re-INVITE terminates the dialog).
 */
export function offerTimedOut(world: World, now: number, call: Call): void {
  if (call.exchange === undefined) return;
  const warning = 'An offer was not answered in time';
  keepFromHome(world, call, call.exchange.to);
  failExchange(world, now, call, call.exchange.to, { cause: 'timer-expired', warning, security: false });
}

/**
 * Brings both ends to hold each other's keys: whoever was told something else than what the other end sends with now is
 * offered again, until nobody is. A call that was not steered, forked or re-keyed has nothing to do here.
 */
export function settle(world: World, now: number, call: Call): void {
  const called = call.connected;
  if (called === undefined || call.exchange !== undefined || !world.calls.has(call.id)) return;
  for (const [leg, other] of [
    [call.caller, called],
    [called, call.caller],
  ] as const) {
    const source = other.media;
    if (source === undefined || (leg.toldFrom === source && !leg.renewKey)) continue;
    if (!world.owns(call, leg)) continue; // away, or gone
    call.ownOffers += 1;
    if (call.ownOffers > mostOwnOffers) {
      failExchange(world, now, call, leg, {
        cause: 'temporary-failure',
        warning: 'The ends change their keys at every offer and never agree',
        security: true,
        event: 'keys-not-agreed',
      });
      return;
    }
    const told = writeOffer(source);
    if (world.mayTell(now, call, told)) send(world, now, call, { kind: 'own', to: leg, told, source });
    return;
  }
  call.ownOffers = 0;
  world.settleLevel(call);
}

export function send(world: World, now: number, call: Call, exchange: Exclude<Exchange, { kind: 'requested' }>): void {
  call.exchange = exchange;
  exchange.to.shown = call.level;
  world.emit({ kind: 'offer', leg: exchange.to.id, offer: exchange.told, level: call.level });
  world.deadlines.set(`offer ${call.id}`, now + world.settings.offerTimeout);
}

export function finish(world: World, call: Call): void {
  call.exchange = undefined;
  world.deadlines.clear(`offer ${call.id}`);
}

/** Refuses an offer of an end; of one that offered to be joined, the call to be is over, and its offer goes home with it. */
function turnDown(
  world: World,
  now: number,
  call: Call,
  leg: Leg,
  offer: MediaDescription,
  cause: Cause,
  warning: string,
): void {
  const { transfer } = call;
  if (transfer?.joined !== call) {
    refuseOffer(world, leg, cause, warning);
    return;
  }
  if (call.homes.some((home) => home.leg === leg)) transfer.owed = { leg, offer };
  world.endCall(now, call, { outcome: 'failed', cause, warning });
}

export function refuseOffer(world: World, leg: Leg, cause: Cause, warning: string): void {
  if (isLive(leg)) world.emit({ kind: 'refuse-offer', leg: leg.id, cause, warning });
}

/** What an end holds now is not what the other sends: the call cannot go on, and must not go on in the clear. */
export function failExchange(world: World, now: number, call: Call, leg: Leg, fault: MediaFault): void {
  world.faultEvent(now, call, leg, fault);
  const { exchange, transfer } = call;
  // An offer that was made for the join is answered where its maker goes back to.
  const isGoing = exchange?.kind === 'relayed' && call.homes.some((home) => home.leg === exchange.from);
  if (exchange?.kind === 'relayed' && isGoing && transfer?.joined === call) {
    transfer.owed = { leg: exchange.from, offer: exchange.offer };
  }
  world.endCall(now, call, { outcome: 'failed', cause: fault.cause, warning: fault.warning });
}
