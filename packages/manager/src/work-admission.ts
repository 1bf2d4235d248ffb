import { type Authorization, type SipFlow, type SipRequest, toTag } from '@trustline/sip';
import { warningHeader } from './legs/sip/leg-headers.ts';
import { OverloadControl } from './overload-control.ts';
import { RateLimit } from './rate-limit.ts';

/** An overload is said at most this often, in milliseconds. */
const NOTICE_INTERVAL = 10_000;

export interface WorkAdmissionPorts {
  readonly registrationsPerSecond: number;
  readonly callsPerSecond: number;
  isEmergency(request: SipRequest): boolean;
  /** More comes in than is taken. */
  overloaded(notice: { readonly cause: string; readonly reason: string; readonly nextStep: string }): void;
}

/** Overload turns new work away and leaves running calls unharmed; a call for help is taken all the same. */
export class WorkAdmission {
  readonly #ports: WorkAdmissionPorts;
  readonly #overload = new OverloadControl();
  /** Strangers without a certificate have buckets of their own, so that they take no place from devices with one. */
  readonly #rates: Readonly<Record<'proven' | 'clear', { readonly REGISTER: RateLimit; readonly INVITE: RateLimit }>>;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(ports: WorkAdmissionPorts) {
    this.#ports = ports;
    const rates = () => ({
      REGISTER: new RateLimit(ports.registrationsPerSecond),
      INVITE: new RateLimit(ports.callsPerSecond),
    });
    this.#rates = { proven: rates(), clear: rates() };
  }

  /** The share of new work that is turned away, 0 to 1. */
  get loss(): number {
    return this.#overload.loss;
  }

  /** Whether a request outside a dialog is taken. */
  takes(now: number, flow: SipFlow, request: SipRequest): boolean {
    const { method } = request;
    // What may wait gives way to calls; a refresh within a dialog goes on.
    if (method === 'SUBSCRIBE' || method === 'MESSAGE')
      return toTag(request) !== undefined || this.#overload.takes(now);
    if (method !== 'REGISTER' && method !== 'INVITE') return true;
    if (method === 'INVITE' && this.#ports.isEmergency(request)) return true;
    const isInTime = this.#overload.takes(now);
    if (isInTime && this.#rates[flow.transport === 'tls' ? 'proven' : 'clear'][method].take(now)) return true;
    if (now - this.#saidAt >= NOTICE_INTERVAL) {
      this.#saidAt = now;
      this.#ports.overloaded(isInTime ? ofRate(method === 'REGISTER' ? 'registrations' : 'calls') : ofProcessor);
    }
    return false;
  }

  /** Timers were late by so many milliseconds. */
  late(milliseconds: number): void {
    this.#overload.late(milliseconds);
  }

  handleTime(now: number): void {
    this.#overload.handleTime(now);
  }

  nextDeadline(): number | undefined {
    return this.#overload.nextDeadline();
  }
}

function ofRate(what: 'registrations' | 'calls') {
  return {
    cause: `more ${what} come in than are taken; the rest is answered 503 with Retry-After`,
    reason: what,
    nextStep: `Find out who sends them, or raise limits.${what}PerSecond`,
  };
}

const ofProcessor = {
  cause: 'more comes in than the machine has time for; a share of new work is answered 503 with Retry-After',
  reason: 'processor',
  nextStep: 'Find out who sends them, or give the machine more processors.',
};

/** More comes in than is taken: when to try again is spread over ten seconds, so that they do not all come back at once. */
export function tooMuch(flow: SipFlow, random: (length: number) => Uint8Array): Authorization {
  const retryAfter = 5 + ((random(1)[0] ?? 0) % 10);
  const words = `More comes in than the call manager takes; try again in ${retryAfter} seconds`;
  const headers = [{ name: 'Retry-After', value: String(retryAfter) }, warningHeader(flow, words)];
  return { kind: 'refuse', status: 503, headers };
}
