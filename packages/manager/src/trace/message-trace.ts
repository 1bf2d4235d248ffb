import type { SecurityLevel } from '@trustline/evidence';
import type { SccpMessage } from '@trustline/sccp';
import { headerValue, type SipFlow, type SipMessage } from '@trustline/sip';
import type { PassedSkinny } from '../legs/sccp/skinny-door.ts';
import { authorityOf } from '../legs/sip/authority.ts';
import { saysEnd } from './skinny-words.ts';

/** Where a message belongs. */
export interface MessageLeg {
  readonly call: string;
  readonly role: 'calling' | 'called';
  readonly device: string;
  readonly line: string;
  readonly level: SecurityLevel;
}

/** A message of one of the protocols, as it passed. */
export type PassedMessage =
  | { readonly protocol: 'sip'; readonly message: SipMessage }
  | { readonly protocol: 'sccp'; readonly message: SccpMessage }
  /** The payload of a TPKT: call signalling, or H.245 on a connection of its own. */
  | { readonly protocol: 'h323'; readonly payload: Uint8Array };

/** A message of a gateway, and the connection by which it passes. */
export interface PassedH323 {
  readonly direction: Passage['direction'];
  readonly connection: string;
  readonly local: string;
  readonly remote: string;
  readonly device: string | undefined;
  readonly payload: Uint8Array;
}

/** Where a message passed. */
interface Passage {
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly direction: 'received' | 'sent';
  readonly transport: SipFlow['transport'];
  /** Address and port of this side, and of the other. */
  readonly local: string;
  readonly remote: string;
}

/** A message as those hear of it who watch. */
export type WatchedMessage = Passage &
  PassedMessage & {
    /** Of SIP the Call-ID; of Skinny the phone's name and its reference of the call: `SEP001122334455/3`; of H.323 a connection. */
    readonly callId: string;
    /** The device at the other end; undefined for a stranger. */
    readonly device: string | undefined;
    readonly leg: MessageLeg | undefined;
    /** Why the call of a Skinny phone ends, where this tells it that it does: the message itself does not say. */
    readonly whyEnded?: string | undefined;
  };

export interface MessageTracePorts {
  /** The leg whose messages carry this Call-ID, while it is known. */
  legOf(callId: string): MessageLeg | undefined;
  /** The leg of a Skinny phone's call, 0 for that at its ear. */
  legOfPhone(device: string, reference: number): MessageLeg | undefined;
  /** The leg of a connection of a gateway. */
  legOfConnection(connection: string): MessageLeg | undefined;
  /** Why a Skinny phone's call has just ended, by phone and reference. */
  whyEnded(call: string): string | undefined;
  /** Devices that have proved themselves on a connection. */
  devicesOn(flowId: string): readonly string[];
  /** All that was seen is told. */
  settled(): void;
}

/** What was seen, and how to find out whose it is once it has had its effect. */
interface Seen {
  readonly passed: Passage & PassedMessage & { readonly callId: string };
  /** What its call is remembered by; undefined where the message names none. */
  readonly memory: string | undefined;
  readonly leg: () => MessageLeg | undefined;
  readonly device: () => string | undefined;
}

/** Calls whose end is remembered for the messages that come after it, such as the answer to a BYE. */
const rememberedCalls = 1_000;

/**
 * What passes the doors of SIP and Skinny, for people who watch it. Nothing is kept, and nothing costs anything, while nobody
 * does. Messages are told once what they led to is known: an INVITE names the call that it began.
 */
export class MessageTrace {
  readonly #ports: MessageTracePorts;
  readonly #watchers = new Set<(message: WatchedMessage) => void>();
  readonly #seen: Seen[] = [];
  /** Call-ID → its leg as it was known last, oldest first. */
  readonly #legs = new Map<string, MessageLeg>();

  constructor(ports: MessageTracePorts) {
    this.#ports = ports;
  }

  /** Calls the watcher with every message from now on; the returned function ends that. */
  watch(watcher: (message: WatchedMessage) => void): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#legs.clear();
    };
  }

  sip(now: number, direction: Passage['direction'], flow: SipFlow, message: SipMessage): void {
    if (this.#watchers.size === 0) return;
    const callId = headerValue(message, 'Call-ID') ?? '';
    this.#seen.push({
      passed: {
        now,
        direction,
        transport: flow.transport,
        local: authorityOf(flow.local),
        remote: authorityOf(flow.remote),
        protocol: 'sip',
        message,
        callId,
      },
      memory: callId,
      leg: () => this.#ports.legOf(callId),
      device: () => this.#ports.devicesOn(flow.id)[0],
    });
  }

  skinny(now: number, { direction, connection, device, message }: PassedSkinny): void {
    if (this.#watchers.size === 0) return;
    const { peer, localAddress: local, remoteAddress: remote } = connection;
    const said = 'callReference' in message && typeof message.callReference === 'number' ? message.callReference : 0;
    const transport = peer === undefined ? 'tcp' : 'tls';
    const name = device ?? peer?.device;
    const callId = `${name ?? remote}/${said}`;
    // A call that ends is gone from its phone when that is told.
    const before = name === undefined ? undefined : this.#ports.legOfPhone(name, said);
    this.#seen.push({
      passed: { now, direction, transport, local, remote, protocol: 'sccp', message, callId },
      // A phone that registers anew counts its calls anew.
      memory: said === 0 ? undefined : `${connection.id}/${said}`,
      leg: () => (name === undefined ? undefined : (this.#ports.legOfPhone(name, said) ?? before)),
      device: () => name,
    });
  }

  h323(now: number, { direction, connection, local, remote, device, payload }: PassedH323): void {
    if (this.#watchers.size === 0) return;
    // A call that is released is gone before that is told.
    const before = this.#ports.legOfConnection(connection);
    const callId = `${device ?? remote}/${connection}`;
    this.#seen.push({
      passed: { now, direction, transport: 'tcp', local, remote, protocol: 'h323', payload: payload.slice(), callId },
      memory: callId,
      leg: () => this.#ports.legOfConnection(connection) ?? before,
      device: () => device,
    });
  }

  /** What was seen has had its effect: tells the watchers. */
  settle(): void {
    for (const seen of this.#seen.splice(0)) this.#tell(seen);
    this.#ports.settled();
  }

  #tell({ passed, memory, leg: find, device: findDevice }: Seen): void {
    const leg = this.#remembered(memory, find());
    const device = leg?.device ?? findDevice();
    const isEnd = passed.protocol === 'sccp' && saysEnd(passed.message);
    const whyEnded = isEnd ? this.#ports.whyEnded(passed.callId) : undefined;
    for (const watcher of this.#watchers) watcher({ ...passed, device, leg, whyEnded });
  }

  #remembered(memory: string | undefined, found: MessageLeg | undefined): MessageLeg | undefined {
    const leg = found ?? this.#legs.get(memory ?? '');
    if (leg === undefined || memory === undefined) return leg;
    this.#legs.delete(memory);
    this.#legs.set(memory, leg);
    const [oldest] = this.#legs.keys();
    if (this.#legs.size > rememberedCalls && oldest !== undefined) this.#legs.delete(oldest);
    return leg;
  }
}
