import { type Authorization, type SipFlow, type SipRequest, toTag } from '@trustline/sip';
import { addressOf } from './legs/sip/authority.ts';
import { warningHeader } from './legs/sip/leg-headers.ts';
import { OverloadControl } from './overload-control.ts';
import { RateLimit } from './rate-limit.ts';
import { keepNewest, SourceLimits } from './source-limits.ts';

/** An overload is said at most this often, in milliseconds. */
const NOTICE_INTERVAL = 10_000;
/** Addresses and ports without a certificate from which devices have proved themselves by password: the newest so many. */
export const mostKnownSources = 20_000;
/** Of what is looked at of all strangers, one of their addresses has this share. */
const shareOfSource = 1 / 4;
/** What a device without a certificate begins takes two requests: one is challenged, one is proved. */
const requestsPerPiece = 2;

export interface WorkAdmissionPorts {
  readonly registrationsPerSecond: number;
  readonly callsPerSecond: number;
  isEmergency(request: SipRequest): boolean;
  /** Whether it is a trunk's that is believed without TLS or a password, by its address. */
  isOfClearTrunk(flow: SipFlow, request: SipRequest): boolean;
  /** More comes in than is taken. */
  overloaded(notice: OverloadNotice): void;
}

/** What is said of an overload, for an event. */
export interface OverloadNotice {
  readonly cause: string;
  readonly reason: string;
  readonly nextStep: string;
  /** A host whose requests were too many; it may be one of several. */
  readonly remoteAddress?: string;
}

interface Rates {
  readonly REGISTER: RateLimit;
  readonly INVITE: RateLimit;
}

/**
 * Overload turns new work away and leaves running calls unharmed; a call for help is taken all the same. Only what has
 * proved itself takes a place among the calls and registrations of a second. What has not may be looked at, to challenge
 * it or verify its credentials, so often for each source and for all of them; an address and port from which somebody
 * has proved himself has a share that strangers take nothing from.
 */
export class WorkAdmission {
  readonly #ports: WorkAdmissionPorts;
  readonly #overload = new OverloadControl();
  /** By how somebody has proved himself, so that the weaker proof takes no place from the stronger: an address may be forged. */
  readonly #rates: Readonly<Record<'certificate' | 'password' | 'address', Rates>>;
  /** Each by itself, so that a flood of one kind leaves the others alone. */
  readonly #strangers: Readonly<Record<'REGISTER' | 'INVITE' | 'emergency', SourceLimits>>;
  /** By transport, address and port, the one that proved itself longest ago first. */
  readonly #known = new Map<string, Rates>();
  /** When it was said, by reason. */
  readonly #saidAt = new Map<string, number>();

  constructor(ports: WorkAdmissionPorts) {
    this.#ports = ports;
    const { registrationsPerSecond, callsPerSecond } = ports;
    this.#rates = { certificate: this.#ratesOf(1), password: this.#ratesOf(1), address: this.#ratesOf(1) };
    const strangers = (perSecond: number) => {
      const total = perSecond * requestsPerPiece;
      return new SourceLimits(Math.max(1, total * shareOfSource), total);
    };
    this.#strangers = {
      REGISTER: strangers(registrationsPerSecond),
      INVITE: strangers(callsPerSecond),
      emergency: strangers(callsPerSecond),
    };
  }

  /** The share of new work that is turned away, 0 to 1. */
  get loss(): number {
    return this.#overload.loss;
  }

  /** Entries of all tables here. */
  get size(): number {
    const { REGISTER, INVITE, emergency } = this.#strangers;
    return this.#known.size + REGISTER.size + INVITE.size + emergency.size;
  }

  /** Whether a request outside a dialog is looked at: challenged, or its credentials verified. */
  hears(now: number, flow: SipFlow, request: SipRequest): boolean {
    const { method } = request;
    // What may wait gives way to calls; a refresh within a dialog goes on.
    if (method === 'SUBSCRIBE' || method === 'MESSAGE')
      return toTag(request) !== undefined || this.#overload.takes(now);
    if (method !== 'REGISTER' && method !== 'INVITE') return true;
    const isEmergency = this.#isEmergency(request);
    const needsNoDigest = flow.transport === 'tls' || this.#ports.isOfClearTrunk(flow, request);
    const share = this.#known.get(keyOf(flow));
    if (isEmergency && (needsNoDigest || share !== undefined)) return true;
    const isWithin =
      needsNoDigest ||
      (share === undefined
        ? this.#strangers[isEmergency ? 'emergency' : method].take(now, flow.remote.host)
        : share[method].take(now));
    if (!isWithin) return this.#turnedAway(now, { ...ofStrangers, remoteAddress: flow.remote.host });
    return isEmergency || this.#overload.takes(now) || this.#turnedAway(now, ofProcessor);
  }

  /** Whether a request outside a dialog is taken whose sender has just proved who it is. */
  takes(now: number, flow: SipFlow, request: SipRequest): boolean {
    const { method } = request;
    const proof =
      flow.transport === 'tls' ? 'certificate' : this.#ports.isOfClearTrunk(flow, request) ? 'address' : 'password';
    if (proof === 'password') {
      const key = keyOf(flow);
      keepNewest(this.#known, key, this.#known.get(key) ?? this.#ratesOf(requestsPerPiece), mostKnownSources);
    }
    if ((method !== 'REGISTER' && method !== 'INVITE') || this.#isEmergency(request)) return true;
    if (this.#rates[proof][method].take(now)) return true;
    return this.#turnedAway(now, ofRate(method === 'REGISTER' ? 'registrations' : 'calls'));
  }

  #isEmergency(request: SipRequest): boolean {
    return request.method === 'INVITE' && this.#ports.isEmergency(request);
  }

  #ratesOf(requests: number): Rates {
    const { registrationsPerSecond, callsPerSecond } = this.#ports;
    return {
      REGISTER: new RateLimit(registrationsPerSecond * requests),
      INVITE: new RateLimit(callsPerSecond * requests),
    };
  }

  /** Says so once in a while. */
  #turnedAway(now: number, notice: OverloadNotice): false {
    const saidAt = this.#saidAt.get(notice.reason) ?? Number.NEGATIVE_INFINITY;
    if (now - saidAt >= NOTICE_INTERVAL) {
      this.#saidAt.set(notice.reason, now);
      this.#ports.overloaded(notice);
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

/** Where a device has proved itself by password. */
function keyOf(flow: SipFlow): string {
  return `${flow.transport} ${addressOf(flow)}`;
}

const ofStrangers = {
  cause:
    'more comes in from senders that have not proved who they are than is looked at; the rest is answered 503 with Retry-After',
  reason: 'strangers',
  nextStep:
    'Block this address at the firewall if it is none of yours; registered phones are served. Where many phones start at once behind one address, raise limits.registrationsPerSecond.',
};

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
