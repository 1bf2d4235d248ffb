import {
  type InviteSession,
  type SipFlow,
  type SipMessage,
  SipUserAgent,
  type SipUserAgentOutput,
  withHeader,
} from '@trustline/sip';
import { SeededRandom } from '@trustline/testing';

const sdp = new TextEncoder().encode('v=0');
/** Longer than anything of a session lives once all have hung up and nothing more comes in. */
const longEnough = 400_000;
/** Sessions of one end at a time. */
const maximumSessions = 6;

/**
 * Reads `data` as a sequence of moves on two user agents that share a datagram flow: every command of a
 * session at any time, and messages lost, doubled, late, altered and answered by nobody. No move may
 * throw, each session ends exactly once, no event comes after that but a late fork's, and when all have
 * hung up and time has passed every table is empty.
 */
export function fuzz(data: Uint8Array): void {
  const game = new Game();
  for (let at = 0; at + 1 < data.length; at += 2) game.move(data[at] ?? 0, data[at + 1] ?? 0);
  game.finish();
}

class End {
  readonly agent: SipUserAgent;
  readonly flow: SipFlow;
  readonly sessions: InviteSession[] = [];
  readonly outbox: SipMessage[] = [];
  readonly #ended = new Set<InviteSession>();

  constructor(seed: number) {
    const local = { host: `192.0.2.${seed}`, port: 5060 };
    const remote = { host: `192.0.2.${3 - seed}`, port: 5060 };
    this.flow = { id: `flow-${seed}`, transport: 'udp', local, remote };
    this.agent = new SipUserAgent({
      random: new SeededRandom(seed).bytes,
      contact: (flow) => `<sip:end@${flow.local.host}>`,
      maximumSessions,
      reliableProvisionals: true,
    });
  }

  session(value: number): InviteSession | undefined {
    return this.sessions[value % Math.max(1, this.sessions.length)];
  }

  place(now: number, value: number): void {
    if (this.agent.sessionCount >= maximumSessions) return;
    const offer = value % 3 === 0 ? undefined : sdp;
    const options = {
      requestUri: 'sip:you@example.com',
      from: '<sip:me@example.com>',
      to: '<sip:you@example.com>',
      offer,
      headers: value % 5 === 0 ? [{ name: 'Require', value: '100rel' }] : [],
    };
    this.sessions.push(this.agent.place(now, this.flow, options));
  }

  drain(): void {
    for (let output = this.agent.poll(); output !== undefined; output = this.agent.poll()) this.#take(output);
  }

  #take(output: SipUserAgentOutput): void {
    if (output.kind === 'transmit') this.outbox.push(output.message);
    else if (output.kind === 'incoming') this.sessions.push(output.session);
    else if (output.kind === 'session') {
      const { session, event } = output;
      if (this.#ended.has(session) && event.kind !== 'fork-accepted') throw new Error(`${event.kind} after the end`);
      if (event.kind === 'ended') this.#ended.add(session);
    }
  }
}

class Game {
  readonly #ends: readonly [End, End] = [new End(1), new End(2)];
  #now = 1_000;

  move(operation: number, value: number): void {
    const [end, other] = (operation & 1) === 0 ? this.#ends : [this.#ends[1], this.#ends[0]];
    const kind = (operation >> 1) % 20;
    if (kind === 0) end.place(this.#now, value);
    else if (kind < 6) this.#deliver(end, other, value);
    else if (kind === 6) this.#wait(value * value);
    else if (kind === 7) end.outbox.splice(value % Math.max(1, end.outbox.length), 1);
    else if (kind === 8) end.agent.flowClosed(this.#now, end.flow.id);
    else this.#command(end.session(value >> 2), kind, value);
    for (const each of this.#ends) each.drain();
  }

  #command(session: InviteSession | undefined, kind: number, value: number): void {
    const now = this.#now;
    const method = (value & 1) === 0 ? 'INVITE' : 'UPDATE';
    switch (kind) {
      case 9:
        session?.ring(now, 180 + (value & 3), (value & 1) === 0 ? {} : { earlyAnswer: sdp });
        break;
      case 10:
      case 11:
        session?.accept(now, sdp);
        break;
      case 12:
        session?.reject(now, 486);
        break;
      case 13:
        session?.cancel(now);
        break;
      case 14:
        session?.bye(now);
        break;
      case 15:
        session?.reoffer(now, sdp, { method });
        break;
      case 16:
        session?.requestOffer(now);
        break;
      case 17:
        session?.answerOffer(now, sdp);
        break;
      case 18:
        session?.rejectOffer(now, 488);
        break;
      default:
        if ((value & 1) === 0) session?.update(now, {});
        else session?.info(now, { contentType: 'application/dtmf', body: sdp });
    }
  }

  /** Carries one message, not always the oldest, at times twice or with another status, tag, body or branch. */
  #deliver(from: End, to: End, value: number): void {
    const at = (value >> 3) % Math.max(1, Math.min(4, from.outbox.length));
    const message = from.outbox[at];
    if (message === undefined) return;
    if ((value & 7) !== 1) from.outbox.splice(at, 1);
    to.agent.receive(this.#now, to.flow, (value & 7) === 2 ? altered(message, value >> 5) : message);
  }

  #wait(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let turns = 0; ; turns += 1) {
      if (turns > 100_000) throw new Error('the timers never come to rest');
      const next = Math.min(...this.#ends.map(({ agent }) => agent.nextDeadline() ?? Number.POSITIVE_INFINITY));
      if (next > end) break;
      this.#now = Math.max(this.#now, next);
      for (const each of this.#ends) {
        each.agent.handleTime(this.#now);
        each.drain();
      }
    }
    this.#now = end;
  }

  /** Everyone hangs up, and nothing arrives any more. */
  finish(): void {
    for (const end of this.#ends) {
      for (const session of end.sessions) session.bye(this.#now);
      end.drain();
    }
    this.#wait(longEnough);
    for (const { agent } of this.#ends) {
      const left = Object.entries(agent.tableSizes).filter(([, size]) => size > 0);
      if (left.length > 0) throw new Error(`left behind: ${left.join(' ')}`);
    }
  }
}

function altered(message: SipMessage, how: number): SipMessage {
  switch (how) {
    case 0:
      return withHeader(message, 'To', '<sip:you@example.com>;tag=other');
    case 1:
      return { ...message, body: new Uint8Array(0) };
    case 2:
      return withHeader(message, 'CSeq', message.kind === 'request' ? `77 ${message.method}` : '77 INVITE');
    case 3:
      return withHeader(message, 'Contact', 'not an address');
    case 4:
      return message.kind === 'response' ? { ...message, status: 200 } : { ...message, method: 'UPDATE' };
    case 5:
      return message.kind === 'response' ? { ...message, status: 481 } : { ...message, method: 'BYE' };
    default:
      return message.kind === 'response' ? { ...message, status: 491 } : withHeader(message, 'Require', '100rel');
  }
}
