/**
 * A conference: whoever dials its number is answered by the manager, whose relay sends him the sum of what the others say, under
 * keys of his own side. Where one of those in it requires encryption, all have to have it.
 */
import type { SecurityPolicy } from '@trustline/evidence';
import type { Call, Leg } from './call.ts';
import { type Conference, conferenceLevel, settleConference } from './conference-state.ts';
import type { ConferenceRoute } from './directory.ts';
import { finish } from './exchange.ts';
import { isEncrypted, type MediaDescription } from './media.ts';
import { sharesKey, withUsableKeys } from './negotiation.ts';
import { answerOurselves } from './own-answer.ts';
import { relayedLeg } from './relay-state.ts';
import { takeOwnSides } from './relaying.ts';
import type { Ending, World } from './world.ts';

/** Legs of one conference at most: the ninth is refused. */
export const mostMembers = 8;
/** Encryption that one of those in it requires is required of all. */
function policyIn({ policy }: Call, conference: Conference | undefined): SecurityPolicy {
  const isRequired = [...(conference?.members ?? [])].some((member) => member.policy === 'require');
  return isRequired ? 'require' : policy;
}

/**
 * The caller takes part from now on; why not, where he may not or cannot. One who is transferred there does so once he is
 * free: see {@link enterTransferred}.
 */
export function joinConference(world: World, now: number, call: Call, route: ConferenceRoute): Ending | undefined {
  const { caller, transfer } = call;
  const refusal = whyFull(world, route);
  if (refusal !== undefined) return refusal;
  if (call.called.length > 0) return not('call-rejected', 'A conference is joined by dialling it');
  if (transfer?.target === call && transfer.kind === 'blind') {
    call.enters = route;
    world.noteTransfer(call, { kind: 'answered' });
    return undefined;
  }
  if (transfer !== undefined || !world.owns(call, caller)) {
    return not('call-rejected', 'A conference is joined by dialling it');
  }
  if (caller.offered === undefined) return not('not-acceptable-here', 'Who joins a conference has to offer media');
  return takeIn(world, now, call, route, caller.offered, 'accept');
}

/** Whom a call was transferred to a conference for offers to it, as he was asked to. */
export function enterTransferred(
  world: World,
  now: number,
  call: Call,
  route: ConferenceRoute,
  received: MediaDescription,
): void {
  const { caller, transfer } = call;
  finish(world, call);
  call.enters = undefined;
  const offer = withUsableKeys(received);
  const ending = takeIn(world, now, call, route, offer, 'answer');
  if (ending !== undefined) {
    // The offer was made, and is answered where its maker goes back to.
    if (transfer !== undefined) transfer.owed = { leg: caller, offer: received };
    world.endCall(now, call, ending);
    return;
  }
  if (!world.calls.has(call.id)) return;
  const { media } = caller;
  if (media !== undefined && caller.exposed.some((before) => sharesKey(before, media))) {
    const cause = `Others know the key that ${caller.line} sends with, and it made no new one.`;
    world.event(now, 'key-not-renewed', call, caller, 'key-not-renewed', cause);
  }
  world.noteTransfer(call, { kind: 'agreed' });
}

function whyFull(world: World, { number }: ConferenceRoute): Ending | undefined {
  if (world.ports.relay === undefined) return not('service-unavailable', 'A conference needs the media relay');
  if ((world.conferences.get(number)?.members.size ?? 0) < mostMembers) return undefined;
  return { ...not('user-busy', `The conference is full: ${mostMembers} are in it`), outcome: 'busy' };
}

/** Answers an offer in the name of the conference, by which its maker takes part; why not, where he may not or cannot. */
function takeIn(
  world: World,
  now: number,
  call: Call,
  route: ConferenceRoute,
  offered: MediaDescription,
  answer: 'accept' | 'answer',
): Ending | undefined {
  const { caller } = call;
  const refusal = whyFull(world, route);
  if (refusal !== undefined) return refusal;
  const known = world.conferences.get(route.number);
  call.policy = policyIn(call, known);
  const isClear = [...(known?.members ?? [])].some(
    ({ caller: { media } }) => media === undefined || !isEncrypted(media),
  );
  if (call.policy === 'require' && isClear) {
    return not('security-required', 'Encryption is required and somebody in the conference has none');
  }
  const agreed = answerOurselves(world, now, call, call.policy, offered, 'A conference');
  if (agreed.kind !== 'agreed') {
    const { cause, warning } = agreed;
    return {
      ...not(cause, warning),
      ...('event' in agreed && agreed.kind === 'refuse' ? { event: agreed.event } : {}),
    };
  }
  if (!world.mayTell(now, call, agreed.told)) return undefined;
  const conference: Conference = known ?? {
    id: world.identifier(),
    number: route.number,
    name: route.name,
    members: new Set(),
  };
  call.conference = conference;
  caller.relay = relayedLeg('conference', false);
  if (!takeOwnSides(world, call, caller, agreed.told)) {
    call.conference = undefined;
    return not('switching-equipment-congestion', 'No port of the media relay is free');
  }
  world.conferences.set(conference.number, conference);
  conference.members.add(call);
  world.enter(caller, 'connected');
  call.answeredAt = world.ports.wallTime(now);
  Object.assign(caller, { media: agreed.media, told: agreed.told });
  caller.shown = conferenceLevel(conference);
  const said = { leg: caller.id, answer: agreed.told, level: caller.shown };
  world.emit(answer === 'accept' ? { kind: answer, ...said, isFocus: true } : { kind: answer, ...said });
  world.event(now, 'call-answered', call, caller, 'conference', `${caller.line} joined the conference ${route.name}.`);
  settleConference(world, now, conference, 'somebody joined the conference');
  return undefined;
}

/** One who takes part offers: hold, resume, new addresses, new keys. */
export function offeredInConference(
  world: World,
  now: number,
  call: Call,
  conference: Conference,
  received: MediaDescription,
): void {
  const { caller } = call;
  const agreed = answerOurselves(
    world,
    now,
    call,
    policyIn(call, conference),
    withUsableKeys(received),
    'A conference',
  );
  if (agreed.kind !== 'agreed') {
    const { cause, warning } = agreed;
    if (agreed.kind === 'refuse') world.event(now, agreed.event, call, caller, cause, `${warning}.`);
    world.emit({ kind: 'refuse-offer', leg: caller.id, cause, warning });
    return;
  }
  if (!world.mayTell(now, call, agreed.told)) return;
  const before = { media: caller.media, told: caller.told };
  Object.assign(caller, { media: agreed.media, told: agreed.told });
  if (!takeOwnSides(world, call, caller, agreed.told)) {
    Object.assign(caller, before);
    const warning = 'No port of the media relay is free';
    world.emit({ kind: 'refuse-offer', leg: caller.id, cause: 'switching-equipment-congestion', warning });
    return;
  }
  const level = conferenceLevel(conference);
  caller.shown = level;
  world.emit({ kind: 'answer', leg: caller.id, answer: agreed.told, level });
  settleConference(world, now, conference, `${caller.line} changed its media`);
}

/** One who takes part asks for an offer: the conference answers, and offers nothing itself. */
export function offerRequestedInConference(world: World, leg: Leg): void {
  const warning = 'A conference answers offers and makes none';
  world.emit({ kind: 'refuse-offer', leg: leg.id, cause: 'not-acceptable-here', warning });
}

function not(cause: Ending['cause'], warning: string): Ending {
  return { outcome: 'refused', cause, warning, event: 'call-refused' };
}
