import type { TrustlineError } from '@trustline/base';
import type { EndedCall, PhoneKey } from '@trustline/phone';
import type { PhoneEvent, RunningCall } from '@trustline/phone/node';
import { printFailure, type Terminal } from '../terminal.ts';
import { exitCodeOfEnding, nextStepOf } from './exit-codes.ts';

/** Version of what `--json` prints. */
const SCHEMA = 1;
const LINE_INTERVAL = 500;
/** A call that was answered this long should have brought packets. */
const MUTE_SECONDS = 1;
const mute =
  'No packet of the far end came.\n  next: See what drops media on the way to this phone: a firewall, or on the machine of a manager or gateway with IPsec its guard. There call from another machine, or from a network namespace.';

/** Tells what happens: lines for people with one live line at the bottom of a terminal, or NDJSON for scripts. */
export class PhoneReport {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #line: string;
  readonly #node: string;
  readonly #goesOn: boolean;
  #timer: NodeJS.Timeout | undefined;
  #live = false;
  #wasRegistered = false;

  /**
   * @param node whose lines they are: the device's name, since the manager's node is not known on this side
   * @param goesOn whether the phone goes on after a first try that failed; else {@link failure} says it, once
   */
  constructor(terminal: Terminal, node: string, line: string, asJson: boolean, goesOn: boolean) {
    this.#node = node;
    this.#goesOn = goesOn;
    this.#terminal = terminal;
    this.#line = line;
    this.#json = asJson;
  }

  event(event: PhoneEvent): void {
    if (event.kind === 'registered') this.#wasRegistered = true;
    if (this.#json) this.#object(jsonEvent(event));
    else if (this.#wasRegistered || this.#goesOn || !event.kind.endsWith('-failed')) {
      const text = sentence(event);
      if (text !== undefined) this.#say(text);
    }
  }

  /** Keeps one line about a call on the terminal until it ends; where that is no terminal, says nothing. */
  follow(call: RunningCall): void {
    if (this.#json || this.#terminal.isInteractive !== true || this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      this.#live = true;
      this.#terminal.out(`\r\u001b[2K${liveLine(this.#line, call)}`);
    }, LINE_INTERVAL);
    void call.ended.then(() => {
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  /** The phone could not do what was asked; returns the exit code. */
  failure(error: TrustlineError, exitCode: number): number {
    if (!this.#json) printFailure(this.#terminal, error);
    else {
      const { code, message, nextStep } = error;
      this.#object({
        kind: 'result',
        ending: 'not-registered',
        code,
        reason: message,
        next: nextStep ?? null,
        exitCode,
      });
    }
    return exitCode;
  }

  /** How the call went; returns the exit code. */
  result(call: RunningCall, ended: EndedCall, seconds: number): number {
    const exitCode = exitCodeOfEnding(ended.ending);
    if (this.#json) {
      this.#object({ kind: 'result', ...facts(call), ...ended, status: ended.status ?? null, seconds, exitCode });
      return exitCode;
    }
    if (call.lastMedia !== undefined) this.#say(liveLine(this.#line, call));
    const nextStep = nextStepOf(ended.ending);
    this.#say(`The call with ${shown(call.number)} ended: ${ended.ending} (${shown(ended.reason)}).`);
    if (nextStep !== undefined) this.#say(`  next: ${nextStep}`);
    if (seconds >= MUTE_SECONDS && isMute(call)) this.#say(mute);
    return exitCode;
  }

  #say(text: string): void {
    this.#terminal.out(`${this.#live ? '\r\u001b[2K' : ''}${text}\n`);
    this.#live = false;
  }

  #object(content: Readonly<Record<string, unknown>>): void {
    this.#terminal.out(
      `${JSON.stringify({ schema: SCHEMA, node: this.#node, at: new Date().toISOString(), ...content })}\n`,
    );
  }
}

/** State, level, codec, suite, packets, loss, jitter and the estimate of ITU-T G.107. */
export function liveLine(line: string, call: RunningCall): string {
  const arrow = call.direction === 'outgoing' ? '->' : '<-';
  const parts = [`${line} ${arrow} ${shown(call.number)}`, call.state, call.level ?? 'level unknown'];
  const media = call.state === 'ended' ? call.lastMedia : call.media;
  if (media !== undefined) parts.push(`${media.codec} ${media.suite}`);
  const statistics = call.statistics();
  if (statistics !== undefined) {
    const { packetsSent, packetsReceived, packetsLost, lossRatio, jitterMilliseconds, meanOpinionScore } = statistics;
    parts.push(
      `sent ${packetsSent}, received ${packetsReceived}, lost ${packetsLost} (${(100 * lossRatio).toFixed(1)} %)`,
    );
    parts.push(`jitter ${jitterMilliseconds.toFixed(1)} ms`);
    if (meanOpinionScore !== undefined) parts.push(`MOS ${meanOpinionScore.toFixed(2)}`);
  }
  return parts.join(' | ');
}

/** Media were agreed, and nothing came, not even what had to be refused. */
function isMute(call: RunningCall): boolean {
  const statistics = call.statistics();
  if (call.lastMedia === undefined || statistics === undefined) return false;
  return statistics.packetsReceived === 0 && Object.values(statistics.rejections).every((count) => count === 0);
}

function facts(call: RunningCall): Readonly<Record<string, unknown>> {
  const statistics = call.statistics();
  return {
    call: call.id,
    direction: call.direction,
    number: call.number,
    level: call.level ?? null,
    codec: call.lastMedia?.codec ?? null,
    suite: call.lastMedia?.suite ?? null,
    digitsReceived: call.digits,
    packetsSent: statistics?.packetsSent ?? 0,
    packetsReceived: statistics?.packetsReceived ?? 0,
    packetsLost: statistics?.packetsLost ?? 0,
    packetsRefused: Object.values(statistics?.rejections ?? {}).reduce((sum, count) => sum + count, 0),
    jitterMilliseconds: statistics?.jitterMilliseconds ?? null,
    roundTripMilliseconds: statistics?.roundTripMilliseconds ?? null,
    meanOpinionScore: statistics?.meanOpinionScore ?? null,
  };
}

function jsonEvent(event: PhoneEvent): Readonly<Record<string, unknown>> {
  switch (event.kind) {
    case 'connected':
      return {
        kind: event.kind,
        transport: event.flow.transport,
        manager: event.manager?.subject ?? null,
        protocol: event.tls?.protocol ?? null,
        cipher: event.tls?.cipher ?? null,
        group: event.tls?.group ?? null,
      };
    case 'connection-failed':
      return {
        kind: event.kind,
        code: event.error.code,
        reason: event.error.message,
        next: event.error.nextStep ?? null,
      };
    case 'registration-failed':
      return {
        kind: event.kind,
        status: event.status ?? null,
        reason: event.reason,
        next: event.nextStep ?? null,
        isRetried: event.retryAt !== undefined,
      };
    case 'incoming':
      return { kind: event.kind, call: event.call.id, number: event.call.number, name: event.call.displayName ?? null };
    case 'call': {
      const { kind, ...content } = event.event;
      return { kind: `call.${kind}`, call: event.call.id, ...content };
    }
    case 'keys':
      return keysContent(event.keys);
    case 'disconnected':
    case 'registered':
    case 'unregistered':
    case 'service-control':
      return event;
  }
}

function sentence(event: PhoneEvent): string | undefined {
  switch (event.kind) {
    case 'connected': {
      if (event.tls === undefined) return `Connected by ${event.flow.transport.toUpperCase()}, unprotected.`;
      const { protocol, group = 'a key exchange of TLS 1.2' } = event.tls;
      return `Connected to ${shown(event.manager?.subject ?? 'the manager')} by ${protocol} with ${group}.`;
    }
    case 'connection-failed':
      return `${shown(event.error.message)}${event.error.nextStep === undefined ? '' : `\n  next: ${event.error.nextStep}`}`;
    case 'disconnected':
      return 'The connection to the manager is lost; it is opened again.';
    case 'registered':
      return event.expires === undefined ? 'Registered.' : `Registered for ${event.expires} s.`;
    case 'registration-failed':
      return `Not registered: ${event.status === undefined ? '' : `${event.status} `}${shown(event.reason)}${event.retryAt === undefined ? '' : '; it is tried again'}.${event.nextStep === undefined ? '' : `\n  next: ${shown(event.nextStep)}`}`;
    case 'keys':
      return keysSentence(event.keys);
    case 'unregistered':
      return undefined;
    case 'service-control':
      return `The manager wants the phone to fetch its files again (${event.action}).`;
    case 'incoming':
      return `${shown(event.call.displayName ?? '')} ${shown(event.call.number)} calls.`.trimStart();
    case 'call':
      return callSentence(event.event);
  }
}

export function keysContent(keys: readonly PhoneKey[]): Readonly<Record<string, unknown>> {
  const shownKeys = keys.map(({ key, use, label, number = null, lamp = null }) => ({ key, use, label, number, lamp }));
  return { kind: 'keys', keys: shownKeys };
}

/** A phone that has one line and no more keys needs no word about it. */
export function keysSentence(keys: readonly PhoneKey[]): string | undefined {
  if (keys.length === 1 && keys[0]?.use === 'line') return undefined;
  const words = keys.map(({ key, use, label, number, lamp }) => {
    const name = [label, number].filter(
      (text, at, all) => text !== undefined && text !== '' && all.indexOf(text) === at,
    );
    const state = use === 'busy-lamp' ? ` (${lamp ?? 'dark'})` : '';
    return `${key} ${use} ${shown(name.join(' '))}${state}`;
  });
  return `Keys: ${words.join(', ')}.`;
}

type CallEvent = Extract<PhoneEvent, { readonly kind: 'call' }>['event'];

function callSentence(event: CallEvent): string | undefined {
  switch (event.kind) {
    case 'ringing':
      return 'It rings.';
    case 'established':
      return 'Answered.';
    case 'level':
      return `The call is ${event.level}.`;
    case 'notice':
      return `${shown(event.text)}.`;
    case 'downgraded':
      return `The call is tried in the clear: ${shown(event.reason)}.`;
    case 'digit':
      return `Digit ${event.digit}.`;
    case 'hold':
      return event.local || event.remote ? `On hold${event.remote ? ' by the far end' : ''}.` : 'Off hold.';
    case 'offer-refused':
      return `A change of the call was refused: ${event.status} ${shown(event.reason)}.`;
    case 'refused-offer':
      return `A change of the call by the far end was refused: ${shown(event.reason)}.`;
    case 'transfer':
      return transferSentence(event);
    case 'media':
    case 'ended': // the result says it
      return undefined;
  }
}

function transferSentence({ state, status, reason }: Extract<CallEvent, { kind: 'transfer' }>): string {
  switch (state) {
    case 'accepted':
      return 'The transfer is under way.';
    case 'ringing':
      return 'The one that the call is transferred to rings.';
    case 'done':
      return 'The call is transferred.';
    case 'failed':
      return `The transfer came to nothing: ${status} ${shown(reason)}.`;
  }
}

/** What strangers chose must not drive the terminal. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
