import type { SecurityEvent } from '@trustline/evidence';
import {
  type EnrolmentEvent,
  type FileClient,
  type FileEvent,
  parseFileName,
  type TvsEvent,
} from '@trustline/provisioning';
import type { ListenerEvent } from '@trustline/provisioning/node';
import { EventThrottle } from '../../event-throttle.ts';
import { authorityOf } from '../../legs/sip/authority.ts';
import { provisioningEvent } from '../../provisioning/enrolment-events.ts';
import { type StrangerEvent, StrangerEvents } from '../../stranger-events.ts';
import type { ManagerContext } from '../parts.ts';

/** Time between two looks at what is counted of strangers, in milliseconds. */
const sumsInterval = 1_000;

/** Host and port of one who asks for a file. */
function authorityOfClient({ remoteAddress, remotePort }: FileClient): string {
  return authorityOf({ host: remoteAddress, port: remotePort });
}

/** Tells what phones and strangers do at the servers of provisioning; a flood of it fills no record. */
export class ProvisioningEvents {
  readonly #context: ManagerContext;
  readonly #throttle = new EventThrottle();
  readonly #strangers = new StrangerEvents();
  #sums: NodeJS.Timeout | undefined;

  constructor(context: ManagerContext) {
    this.#context = context;
  }

  start(): void {
    this.#sums = setInterval(() => this.#tell(this.#strangers.due(this.#context.clock.monotonic())), sumsInterval);
    this.#sums.unref();
  }

  /** Tells what is counted and was not told yet. */
  stop(): void {
    clearInterval(this.#sums);
    this.#tell(this.#strangers.rest(this.#context.clock.monotonic()));
  }

  fileNotGiven(event: Exclude<FileEvent, { kind: 'file-served' }>): void {
    // Phones ask for each file that there might be: that one is missing is the ordinary course.
    if (event.cause === 'not-found') return;
    const parsed = parseFileName(event.name);
    const whole = event.kind === 'file-not-delivered' ? ' did not arrive whole' : '';
    this.#stranger({
      kind: event.kind,
      reason: event.cause,
      cause: `${event.transport.toUpperCase()}: ${event.name}${whole}: ${event.reason}`,
      remoteAddress: authorityOfClient(event),
      ...(parsed.ok && 'device' in parsed.file && parsed.file.device !== undefined
        ? { device: parsed.file.device }
        : {}),
    });
  }

  service(event: EnrolmentEvent | ListenerEvent | (TvsEvent & { readonly address: string })): void {
    switch (event.kind) {
      case 'connection-refused':
        this.#stranger({
          kind: 'handshake-refused',
          reason: event.reason,
          cause: `${event.service}: ${event.cause}`,
          remoteAddress: event.address,
        });
        return;
      case 'listener-failed':
        this.#event(event.kind, {
          reason: event.service,
          cause: `${event.service}: ${event.cause}`,
          remoteAddress: event.address,
        });
        return;
      default:
        this.#event(...provisioningEvent(event));
    }
  }

  /** Nobody has proved who he is to whom a file or a connection is refused. */
  #stranger(event: StrangerEvent): void {
    const said = this.#strangers.admit(this.#context.clock.monotonic(), event);
    if (said !== undefined) this.#tell([said]);
  }

  #tell(events: readonly StrangerEvent[]): void {
    for (const event of events) this.#event(event.kind, event);
  }

  #event(
    kind: Parameters<ManagerContext['journal']['event']>[0],
    fields: Pick<SecurityEvent, 'cause' | 'nextStep' | 'reason' | 'device' | 'remoteAddress'>,
  ): void {
    const event = this.#throttle.admit(this.#context.clock.monotonic(), { ...fields, kind });
    if (event === undefined) return;
    const { kind: _, ...admitted } = event;
    void this.#context.journal.note(kind as 'connection-closed', admitted);
  }
}
