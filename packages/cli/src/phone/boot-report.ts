import { assertNever, type TrustlineError } from '@trustline/base';
import type { PhoneState } from '@trustline/phone';
import type { BootEvent, FileServer, PhoneEvent } from '@trustline/phone/node';
import { displayedHashes } from '@trustline/pki';
import { printable, printFailure, type Terminal } from '../terminal.ts';
import { keysContent, keysSentence } from './report.ts';

/** Version of what `--json` prints. */
const SCHEMA = 1;
const PHONE_WIDTH = 34;

const marks = { information: ' ', warning: '!', alarm: 'X' } as const;

/** Tells how a phone boots: what a phone shows or logs on the left, and what it means on the right; or NDJSON. */
export class BootReport {
  readonly #terminal: Terminal;
  readonly #device: string;
  readonly #json: boolean;
  readonly #startedAt = performance.now();
  #hasFailed = false;

  constructor(terminal: Terminal, device: string, asJson: boolean) {
    this.#terminal = terminal;
    this.#device = device;
    this.#json = asJson;
  }

  begins({ host, httpPort, tftpPort }: FileServer, folder: string): void {
    if (this.#json) {
      this.#object({ kind: 'power-on', host, httpPort, tftpPort, folder });
      return;
    }
    const where = `${printable(host)} (HTTP ${httpPort}, then TFTP ${tftpPort})`;
    this.#say(`${this.#device} boots from ${where}; its memory is ${folder}.`);
    this.#row(' ', 'PHONE', 'WHAT IT MEANS');
  }

  event(event: BootEvent): void {
    if (this.#json) {
      this.#object(jsonEvent(event));
      return;
    }
    switch (event.kind) {
      case 'log':
        this.#row(marks[event.level], event.phone, event.ours);
        return;
      case 'file':
        if (event.answer !== 'found') return; // the phone says it in its own words
        this.#row(' ', event.name, `${event.octets} octets by ${event.transport.toUpperCase()}.`);
        return;
      case 'registering': {
        const { host, port } = event.manager;
        this.#row(' ', 'Registering', `The call manager ${host}:${port} is tried by ${event.transport.toUpperCase()}.`);
        return;
      }
      case 'registration-failed':
        this.#row('!', 'Registration rejected', event.error.message);
        return;
      case 'try-failed':
        // The first one is the result of the command.
        if (this.#hasFailed) printFailure(this.#terminal, event.error);
        return;
      case 'registered':
        this.#row(' ', 'Registered', `${event.how.securityMode}, by ${event.how.transport.toUpperCase()}.`);
        return;
      case 'enrolment': // the phone says it in its own words
        return;
      default:
        assertNever(event);
    }
  }

  /** What the phone tells once it speaks with its manager: what its keys are for, and what is behind their lamps. */
  ofPhone(event: PhoneEvent): void {
    if (event.kind !== 'keys') return;
    if (this.#json) this.#object(keysContent(event.keys));
    else {
      const sentence = keysSentence(event.keys);
      if (sentence !== undefined) this.#say(sentence);
    }
  }

  registered({ lists, lsc }: PhoneState, folder: string, isOver: boolean): void {
    if (this.#json) {
      this.#result({ outcome: 'registered', code: null, reason: null, next: null, exitCode: 0 });
      return;
    }
    const hash = (list: Uint8Array | undefined) => (list === undefined ? 'none' : displayedHashes(list).sha1);
    this.#say('');
    this.#say(
      `${this.#device} is registered${isOver ? '' : '; it rings and nobody picks up; Ctrl-C switches it off'}.`,
    );
    this.#say(`  CTL ${hash(lists.ctl)}`);
    this.#say(`  ITL ${hash(lists.itl)}`);
    this.#say(`  LSC ${lsc === undefined ? 'none' : 'installed'}`);
    this.#say(
      `  next: trustline phone call NUMBER --state ${folder}, or to be called: trustline phone answer --state ${folder}`,
    );
  }

  /** The first try came to nothing. Returns the exit code. */
  failure(error: TrustlineError, exitCode: number, isOver: boolean): number {
    this.#hasFailed = true;
    if (this.#json) {
      const { code, message, nextStep } = error;
      this.#result({ outcome: 'not-registered', code, reason: message, next: nextStep ?? null, exitCode });
    } else {
      printFailure(this.#terminal, error);
      if (!isOver) this.#say('The phone goes on trying; Ctrl-C switches it off.');
    }
    return exitCode;
  }

  #row(mark: string, phone: string, ours: string): void {
    this.#say(`${mark} ${printable(phone).padEnd(PHONE_WIDTH)} ${printable(ours)}`);
  }

  #say(text: string): void {
    this.#terminal.out(`${text}\n`);
  }

  #result(content: Readonly<Record<string, unknown>>): void {
    const seconds = Math.round(performance.now() - this.#startedAt) / 1_000;
    this.#object({ kind: 'result', seconds, ...content });
  }

  #object(content: Readonly<Record<string, unknown>>): void {
    const envelope = { schema: SCHEMA, node: this.#device, at: new Date().toISOString() };
    this.#terminal.out(`${JSON.stringify({ ...envelope, ...content })}\n`);
  }
}

function jsonEvent(event: BootEvent): Readonly<Record<string, unknown>> {
  switch (event.kind) {
    case 'registered': {
      const { transport, securityMode, identity } = event.how;
      return { kind: event.kind, manager: event.manager, transport, securityMode, identity: identity ?? null };
    }
    case 'registration-failed':
      return { kind: event.kind, manager: event.manager, ...errorFields(event.error) };
    case 'try-failed':
      return { kind: event.kind, ...errorFields(event.error) };
    case 'log':
    case 'file':
    case 'enrolment':
    case 'registering':
      return { ...event };
  }
}

function errorFields({ code, message, nextStep }: TrustlineError): Readonly<Record<string, unknown>> {
  return { code, reason: message, next: nextStep ?? null };
}
