import type { SecurityEvent } from '@trustline/evidence';
import type { SipFlow } from '@trustline/sip';
import type { SipTransportEvent } from '@trustline/sip/node';
import type { ListenerStatus } from '../api/contract.ts';
import { EventThrottle } from '../event-throttle.ts';
import { addressOf, authorityOf } from '../legs/sip/authority.ts';
import { type StrangerEvent, StrangerEvents } from '../stranger-events.ts';
import { CALLS_TOGETHER, NOTES_TOGETHER } from './journal.ts';
import type { ManagerContext } from './parts.ts';

export interface SignallingEventsPorts {
  /** As bound. */
  listeners(): readonly ListenerStatus[];
  /** The devices that have proved themselves on a connection. */
  devicesOn(flowId: string): readonly string[];
}

/** What signalling writes into the journal: floods are held back, and what strangers cause is summed up. */
export class SignallingEvents {
  readonly #context: Pick<ManagerContext, 'clock' | 'journal'>;
  readonly #ports: SignallingEventsPorts;
  readonly #throttle = new EventThrottle();
  readonly #strangers = new StrangerEvents();

  constructor(context: Pick<ManagerContext, 'clock' | 'journal'>, ports: SignallingEventsPorts) {
    this.#context = context;
    this.#ports = ports;
  }

  /** An event of the core, which has its date. */
  ofCore(said: SecurityEvent): void {
    const event = this.#throttle.admit(this.#context.clock.monotonic(), said);
    if (event === undefined) return;
    const patience = event.kind === 'registration' ? NOTES_TOGETHER : event.call === undefined ? 0 : CALLS_TOGETHER;
    void this.#context.journal.append({ kind: 'event', event }, patience);
  }

  /** Writes the sums that are due; to be asked every second or so. */
  sumUp(): void {
    for (const sum of this.#strangers.due(this.#context.clock.monotonic())) this.event(sum.kind, sum);
  }

  /** Writes what was counted and not written yet, when all ends. */
  end(): void {
    for (const sum of this.#strangers.rest(this.#context.clock.monotonic())) this.event(sum.kind, sum);
  }

  /** What happens to a device is always said; strangers are summed up. */
  connectionClosed(closure: Omit<StrangerEvent, 'kind'>, flow?: SipFlow): void {
    const owner = flow === undefined ? {} : this.#ownerOf(flow);
    const event = { ...closure, kind: 'connection-closed' } as const;
    const isStranger = owner.device === undefined;
    const said = isStranger ? this.#strangers.admit(this.#context.clock.monotonic(), event) : event;
    if (said !== undefined) this.event(said.kind, { ...said, ...owner });
  }

  event(
    kind: Parameters<ManagerContext['journal']['event']>[0],
    fields: Pick<SecurityEvent, 'cause' | 'nextStep' | 'reason' | 'device' | 'remoteAddress'>,
  ): void {
    const event = this.#throttle.admit(this.#context.clock.monotonic(), { ...fields, kind });
    if (event === undefined) return;
    const { kind: _, ...admitted } = event;
    void this.#context.journal.event(kind as 'connection-closed', admitted);
  }

  transportEvent(event: SipTransportEvent): void {
    switch (event.kind) {
      case 'handshake-refused':
        this.event('handshake-refused', { cause: event.reason, remoteAddress: authorityOf(event.remote) });
        return;
      case 'connection-refused':
        this.connectionClosed({
          cause: event.reason,
          reason: 'connection-limit',
          remoteAddress: authorityOf(event.remote),
        });
        return;
      case 'bad-message':
        if (event.error.code === 'sip.tls-record' && event.flow.transport === 'tcp') {
          this.#tlsWithoutTls(event.flow);
          return;
        }
        this.event('malformed-input', {
          cause: `A message could not be read: ${event.error.message}`,
          reason: event.error.code,
          remoteAddress: addressOf(event.flow),
          ...this.#ownerOf(event.flow),
        });
        return;
      case 'listener-failed':
        this.event('listener-failed', {
          cause: `The listener on ${authorityOf(event.local)} failed: ${event.reason}`,
        });
    }
  }

  /** A phone that is set to TLS and to the port of TCP: the event names the port that it wants. */
  #tlsWithoutTls({ local, remote }: SipFlow): void {
    const secure = this.#ports.listeners().filter(({ transport }) => transport === 'tls');
    const port = (secure.find(({ legacy }) => !legacy) ?? secure[0])?.port;
    const instead = port === undefined ? 'no listener here takes TLS' : `TLS is taken on port ${port}`;
    this.event('handshake-refused', {
      cause: `the far end speaks TLS on port ${local.port}, which takes SIP without TLS; ${instead}`,
      reason: 'tls-on-plain-port',
      remoteAddress: authorityOf(remote),
    });
  }

  /** The device that has proved itself on a connection, for events. */
  #ownerOf(flow: SipFlow): { readonly device?: string } {
    const [device, ...others] = this.#ports.devicesOn(flow.id);
    return device === undefined || others.length > 0 ? {} : { device };
  }
}
