import { forEachSeed, type SeededRandom, type SipEnd, SipPair, VirtualClock } from '@trustline/testing';
import { expect, test } from 'vitest';
import type { SessionEvent } from '../session/events.ts';
import type { InviteSession } from '../session/invite-session.ts';
import type { SipUserAgentOutput } from './outputs.ts';
import { SipUserAgent } from './user-agent.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (sdp: Uint8Array): string => new TextDecoder().decode(sdp);

/** A user who does anything at any time, and keeps account of every offer. */
class Player {
  session: InviteSession | undefined;
  readonly ended: SessionEvent[] = [];
  readonly #name: string;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  #offers = 0;
  /** Our offers on their way: by a command of ours, and in a 2xx because the peer asked for one. */
  #mine: string | undefined;
  #asked: string | undefined;
  /** What we owe the peer. */
  #owed: 'answer' | 'offer' | undefined;
  #theirs = '';

  constructor(name: string, clock: VirtualClock, random: SeededRandom) {
    this.#name = name;
    this.#clock = clock;
    this.#random = random;
  }

  get hasOpenOffer(): boolean {
    return this.#mine !== undefined || this.#asked !== undefined || this.#owed !== undefined;
  }

  take(output: Exclude<SipUserAgentOutput, { readonly kind: 'transmit' }>): void {
    if (output.kind === 'incoming') {
      expect(this.session, 'one INVITE is one call').toBeUndefined();
      this.session = output.session;
      if (output.session.initialOffer === undefined) this.#owed = 'offer';
      else this.#owe();
    } else if (output.kind === 'session') this.#takeEvent(output.event);
  }

  #owe(): void {
    expect(this.#owed, 'an offer came while another was not answered').toBeUndefined();
    this.#owed = 'answer';
  }

  #takeEvent(event: SessionEvent): void {
    expect(this.ended, `${event.kind} after the end`).toHaveLength(0);
    switch (event.kind) {
      case 'accepted':
      case 'reoffer-answered':
      case 'acknowledged':
        if (event.answer !== undefined) this.#takeAnswer(decode(event.answer));
        break;
      case 'reoffer-rejected':
        expect(this.#mine, 'a refusal of nothing').toBeDefined();
        this.#mine = undefined;
        break;
      case 'accepted-with-offer':
      case 'offer':
        this.#theirs = decode(event.offer);
        this.#mine = this.#mine === 'request' ? undefined : this.#mine;
        this.#owe();
        break;
      case 'offer-requested':
        expect(this.#owed).toBeUndefined();
        this.#owed = 'offer';
        break;
      case 'offer-withdrawn':
        expect(this.#owed).toBeDefined();
        this.#owed = undefined;
        break;
      case 'ended':
        this.ended.push(event);
        this.#mine = undefined;
        this.#asked = undefined;
        this.#owed = undefined;
        break;
      default:
    }
  }

  #takeAnswer(answer: string): void {
    const open = [this.#mine, this.#asked].map((offer) => `answer to ${offer}`);
    expect(open).toContain(answer);
    if (answer === open[0]) this.#mine = undefined;
    else this.#asked = undefined;
  }

  place(agent: SipUserAgent, end: SipEnd<SipUserAgentOutput>): void {
    const early = this.#random.chance(0.7);
    this.session = agent.place(this.#clock.now, end.flow, {
      requestUri: 'sip:right@192.0.2.2',
      from: '<sip:left@x>',
      to: '<sip:right@x>',
      offer: early ? encode(this.#command()) : undefined,
      headers: this.#random.chance(0.3) ? [{ name: 'Require', value: '100rel' }] : [],
    });
  }

  #command(): string {
    this.#mine = this.#newOffer();
    return this.#mine;
  }

  #reply(): string {
    this.#asked = this.#newOffer();
    return this.#asked;
  }

  #newOffer(): string {
    this.#offers += 1;
    return `${this.#name} ${this.#offers}`;
  }

  /** Settles what we owe. */
  answer(refuse: boolean): void {
    const { session } = this;
    const now = this.#clock.now;
    if (session === undefined || this.#owed === undefined) return;
    const owed = this.#owed;
    this.#owed = undefined;
    const initial = session.phase === 'incoming';
    if (refuse) {
      expect(initial ? session.reject(now, 486) : session.rejectOffer(now, 488)).toBe(true);
      return;
    }
    const theirs = initial && session.initialOffer !== undefined ? decode(session.initialOffer) : this.#theirs;
    const sdp = encode(owed === 'offer' ? this.#reply() : `answer to ${theirs}`);
    expect(initial ? session.accept(now, sdp) : session.answerOffer(now, sdp)).toBe(true);
  }

  move(): void {
    const { session } = this;
    const now = this.#clock.now;
    if (session === undefined || session.phase === 'ended') return;
    const dice = this.#random.below(100);
    if (dice < 40) this.answer(dice < 4);
    else if (dice < 45) session.ring(now, 180);
    else if (dice < 65 && session.phase === 'established' && !this.hasOpenOffer) {
      const sdp = encode(this.#command());
      expect(session.reoffer(now, sdp, { method: dice < 55 ? 'INVITE' : 'UPDATE' })).toBe(true);
    } else if (dice < 70 && session.phase === 'established' && !this.hasOpenOffer) {
      this.#mine = 'request';
      expect(session.requestOffer(now)).toBe(true);
    } else if (dice < 80) session.info(now, { contentType: 'application/dtmf', body: encode('1') });
    else if (dice < 90) session.update(now, { headers: [] });
    else if (dice < 92) session.bye(now);
    else if (dice < 93) session.cancel(now);
  }
}

test('on a network that loses, repeats and reorders, both ends agree, every offer is settled once, and nothing is left', () => {
  const outcomes = { established: 0, ended: 0 };
  forEachSeed(400, (random) => {
    const clock = new VirtualClock(1_000);
    const agent = (name: string) =>
      new SipUserAgent({ random: random.bytes, contact: () => `<sip:${name}@192.0.2.9>`, reliableProvisionals: true });
    const [leftAgent, rightAgent] = [agent('left'), agent('right')];
    const conditions = {
      loss: random.next() * 0.3,
      duplication: random.next() * 0.3,
      minimumDelay: 1,
      maximumDelay: 1 + random.next() * 800,
    };
    const pair = new SipPair<SipUserAgentOutput>(clock, leftAgent, rightAgent, { random, conditions });
    const left = new Player('left', clock, random);
    const right = new Player('right', clock, random);
    pair.left.onOutput = (output) => left.take(output);
    pair.right.onOutput = (output) => right.take(output);
    pair.act(() => left.place(leftAgent, pair.left));
    for (let turn = 0; turn < 30; turn += 1) {
      clock.advance(random.below(2_000));
      pair.act(() => (random.chance(0.5) ? left : right).move());
    }
    // A peaceful end: what is under way arrives, what is owed is answered.
    pair.network.conditions = { ...conditions, loss: 0, duplication: 0 };
    for (let turn = 0; turn < 200; turn += 1) {
      clock.advance(1_000);
      pair.act(() => {
        left.answer(false);
        right.answer(false);
      });
    }
    const phase = (player: Player) => player.session?.phase ?? 'ended';
    expect([phase(left), phase(right)]).toEqual([phase(right), phase(left)]);
    expect([left.hasOpenOffer, right.hasOpenOffer]).toEqual([false, false]);
    outcomes[phase(left) === 'ended' ? 'ended' : 'established'] += 1;
    pair.act(() => left.session?.bye(clock.now));
    clock.runUntilIdle();
    for (const [player, machine] of [
      [left, leftAgent],
      [right, rightAgent],
    ] as const) {
      expect(player.ended).toHaveLength(player.session === undefined ? 0 : 1);
      expect(Object.values(machine.tableSizes)).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });
  // The simulation says something only if it takes both ways.
  expect(outcomes.established).toBeGreaterThan(20);
  expect(outcomes.ended).toBeGreaterThan(20);
});
