/**
 * Calls that ring when the process dies are over: nobody knows any more whom they were to be connected with. Their phones are
 * told by the process after it, as soon as each is reached: who rings stops (CANCEL), who calls hears that it may try again
 * (503). What is kept for that is these two messages, which have no key in them.
 */
import {
  ackForRejection,
  cancelFor,
  createCallerDialog,
  cseq,
  type Dialog,
  headerValue,
  parseDatagram,
  type SipFlow,
  type SipHeader,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  serializeMessage,
  toTag,
} from '@trustline/sip';
import { reasonOfCause } from '../legs/sip/cause-table.ts';
import { warningHeader } from '../legs/sip/leg-headers.ts';
import type { AwaitedFlows } from './awaited-flows.ts';
import { KEPT_STATE_SCHEMA, type KeeperOutput, type KeptState } from './kept-state.ts';

export type RingingOutput =
  | KeeperOutput
  | { readonly kind: 'transmit'; readonly flow: SipFlow; readonly message: SipMessage };

export interface RingingCallsPorts {
  readonly awaited: AwaitedFlows;
  devicesOn(flowId: string): readonly string[];
  /** A phone has answered a call of before: it has a session with nobody, which is hung up. */
  hangUp(now: number, device: string, flow: SipFlow, dialog: Dialog, answer: SipResponse): void;
  /** Epoch milliseconds. */
  wallTime(now: number): number;
}

/** One phone of a call that is not answered yet. */
interface Pending {
  readonly flow: SipFlow;
  readonly since: number;
  /** The INVITE that it was sent, or the provisional response that it has. */
  readonly message: SipMessage;
  isKept: boolean;
}

/** One phone that has to hear of the end of a call of before. */
interface Left {
  readonly id: string;
  readonly device: string;
  /** Where it was; of a connection a flow that is none. */
  readonly flow: SipFlow;
  readonly message: SipMessage;
  until: number;
  /** Where it was said, and how often it is said again. */
  said: { readonly flow: SipFlow; again: number } | undefined;
}

/** Most calls are answered, or refused by a machine, sooner: these cost nothing. In milliseconds. */
const keptAfter = 1_000;
/** No call rings for longer. */
const longest = 600_000;
/** How long a phone is waited for after a restart; it has given up by then. */
const patience = 180_000;
/** What a phone answers comes within that (RFC 3261 §17.1.1.2, timer B). */
const finishing = 40_000;
/** A datagram may be lost: it is said so often again, a second apart. */
const repeats = 2;

/** Watches what passes; tells the phones of those calls that the process before this one has left ringing. */
export class RingingCalls {
  readonly #ports: RingingCallsPorts;
  /** Way and Call-ID → its phone, oldest first. */
  readonly #pending = new Map<string, Pending>();
  readonly #left = new Map<string, Left>();
  readonly #outputs: RingingOutput[] = [];

  constructor(ports: RingingCallsPorts) {
    this.#ports = ports;
  }

  /** A message goes out. */
  sent(now: number, flow: SipFlow, message: SipMessage): void {
    if (message.kind === 'request') {
      if (message.method === 'INVITE' && toTag(message) === undefined)
        this.#note(now, `called ${callIdOf(message)}`, flow, message);
    } else if (message.status > 100 && cseq(message)?.method === 'INVITE') {
      const key = `calling ${callIdOf(message)}`;
      if (message.status >= 200) this.#over(key);
      else if (!this.#pending.has(key)) this.#note(now, key, flow, message);
    }
  }

  /** A message has come. */
  received(now: number, flow: SipFlow, message: SipMessage): void {
    if (message.kind !== 'response' || message.status < 200 || cseq(message)?.method !== 'INVITE') return;
    const key = `called ${callIdOf(message)}`;
    this.#over(key);
    const left = this.#left.get(key);
    if (left !== undefined) this.#answered(now, flow, left, message);
  }

  /** What the process before this one has left ringing. */
  recover(now: number, states: readonly KeptState[]): void {
    for (const { id, ringing } of states) {
      const read = ringing === undefined ? undefined : parseDatagram(Buffer.from(ringing.message));
      if (ringing === undefined || read?.ok !== true) continue;
      const { device, flow } = ringing;
      const key = id.slice(prefix.length);
      this.#left.set(key, {
        id,
        device,
        flow: this.#ports.awaited.of(flow),
        message: read.message,
        until: now + patience,
        said: undefined,
      });
    }
  }

  /** A device has a connection, or datagrams reach it again where it was on `before`. */
  reached(
    now: number,
    flow: SipFlow,
    { device, before }: { readonly device?: string; readonly before?: SipFlow },
  ): void {
    for (const left of this.#left.values()) {
      const isIt = before === undefined ? left.device === device : left.flow.id === before.id;
      if (!isIt || left.said !== undefined) continue;
      left.until = now + finishing;
      left.said = { flow, again: flow.transport === 'udp' ? repeats : 0 };
      this.#outputs.push({ kind: 'transmit', flow, message: left.message });
    }
  }

  /** Once a second, about. */
  handleTime(now: number): void {
    for (const [key, pending] of this.#pending) {
      if (now - pending.since < keptAfter) break;
      if (!pending.isKept) this.#keep(now, key, pending);
      if (now - pending.since > longest) this.#over(key);
    }
    for (const [key, left] of this.#left) {
      if (left.said !== undefined && left.said.again > 0) {
        left.said.again -= 1;
        this.#outputs.push({ kind: 'transmit', flow: left.said.flow, message: left.message });
      }
      if (now >= left.until) this.#settled(key, left);
    }
  }

  poll(): RingingOutput | undefined {
    return this.#outputs.shift();
  }

  #note(now: number, key: string, flow: SipFlow, message: SipMessage): void {
    const known = this.#pending.get(key);
    // The same again: it was not answered yet. Another one: it was challenged, or tried elsewhere.
    if (known !== undefined && headerValue(known.message, 'Via') === headerValue(message, 'Via')) return;
    this.#over(key);
    this.#pending.set(key, { flow, since: now, message, isKept: false });
  }

  #over(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#pending.delete(key);
    if (pending.isKept) this.#outputs.push({ kind: 'call-settled', call: prefix + key });
  }

  #keep(now: number, key: string, pending: Pending): void {
    pending.isKept = true;
    const { flow, message: seen } = pending;
    const [device] = this.#ports.devicesOn(flow.id);
    if (device === undefined) return;
    const message = seen.kind === 'request' ? cancelFor(seen, reasonOfCause('interrupted')) : refusalAfter(seen, flow);
    const { transport, local, remote } = flow;
    const ringing = {
      device,
      flow: { transport, local, remote },
      message: Buffer.from(serializeMessage(message)).toString(),
    };
    const keptAt = Math.round(this.#ports.wallTime(now));
    const state: KeptState = { schema: KEPT_STATE_SCHEMA, id: prefix + key, keptAt, legs: [], ringing };
    this.#outputs.push({ kind: 'keep-call', state });
  }

  /** Its phone says what has become of the INVITE: it stopped, or somebody had picked it up meanwhile. */
  #answered(now: number, flow: SipFlow, left: Left, response: SipResponse): void {
    const { message, device } = left;
    if (message.kind !== 'request') return;
    if (response.status >= 300) {
      this.#outputs.push({ kind: 'transmit', flow, message: ackForRejection(message, response) });
    } else {
      const dialog = createCallerDialog(asInvite(message), response);
      if (dialog !== undefined) this.#ports.hangUp(now, device, flow, dialog, response);
    }
    if (left.said !== undefined) left.said.again = 0;
  }

  #settled(key: string, { id }: Left): void {
    this.#left.delete(key);
    this.#outputs.push({ kind: 'call-settled', call: id });
  }
}

const prefix = 'ringing ';

function callIdOf(message: SipMessage): string {
  return headerValue(message, 'Call-ID') ?? '';
}

/** The INVITE that a CANCEL was made for, as far as its dialog goes by it. */
function asInvite(cancel: SipRequest): SipRequest {
  const headers = cancel.headers.map(({ name, value }) =>
    name === 'CSeq' ? { name, value: value.replace('CANCEL', 'INVITE') } : { name, value },
  );
  return { ...cancel, method: 'INVITE', headers };
}

/** The final response to an INVITE, made of a provisional one: the same transaction, the same tag of ours. */
function refusalAfter(provisional: SipResponse, flow: SipFlow): SipResponse {
  const names = ['via', 'from', 'to', 'call-id', 'cseq'];
  const headers: SipHeader[] = [
    ...provisional.headers.filter(({ name }) => names.includes(name.toLowerCase())),
    { name: 'Retry-After', value: '5' },
    warningHeader(flow, 'The call manager has started anew; call again'),
    { name: 'Reason', value: reasonOfCause('interrupted') },
  ];
  return { ...provisional, status: 503, reason: 'Service Unavailable', headers, body: new Uint8Array(0) };
}
