/** Ten phones with people at them, on one manager, and what must be true of it whatever they do. */
import { Redacted } from '@trustline/base';
import {
  createResponse,
  DigestClient,
  digestHa1,
  formatReferTo,
  headerValue,
  type InviteSession,
  type SessionEvent,
  type SipMessage,
} from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import {
  forwardings,
  hasTrueConferences,
  hasTrueLevel,
  huntGroups,
  pickUpGroups,
  plan,
} from '../../callcontrol/src/features.fixture.ts';
import {
  cryptoLine,
  description,
  octets,
  type SimulatedPhone,
  Simulation,
  simulatedRealm,
  text,
} from './simulation.fixture.ts';

/** Longer than anything of a call lives once all have hung up. */
const longEnough = 500_000;

/** How a phone of the model comes to the manager. */
type Kind = 'encrypted' | 'authenticated' | 'digest';
/** Six take keys; those that prove themselves by a password do so by UDP, over which messages are lost and overtake. */
const kinds: readonly Kind[] = [
  ...Array.from({ length: 6 }, () => 'encrypted' as const),
  ...(['authenticated', 'authenticated', 'digest', 'digest'] as const),
];

/** A person with a phone: what rings waits to be picked up, what is offered is answered as phones do. */
class Person {
  readonly phone: SimulatedPhone;
  readonly kind: Kind;
  readonly #house: House;

  constructor(house: House, phone: SimulatedPhone, kind: Kind) {
    this.#house = house;
    this.phone = phone;
    this.kind = kind;
    phone.onIncoming = (session) => void session.ring(house.now, 180);
    phone.onEvent = (session, event) => this.#react(session, event);
  }

  /** Calls that are not over, oldest first. */
  get sessions(): readonly InviteSession[] {
    return this.phone.sessions.filter(({ phase }) => phase !== 'ended');
  }

  get ringing(): InviteSession | undefined {
    return this.sessions.find(({ phase }) => phase === 'incoming');
  }

  get talking(): readonly InviteSession[] {
    return this.sessions.filter(({ phase }) => phase === 'established');
  }

  /** What it offers: with a key of its own, made for this, where it has keys. */
  offer(direction = 'sendrecv'): string {
    return description(this.kind === 'encrypted' ? [this.#house.newKey()] : [], { direction });
  }

  pickUp(): void {
    const session = this.ringing;
    if (session === undefined) return;
    const answer = session.initialOffer === undefined ? this.offer() : this.#answerTo(text(session.initialOffer));
    if (answer === undefined) this.#house.act((now) => session.reject(now, 488));
    else this.#house.act((now) => session.accept(now, octets(answer)));
  }

  /** What it answers; undefined for media that it does not take. */
  #answerTo(offer: string): string | undefined {
    const asked = /^a=(sendonly|recvonly|inactive)/m.exec(offer)?.[1];
    const direction =
      asked === undefined ? 'sendrecv' : { sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' }[asked];
    const options = direction === undefined ? {} : { direction };
    const line = /^a=crypto:(\d+) (\S+)/m.exec(offer);
    if (!/ RTP\/SAVP /.test(offer)) return description([], options);
    if (line === null || this.kind !== 'encrypted') return undefined;
    return description([this.#house.newKey(line[2], Number(line[1]))], options);
  }

  #react(session: InviteSession, event: SessionEvent): void {
    const { now } = this.#house;
    switch (event.kind) {
      case 'accepted-with-offer':
        session.answerOffer(now, octets(this.#answerTo(text(event.offer)) ?? this.offer()));
        return;
      case 'offer': {
        const answer = this.#answerTo(text(event.offer));
        if (answer === undefined) session.rejectOffer(now, 488);
        else session.answerOffer(now, octets(answer));
        return;
      }
      case 'offer-requested':
        session.answerOffer(now, octets(this.offer()));
        return;
      case 'request':
        this.phone.agent.respond(now, event.transaction, createResponse(event.message, 200));
        return;
      default:
    }
  }
}

export class House {
  readonly people: readonly Person[];
  readonly #clock = new VirtualClock(1_000);
  readonly #random = new SeededRandom(11);
  readonly #lab: Simulation;
  #keys = 100;
  /** Key → the calls in which somebody was told it. */
  readonly #callsOfKey = new Map<string, Set<string>>();
  readonly #heard = new Map<Person, number>();
  /** Calls of which encryption has been required, as of the last look. */
  #requiring: ReadonlySet<string> = new Set();
  #sides = 0;

  /** @param hasRelay without one nobody is in a conference, and who has no SRTP talks to nobody who wants it */
  constructor(hasRelay = false) {
    const numbering = { entries: plan, huntGroups, pickUpGroups, defaultPolicy: 'prefer' } as const;
    const relay = hasRelay ? { allocate: () => this.#allocate() } : undefined;
    this.#lab = new Simulation(this.#clock, new SeededRandom(1).bytes, { lostDevicePatience: 4_000, numbering, relay });
    this.people = kinds.map((kind, at) => this.#moveIn(kind, at));
    this.#lab.transit = ({ transport }) => (transport === 'udp' ? this.#overUdp() : [0]);
  }

  get now(): number {
    return this.#clock.now;
  }

  act(command: (now: number) => unknown): void {
    this.#lab.act(command);
  }

  newKey(suite = 'AES_CM_128_HMAC_SHA1_80', tag = 1): string {
    this.#keys += 1;
    return cryptoLine(this.#keys, suite, tag);
  }

  wait(milliseconds: number): void {
    this.#clock.advance(milliseconds);
  }

  call(from: Person, number: string, late: boolean): void {
    from.phone.call(number, late ? undefined : from.offer());
  }

  /** Says no to what rings, or names another number (RFC 3261 §8.1.3.4). */
  refuse(person: Person, answer: number | string): void {
    const session = person.ringing;
    if (session === undefined) return;
    const headers = [{ name: 'Contact', value: `<sip:${answer}@cm.example>` }];
    this.act((now) =>
      typeof answer === 'string' ? session.reject(now, 302, { headers }) : session.reject(now, answer),
    );
  }

  /** A key is pressed within the newest call, and signalled beside the voice. */
  press(person: Person): void {
    const body = octets('Signal=5\r\nDuration=100\r\n');
    this.act((now) => person.talking.at(-1)?.info(now, { contentType: 'application/dtmf-relay', body }));
  }

  /** A line sends its calls elsewhere from now on, or is not to be disturbed; or takes its calls again. */
  forward(which: number, isOn: boolean): void {
    const [line, to] = forwardings[which % forwardings.length] ?? ['1001', {}];
    this.act((now) => this.#lab.core.setForwarding(now, line, isOn ? to : undefined));
  }

  everybodyPicksUp(): void {
    for (const person of this.people) person.pickUp();
  }

  hold(person: Person, direction: string, method: 'INVITE' | 'UPDATE'): void {
    const session = person.talking.at(-1);
    if (session === undefined) return;
    if (method === 'UPDATE' && !session.peerAllows('UPDATE')) return;
    this.act((now) => session.reoffer(now, octets(person.offer(direction)), { method }));
  }

  /** Refers the partner of the oldest call to a number, or to the partner of the newest. */
  transfer(person: Person, to: string | 'newest'): void {
    const [first, ...others] = person.talking;
    const dialog = others.at(-1)?.dialog;
    if (first === undefined || (to === 'newest' && dialog === undefined)) return;
    const replaces = dialog && {
      callId: dialog.callId,
      toTag: dialog.remoteTag,
      fromTag: dialog.localTag,
      earlyOnly: false,
    };
    const target = {
      uri: `sip:${to === 'newest' ? '0' : to}@cm.example`,
      replaces: to === 'newest' ? replaces : undefined,
    };
    const headers = [{ name: 'Refer-To', value: formatReferTo(target) }];
    this.act((now) => first.request(now, { method: 'REFER', headers }));
  }

  hangUp(person: Person): void {
    const session = person.sessions.at(-1);
    if (session === undefined) return;
    this.act((now) => {
      if (session.phase === 'established') session.bye(now);
      else if (session.direction === 'incoming') session.reject(now, 486);
      else session.cancel(now);
    });
  }

  /** The connection breaks; the phone comes back on another one. */
  comeBack({ phone }: Person): void {
    this.#lab.disconnect(phone.flow.id);
    this.wait(1_000);
    phone.connect();
    for (const session of phone.sessions) session.moveTo(this.now, phone.flow);
    phone.register();
  }

  /** @throws Error for what must never be */
  check(): void {
    const calls = this.#lab.core.calls();
    const legs = calls.flatMap((call) => call.legs);
    // In a call that is placed for a transfer nobody speaks SIP yet for the one who will talk.
    demand(this.#lab.core.tableSizes.legs <= legs.length, `every SIP leg is in a call: ${legs.length} are`);
    // A leg that is being joined is in the call that it may have to go back to, too.
    const most = Math.max(0, ...[...Map.groupBy(legs, ({ leg }) => leg).values()].map(({ length }) => length));
    demand(most <= 2, 'a leg is in one call, or being joined into another');
    for (const call of calls) {
      demand(call.legs.length > 0, `${call.call} has a leg`);
      const words = call.legs.map((leg) => `${leg.line} ${leg.state} ${leg.level}`).join(', ');
      demand(hasTrueLevel(call), `the level of ${call.call} (${call.level}) is the lowest of its legs: ${words}`);
    }
    demand(hasTrueConferences(calls), 'a conference has one level, the lowest in it, and room for all who are in it');
    for (const person of this.people) this.#checkHeard(person);
    this.#requiring = new Set(calls.flatMap(({ call, policy }) => (policy === 'require' ? [call] : [])));
  }

  /** Everybody hangs up and goes: nothing is left, and every INVITE was answered once. */
  finish(): void {
    for (const person of this.people) {
      while (person.sessions.length > 0) {
        const before = person.sessions.length;
        this.hangUp(person);
        this.wait(100);
        if (person.sessions.length >= before) this.wait(40_000);
      }
    }
    this.check();
    this.wait(longEnough);
    this.check();
    for (const { phone } of this.people) this.#lab.disconnect(phone.flow.id);
    this.wait(longEnough);
    const left = Object.entries(this.#lab.core.tableSizes).filter(([, size]) => size > 0);
    demand(left.length === 0 && this.#lab.core.calls().length === 0, `nothing is left, but ${left.join(' ')}`);
    demand(this.#lab.core.poll() === undefined, 'nothing more is said');
  }

  /** A fifth is lost, some come twice, and any may be late enough to be overtaken. */
  #overUdp(): readonly number[] {
    const chance = this.#random.below(10);
    if (chance < 2) return [];
    const delay = () => 1 + this.#random.below(60);
    return chance === 9 ? [delay(), delay()] : [delay()];
  }

  #allocate() {
    this.#sides += 1;
    return { side: this.#sides, address: '198.51.100.1', port: 20_000 + 2 * this.#sides };
  }

  #moveIn(kind: Kind, at: number): Person {
    const [name, line] = [`SEP00000000000${at}`, `100${at}`];
    const { bytes: random } = new SeededRandom(50 + at);
    const digest = new DigestClient({ username: name, password: new Redacted('secret'), random });
    const byPassword = {
      securityMode: 'non-secure',
      transport: 'udp',
      password: { sha256: digestHa1('SHA-256', name, simulatedRealm, 'secret'), md5: undefined },
      agent: { answerChallenge: digest.answer.bind(digest), methods: ['NOTIFY'] },
    } as const;
    const byCertificate = { transport: 'tls', agent: { methods: ['NOTIFY'] } } as const;
    const options = kind === 'digest' ? byPassword : { ...byCertificate, securityMode: kind };
    const phone = this.#lab.phone(name, line, options);
    phone.register();
    return new Person(this, phone, kind);
  }

  #checkHeard(person: Person): void {
    const { received } = person.phone;
    for (const message of received.slice(this.#heard.get(person) ?? 0)) {
      this.#noteKeys(message);
      this.#checkRequired(message);
      if (person.kind !== 'encrypted') demand(!text(message.body).includes('a=crypto'), 'no key goes where none may');
    }
    this.#heard.set(person, received.length);
    const finals = new Map<string, Set<string>>();
    for (const message of received) {
      const key = finalOfInvite(message);
      if (key === undefined || message.kind !== 'response') continue;
      finals.set(key, (finals.get(key) ?? new Set()).add(`${message.status}`));
    }
    for (const statuses of finals.values()) demand(statuses.size === 1, 'an INVITE is answered once');
  }

  /** Nobody is told of clear media in a call that requires encryption. */
  #checkRequired(message: SipMessage): void {
    const call = this.#lab.core.messageLegs.ofCallId(headerValue(message, 'Call-ID') ?? '')?.call;
    if (call === undefined || !this.#requiring.has(call)) return;
    const clear = /^m=audio (?!0 )\d+ RTP\/AVP/m.test(text(message.body));
    demand(!clear, `nobody is told of clear media in ${call}, which requires encryption`);
  }

  /** In which call a key was told. The name of a call that is over already is not known any more. */
  #noteKeys(message: SipMessage): void {
    const call = this.#lab.core.messageLegs.ofCallId(headerValue(message, 'Call-ID') ?? '')?.call;
    if (call === undefined) return;
    for (const [, key = ''] of text(message.body).matchAll(/inline:(\S+)/g)) {
      const told = (this.#callsOfKey.get(key) ?? new Set()).add(call);
      this.#callsOfKey.set(key, told);
      demand(told.size === 1, `a key is told in one call, not in ${[...told].join(' and ')}`);
    }
  }
}

/** Names the transaction of a final response to INVITE. */
function finalOfInvite(message: SipMessage): string | undefined {
  if (message.kind === 'request' || message.status < 200) return undefined;
  const sequence = headerValue(message, 'CSeq') ?? '';
  return sequence.endsWith(' INVITE') ? `${headerValue(message, 'Via')} ${sequence}` : undefined;
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`It must be that ${what}.`);
}
