/** What phones that SIPp plays do once they talk, in the clear or encrypted: each offer and each answer has a key of its own. */
import {
  type Described,
  expectAcceptanceAndKeepTo,
  expectInviteAndKeepEnds,
  expectRequest,
  expectResponse,
  isHungUp,
  keeping,
  newKey,
  ofCalled,
  ofKept,
  ofLast,
  pause,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';
import {
  allow,
  answering,
  described,
  dials,
  hangsUpAsCalled,
  invitationOf,
  isOffered,
  takesOffer,
  type Way,
} from './sipp-telephones.fixture.ts';

/** The method by which an end offers within a call. */
type Offering = 'INVITE' | 'UPDATE';

/** Calls, and is answered. */
function begins(way: Way): readonly string[] {
  return [dials(way), expectAcceptanceAndKeepTo, request('ACK', { cseq: invitationOf(way), ...ofKept })];
}

/** The CSeq of the request that the caller sends as the first, second, … after that. */
const nth = (way: Way, count: number) => invitationOf(way) + count;

function hangsUp(cseq: number): readonly string[] {
  return [request('BYE', { cseq, ...ofKept, repeat: 500 }), expectResponse(200)];
}

/** Offers within the call, and is answered. */
function offers(way: Way, method: Offering, cseq: number, media?: Described): readonly string[] {
  return [
    request(method, { cseq, ...ofKept, described: described(way, media), repeat: 500 }),
    expectResponse(100, { optional: true }),
    expectResponse(200),
    ...(method === 'INVITE' ? [request('ACK', { cseq, ...ofKept })] : []),
  ];
}

/** Calls, is answered, and is hung up. */
export const isHungUpOn = (way: Way) => scenario(...begins(way), ...isHungUp);

/** Calls, holds in each of these ways and resumes, and hangs up. */
export function holds(way: Way, method: Offering, ...held: readonly Described[]): string {
  const said = held.flatMap((one) => [one, {}]);
  return scenario(
    ...begins(way),
    ...said.flatMap((media, at) => offers(way, method, nth(way, at + 1), media)),
    ...hangsUp(nth(way, said.length + 1)),
  );
}

/** Is held and answers in each of these ways, and is resumed after each. */
export function isHeld(way: Way, ...answers: readonly Described[]): string {
  return scenario(
    ...answering(way),
    ...answers.flatMap((media) => [...isOffered(way, media), ...isOffered(way)]),
    ...isHungUp,
  );
}

/** Offers while the other's offer is under way, which is refused 491; answers that, and offers again. */
export function offersAcross(way: Way): string {
  return scenario(
    ...begins(way),
    keeping(expectRequest('INVITE'), { via: 'Via', from: 'From', to: 'To', cseq: 'CSeq' }),
    request('INVITE', { cseq: nth(way, 1), ...ofKept, described: described(way), repeat: 500 }),
    expectResponse(100, { optional: true }),
    expectResponse(491),
    request('ACK', { cseq: nth(way, 1), ...ofLast }),
    respond('200 OK', {
      via: 'Via:[$via]',
      from: 'From:[$from]',
      to: 'To:[$to]',
      cseq: 'CSeq:[$cseq]',
      described: described(way, { direction: 'recvonly' }),
      repeat: 500,
    }),
    expectRequest('ACK'),
    ...offers(way, 'INVITE', nth(way, 2)),
    ...hangsUp(nth(way, 3)),
  );
}

/** The other one of {@link offersAcross}: it was first. */
export function offersFirst(way: Way): string {
  const within = { cseq: 1, ...ofCalled, uri: 'sip:[number]@127.0.0.1' };
  return scenario(
    ...answering(way),
    request('INVITE', { ...within, described: described(way, { direction: 'sendonly' }), repeat: 500 }),
    expectResponse(100, { optional: true }),
    expectResponse(200),
    request('ACK', within),
    ...isOffered(way),
    ...isHungUp,
  );
}

/** Hears the early media of one branch and is answered by another, which it is offered then. */
export function hearsTwoBranches(way: Way): string {
  return scenario(
    dials(way),
    expectResponse(183),
    expectResponse(180, { optional: true }),
    expectAcceptanceAndKeepTo,
    request('ACK', { cseq: invitationOf(way), ...ofKept }),
    ...isOffered(way),
    ...(way === 'clear' ? hangsUp(nth(way, 1)) : isHungUp),
  );
}

/**
 * Two branches have early media, at the ports 40002 and 40004, and the second answers (RFC 3261 §13.2.2.4). It is told the key
 * that the caller has made since, and hangs up.
 */
export function answersAsSecondBranch(way: Way): string {
  const toInvite = { via: 'Via:[$via]', from: 'From:[$2]', cseq: 'CSeq:[$cseq]', headers: [allow] };
  const [one, two] = [described(way, { port: 40_002 }), described(way, { port: 40_004 })];
  const [ofOne, ofTwo] = [
    { ...toInvite, to: 'To:[$3];tag=[pid]one' },
    { ...toInvite, to: 'To:[$3];tag=[pid]two' },
  ];
  const within = { cseq: 1, from: 'From:[$3];tag=[pid]two', to: 'To:[$2]', uri: 'sip:[number]@127.0.0.1' };
  return scenario(
    keeping(expectRequest('INVITE'), { 3: 'To', via: 'Via', 2: 'From', cseq: 'CSeq' }),
    respond('183 Session Progress', { ...ofOne, described: one }),
    respond('183 Session Progress', { ...ofTwo, described: two }),
    respond('200 OK', { ...ofTwo, described: two, repeat: 500 }),
    expectRequest('ACK'),
    ...(way === 'clear'
      ? isHungUp
      : [...isOffered(way, two), request('BYE', { ...within, repeat: 500 }), expectResponse(200)]),
  );
}

/** Waits for a reliable response and keeps what its PRACK needs (RFC 3262). */
export const expectReliably = (status: number) => keeping(expectResponse(status), { number: 'RSeq', to: 'To' });

/** Acknowledges that response. */
export function prack(way: Way, cseq: number, options: Partial<Parameters<typeof request>[1]> = {}): string {
  const headers = [`RAck:[$number] ${invitationOf(way)} INVITE`];
  return request('PRACK', { cseq, to: 'To:[$to]', headers, repeat: 500, ...options });
}

/** Calls, hears early media reliably and acknowledges them, is answered, and hangs up. */
export function hearsReliably(way: Way): string {
  return scenario(
    dials(way, {}, [allow, 'Supported: 100rel']),
    expectReliably(183),
    prack(way, nth(way, 1)),
    expectResponse(200),
    expectAcceptanceAndKeepTo,
    request('ACK', { cseq: invitationOf(way), ...ofKept }),
    ...hangsUp(nth(way, 2)),
  );
}

/** Tells its early media reliably, then answers; its 200 describes nothing. */
export function answersReliably(way: Way): string {
  return scenario(
    keeping(expectRequest('INVITE'), { via: 'Via', cseq: 'CSeq' }),
    respond('183 Session Progress', {
      described: described(way),
      headers: [allow, 'Require: 100rel', 'RSeq: 4711'],
      repeat: 500,
    }),
    expectRequest('PRACK'),
    respond('200 OK', { tagged: false }),
    respond('200 OK', { via: 'Via:[$via]', cseq: 'CSeq:[$cseq]', tagged: false, repeat: 500 }),
    expectRequest('ACK'),
    ...isHungUp,
  );
}

/**
 * Calls without an offer, answers that of the 200 in its ACK (RFC 3264 §4), and is hung up. Only then are both encrypted, which
 * it is told by UPDATE, since nothing else is sent to it.
 */
export function answersLate(way: Way, media?: Described): string {
  return scenario(
    dials(way, false, [way === 'clear' ? allow : `${allow}, UPDATE`]),
    expectAcceptanceAndKeepTo,
    request('ACK', { cseq: invitationOf(way), ...ofKept, described: described(way, media) }),
    ...(way === 'clear' ? [] : [expectRequest('UPDATE'), respond('200 OK', { tagged: false })]),
    ...isHungUp,
  );
}

/** Offers in its 200, is answered in the ACK, and hangs up. */
export function offersLate(way: Way, media?: Described): string {
  return scenario(
    expectInviteAndKeepEnds,
    respond('200 OK', { described: described(way, media), repeat: 500, headers: [allow] }),
    expectRequest('ACK'),
    ...hangsUpAsCalled,
  );
}

/** Calls and asks for a refresher, refreshes the call without a description (RFC 4028 §7.4), and hangs up. */
export function refreshes(way: Way): string {
  const [timer, refresher] = ['Supported: timer', 'Session-Expires: 90;refresher=uac'];
  return scenario(
    dials(way, {}, [allow, timer, 'Session-Expires: 1800']),
    expectAcceptanceAndKeepTo,
    request('ACK', { cseq: invitationOf(way), ...ofKept }),
    request('UPDATE', { cseq: nth(way, 1), ...ofKept, headers: [timer, refresher], repeat: 500 }),
    expectResponse(200),
    ...hangsUp(nth(way, 2)),
  );
}

/** Calls, presses a digit, and is hung up by the one that {@link isToldDigit}. */
export function presses(way: Way, type: string, text: string): string {
  return scenario(
    ...begins(way),
    request('INFO', { cseq: nth(way, 1), ...ofKept, type, text, repeat: 500 }),
    expectResponse(200),
    ...isHungUp,
  );
}

/**
 * Answers, is told a digit, and hangs up: a BYE right behind the INFO would be read by SIPp before it answers that, and taken for
 * one that nobody waits for.
 */
export function isToldDigit(way: Way): string {
  return scenario(...answering(way), expectRequest('INFO'), respond('200 OK', { tagged: false }), ...hangsUpAsCalled);
}

/** Whom a phone refers the other to. */
interface Referral {
  readonly number: string;
  /** The dialog that is to be replaced there. */
  readonly replaces?: string;
  /** The other is on hold by then. */
  readonly held?: boolean;
}

/**
 * Calls, refers who answers to somebody else, and hears in so many NOTIFYs what becomes of that. Where the call is `over` then it
 * is hung up; where it `goes on` it hangs up itself.
 */
export function refers(way: Way, to: Referral, notifications: number, then: 'over' | 'goes on'): string {
  const notified = [expectRequest('NOTIFY'), respond('200 OK', { tagged: false })];
  return scenario(
    ...referring(way, to),
    expectResponse(202),
    ...Array.from({ length: notifications }, () => notified).flat(),
    ...(then === 'over' ? isHungUp : hangsUp(nth(way, 3))),
  );
}

/** Calls, refers who answers to somebody else, is refused so, and hangs up. */
export function refersInVain(way: Way, to: Referral, status: number): string {
  return scenario(...referring(way, to), expectResponse(status), ...hangsUp(nth(way, 3)));
}

function referring(way: Way, { number, replaces, held = false }: Referral): readonly string[] {
  const query = replaces === undefined ? '' : `?Replaces=${encodeURIComponent(replaces)}`;
  const headers = [`Refer-To: <sip:${number}@[remote_ip]${query}>`];
  return [
    ...begins(way),
    ...(held ? offers(way, 'INVITE', nth(way, 1), { direction: 'sendonly' }) : []),
    request('REFER', { cseq: nth(way, 2), ...ofKept, repeat: 500, headers }),
  ];
}

/** Answers, is offered by somebody else whom it is referred to, on hold perhaps, and hangs up. */
export function isReferred(way: Way, { to = way, held = false }: { to?: Way; held?: boolean } = {}): string {
  return scenario(
    ...answering(way),
    ...(held ? isOffered(way, { direction: 'recvonly' }) : []),
    ...isOffered(to),
    ...hangsUpAsCalled,
  );
}

/** Answers, is offered anew, and is hung up. */
export const isJoined = (way: Way) => scenario(...answering(way), ...isOffered(way), ...isHungUp);

/** Rings for so many milliseconds and answers; it is told the key of somebody who did not call, keeps its own, and hangs up. */
export function isHandedOver(way: Way, milliseconds: number): string {
  const key = newKey();
  const [invitation = '', ring = '', ...answer] = answering(way, key);
  return scenario(invitation, ring, pause(milliseconds), ...answer, ...isOffered(way, { key }), ...hangsUpAsCalled);
}

/** Calls, is taken out of it while that rings, and hears so. */
export function isTakenOver(way: Way): string {
  return scenario(dials(way), expectResponse(487), request('ACK', { cseq: invitationOf(way), ...ofLast }));
}

/** Answers, is parked, is fetched by somebody, and hangs up. */
export function isParked(way: Way): string {
  return scenario(
    ...answering(way),
    ...isOffered(way, { direction: 'inactive' }),
    ...isOffered(way),
    ...hangsUpAsCalled,
  );
}

/** Takes a call that rings elsewhere; it is told the key that its caller has made since, keeps its own, and hangs up. */
export function picksUp(way: Way, headers: readonly string[] = []): string {
  const key = newKey();
  return scenario(
    dials(way, { key }, [allow, ...headers]),
    expectAcceptanceAndKeepTo,
    request('ACK', { cseq: invitationOf(way), ...ofKept }),
    ...takesOffer(way, key),
    ...hangsUp(nth(way, 1)),
  );
}
