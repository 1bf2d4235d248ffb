import type { SecurityLevel } from '@trustline/evidence';
import { headerValue, type SipFlow, type SipMessage } from '@trustline/sip';
import { authorityOf } from '../legs/sip/authority.ts';

/** Where a message belongs. */
export interface MessageLeg {
  readonly call: string;
  readonly role: 'calling' | 'called';
  readonly device: string;
  readonly line: string;
  readonly level: SecurityLevel;
}

/** A message as those hear of it who watch. */
export interface WatchedMessage {
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly direction: 'received' | 'sent';
  readonly flow: SipFlow;
  readonly message: SipMessage;
  readonly callId: string;
  /** The device at the other end; undefined for a stranger. */
  readonly device: string | undefined;
  readonly leg: MessageLeg | undefined;
}

export interface MessageTracePorts {
  /** The leg whose messages carry this Call-ID, while call control knows it. */
  legOf(callId: string): MessageLeg | undefined;
  /** Devices that have proved themselves on a connection. */
  devicesOn(flowId: string): readonly string[];
}

type Seen = Pick<WatchedMessage, 'now' | 'direction' | 'flow' | 'message'>;

/** Calls whose end is remembered for the messages that come after it, such as the answer to a BYE. */
const rememberedCalls = 1_000;

/**
 * What passes the SIP door, for people who watch it. Nothing is kept, and nothing costs anything, while nobody does.
 * Messages are told once what they led to is known: an INVITE names the call that it began.
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

  received(now: number, flow: SipFlow, message: SipMessage): void {
    if (this.#watchers.size > 0) this.#seen.push({ now, direction: 'received', flow, message });
  }

  sent(now: number, flow: SipFlow, message: SipMessage): void {
    if (this.#watchers.size > 0) this.#seen.push({ now, direction: 'sent', flow, message });
  }

  /** What was seen has had its effect: tells the watchers. */
  settle(): void {
    for (const seen of this.#seen.splice(0)) this.#tell(seen);
  }

  #tell(seen: Seen): void {
    const callId = headerValue(seen.message, 'Call-ID') ?? '';
    const leg = this.#legOf(callId);
    const device = leg?.device ?? this.#ports.devicesOn(seen.flow.id)[0];
    for (const watcher of this.#watchers) watcher({ ...seen, callId, device, leg });
  }

  #legOf(callId: string): MessageLeg | undefined {
    const leg = this.#ports.legOf(callId) ?? this.#legs.get(callId);
    if (leg === undefined) return undefined;
    this.#legs.delete(callId);
    this.#legs.set(callId, leg);
    const [oldest] = this.#legs.keys();
    if (this.#legs.size > rememberedCalls && oldest !== undefined) this.#legs.delete(oldest);
    return leg;
  }
}

/** `192.0.2.7:5061` of one end of a connection, `[2001:db8::7]:5061` where it is of IPv6. */
export function endsOf({ local, remote }: SipFlow): { readonly local: string; readonly remote: string } {
  return { local: authorityOf(local), remote: authorityOf(remote) };
}
