import { type CallerIdentity, isConfidential, type Route } from '@trustline/callcontrol';
import {
  type ClientTransactionId,
  createResponse,
  escapeUser,
  formatCSeq,
  formatHost,
  headerValue,
  parseUri,
  type ServerTransactionId,
  type SipFlow,
  type SipHeader,
  type SipRequest,
  type SipResponse,
  type SipUserAgent,
} from '@trustline/sip';
import type { DeviceDirectory } from '../device-directory.ts';
import type { ProvenSender } from '../legs/sip/gate.ts';
import { userOf } from '../legs/sip/identity.ts';
import { assertedIdentity, callerAddress, warningHeader } from '../legs/sip/leg-headers.ts';
import { RateLimit } from '../rate-limit.ts';

export interface TextMessageLimits {
  /** Octets of a body. */
  readonly octets: number;
  /** Of one device. */
  readonly perSecond: number;
}

/** What text messages need of the manager around them. */
export interface TextMessagePorts {
  readonly userAgent: Pick<SipUserAgent, 'respond' | 'sendRequest'>;
  readonly directory: DeviceDirectory;
  /** An unguessable tag. */
  newTag(): string;
  senderOf(request: SipRequest): ProvenSender | undefined;
  /** Where a number leads that this line of this device dials. */
  route(now: number, number: string, sender: { readonly device: string; readonly line: string }): Route | undefined;
  /** A message was refused for a reason that an operator should read; never what it said. */
  refused(flow: SipFlow, device: string, reason: string, cause: string): void;
}

/** A message that is on its way to the phones of a line. */
interface Relayed {
  readonly transaction: ServerTransactionId;
  readonly request: SipRequest;
  readonly flow: SipFlow;
  /** Phones that have not answered yet. */
  left: number;
  isAnswered: boolean;
}

interface Refusal {
  readonly status: number;
  readonly warning: string;
  readonly headers?: readonly SipHeader[];
  readonly reason?: string;
  readonly cause?: string;
}

interface Target {
  readonly flow: SipFlow;
  readonly requestUri: string;
  readonly route: readonly string[];
}

/** What of a message goes on besides its body; everything else is the manager's own. */
const carried = ['Content-Type', 'Content-Encoding', 'Content-Language', 'Content-Disposition', 'Date', 'Expires'];

/**
 * Messages between lines (MESSAGE, RFC 3428): over the trust that calls have. Who writes is who the gate has proved, and may
 * write to whom it may call; what `require` says of a number holds for both hops. Nothing is stored: 200 says that a phone has it.
 */
export class TextMessages {
  readonly #ports: TextMessagePorts;
  readonly #limits: TextMessageLimits;
  readonly #rates = new Map<string, RateLimit>();
  readonly #byTransaction = new Map<ClientTransactionId, Relayed>();

  constructor(ports: TextMessagePorts, limits: TextMessageLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  /** Messages under way. */
  get size(): number {
    return this.#byTransaction.size;
  }

  /** Takes a MESSAGE that the gate has let through. */
  take(now: number, transaction: ServerTransactionId, flow: SipFlow, request: SipRequest): void {
    const sender = this.#ports.senderOf(request);
    const found = sender === undefined ? notProven : this.#targets(now, sender, request);
    if (sender === undefined || 'status' in found) {
      this.#refuse(now, transaction, flow, request, 'status' in found ? found : notProven, sender?.device);
      return;
    }
    const relayed: Relayed = { transaction, request, flow, left: found.length, isAnswered: false };
    for (const target of found) {
      const copy = this.#copyFor(target, sender.caller, request);
      this.#byTransaction.set(this.#ports.userAgent.sendRequest(now, target.flow, copy), relayed);
    }
  }

  /** The response of a phone; false when it was not to a message. */
  handleResponse(now: number, transaction: ClientTransactionId, response: SipResponse): boolean {
    const relayed = this.#byTransaction.get(transaction);
    if (relayed === undefined) return false;
    if (response.status >= 200) this.#done(now, transaction, relayed, response.status);
    return true;
  }

  /** A phone did not answer; false when it was not asked by a message. */
  handleFailure(now: number, transaction: ClientTransactionId): boolean {
    const relayed = this.#byTransaction.get(transaction);
    // RFC 4320 §4.2: no 408 to what is no INVITE.
    if (relayed !== undefined) this.#done(now, transaction, relayed, 480);
    return relayed !== undefined;
  }

  /** Forgets what it counted of a device that was taken out. */
  deviceRemoved(device: string): void {
    this.#rates.delete(device);
  }

  /** The first phone that takes it answers for all; of refusals the last one does. */
  #done(now: number, transaction: ClientTransactionId, relayed: Relayed, status: number): void {
    this.#byTransaction.delete(transaction);
    relayed.left -= 1;
    const isTaken = status < 300;
    if (relayed.isAnswered || (!isTaken && relayed.left > 0)) return;
    relayed.isAnswered = true;
    if (isTaken) this.#answer(now, relayed.transaction, relayed.request, status === 202 ? 202 : 200, []);
    else {
      const warning = status === 480 ? 'No phone of the line has answered' : 'The phone did not take the message';
      // What a phone says of redirection or of its own password is nothing for the sender.
      const told = status < 400 || status === 401 || status === 407 ? 480 : status;
      this.#refuse(now, relayed.transaction, relayed.flow, relayed.request, { status: told, warning }, undefined);
    }
  }

  /** The phones that a message goes to, or why to none. */
  #targets(now: number, sender: ProvenSender, request: SipRequest): readonly Target[] | Refusal {
    const { device } = sender;
    if (request.body.length > this.#limits.octets) {
      const warning = `A message may have ${this.#limits.octets} octets`;
      const cause = `${device} wrote a message of ${request.body.length} octets`;
      return { status: 413, warning, reason: 'message-too-large', cause };
    }
    if (!this.#rateOf(device).take(now)) {
      const headers = [{ name: 'Retry-After', value: '5' }];
      const cause = `${device} writes more than ${this.#limits.perSecond} messages a second`;
      return { status: 503, warning: 'Too many messages at once', headers, reason: 'too-many-messages', cause };
    }
    const number = userOf(request.uri) ?? '';
    const route = this.#ports.route(now, number, { device, line: sender.caller.number });
    if (route?.kind === 'blocked') return { status: 403, warning: route.reason };
    if (route?.kind !== 'line') return { status: 404, warning: 'There is no such line to write to' };
    const uri = parseUri(request.uri);
    const mustBeSecure = route.policy === 'require' || (uri?.kind === 'sip' && uri.secure);
    if (mustBeSecure && !isConfidential(sender.protection.signalling)) return insecure(device, number);
    return this.#phonesOf(route.line, device, mustBeSecure);
  }

  #phonesOf(line: string, from: string, mustBeSecure: boolean): readonly Target[] | Refusal {
    const { directory } = this.#ports;
    const names = directory.devicesOf(line).filter((name) => name !== from);
    const there = names.flatMap((name) => {
      const protection = directory.registration(name, line);
      const target = directory.reach(name, line);
      return protection === undefined || target === undefined ? [] : [{ protection, target }];
    });
    if (there.length === 0) return { status: 480, warning: 'No phone of the line is registered' };
    const allowed = there.filter(({ protection }) => !mustBeSecure || isConfidential(protection.signalling));
    return allowed.length === 0 ? insecure(from, line) : allowed.map(({ target }) => target);
  }

  #copyFor({ flow, requestUri, route }: Target, caller: CallerIdentity, request: SipRequest): SipRequest {
    const number = userOf(request.uri) ?? '';
    const line = this.#ports.directory.line(caller.number);
    // A phone is who the directory says, whatever its message says.
    const named = line?.displayName === undefined ? caller : { ...caller, displayName: line.displayName };
    return {
      kind: 'request',
      method: 'MESSAGE',
      uri: requestUri,
      headers: [
        { name: 'Max-Forwards', value: '70' },
        ...route.map((value) => ({ name: 'Route', value })),
        { name: 'From', value: `${callerAddress(named, flow)};tag=${this.#ports.newTag()}` },
        { name: 'To', value: `<sip:${escapeUser(number)}@${formatHost(flow.local.host)}>` },
        { name: 'Call-ID', value: this.#ports.newTag() + this.#ports.newTag() },
        { name: 'CSeq', value: formatCSeq({ sequence: 1, method: 'MESSAGE' }) },
        ...assertedIdentity(named, flow, false),
        ...carried.flatMap((name) => {
          const value = headerValue(request, name);
          return value === undefined ? [] : [{ name, value }];
        }),
      ],
      body: request.body,
    };
  }

  #rateOf(device: string): RateLimit {
    const known = this.#rates.get(device);
    if (known !== undefined) return known;
    const made = new RateLimit(this.#limits.perSecond);
    this.#rates.set(device, made);
    return made;
  }

  #refuse(
    now: number,
    transaction: ServerTransactionId,
    flow: SipFlow,
    request: SipRequest,
    { status, warning, headers = [], reason, cause }: Refusal,
    device: string | undefined,
  ): void {
    if (device !== undefined && reason !== undefined && cause !== undefined) {
      this.#ports.refused(flow, device, reason, cause);
    }
    this.#answer(now, transaction, request, status, [warningHeader(flow, warning), ...headers]);
  }

  #answer(
    now: number,
    transaction: ServerTransactionId,
    request: SipRequest,
    status: number,
    headers: readonly SipHeader[],
  ): void {
    const response = createResponse(request, status, { toTag: this.#ports.newTag(), headers });
    this.#ports.userAgent.respond(now, transaction, response);
  }
}

const notProven: Refusal = { status: 403, warning: 'Nobody knows who wrote the message' };

/** 488 as for a call whose encryption is required and cannot be had. */
function insecure(device: string, number: string): Refusal {
  return {
    status: 488,
    warning: 'Messages of this number go over TLS only',
    reason: 'message-not-protected',
    cause: `a message of ${device} to ${number} would have gone without TLS, which the policy of the number forbids`,
  };
}
