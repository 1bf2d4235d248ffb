import { DeadlineQueue } from '@trustline/base';
import {
  type ClientTransactionId,
  createCalleeDialog,
  createResponse,
  type Dialog,
  type DialogKey,
  dialogKeyOfRequest,
  type EventType,
  type ExpiryRules,
  eventTypeOf,
  grantExpiry,
  headerValues,
  isSameEvent,
  NotifierSubscription,
  recordRouteHeaders,
  type ServerTransactionId,
  type SipFlow,
  type SipHeader,
  type SipRequest,
  type SipResponse,
  type SipUserAgent,
} from '@trustline/sip';
import type { ProvenSender } from '../legs/sip/gate.ts';
import { userOf } from '../legs/sip/identity.ts';
import { warningHeader } from '../legs/sip/leg-headers.ts';
import type { Watchable, WatchRefusal } from './watchable.ts';
import type { Watcher } from './watching-rights.ts';

/** How many subscriptions there may be, and for how long. */
export interface SubscriptionLimits {
  readonly perDevice: number;
  readonly expiry: ExpiryRules;
}

/** What subscriptions need of the manager around them. */
export interface SubscriptionPorts {
  readonly userAgent: Pick<SipUserAgent, 'respond' | 'sendRequest'>;
  /** An unguessable tag. */
  newTag(): string;
  contact(flow: SipFlow): string;
  /** The sender of a SUBSCRIBE that the gate has let through. */
  senderOf(request: SipRequest): ProvenSender | undefined;
  /** The connections of a device, oldest first. */
  flowsOf(device: string): readonly SipFlow[];
  /** What may be watched, or why not. */
  open(now: number, watcher: Watcher, event: string, number: string, flow: SipFlow): Watchable | WatchRefusal;
  /** A subscription was refused for a reason that an operator should read. */
  refused(flow: SipFlow, device: string, reason: string, cause: string): void;
}

/** What a SUBSCRIBE that is taken becomes. */
interface Accepted {
  readonly watcher: Watcher;
  readonly number: string;
  readonly watchable: Watchable;
  readonly event: EventType;
  readonly expires: number;
  readonly dialog: Dialog;
}

interface Subscription {
  readonly watcher: Watcher;
  /** What was asked for. */
  readonly number: string;
  readonly watchable: Watchable;
  readonly notifier: NotifierSubscription;
  /** Where it came from; its device may have moved since. */
  readonly flow: SipFlow;
  /** What was told last, in short. */
  readonly told: { state: string };
}

/**
 * The subscriptions of phones to what the manager knows (RFC 6665): each belongs to the device that made it, lasts no longer
 * than it may, and is told over that device's own connections alone.
 */
export class Subscriptions {
  readonly #ports: SubscriptionPorts;
  readonly #limits: SubscriptionLimits;
  readonly #byDialog = new Map<DialogKey, Subscription>();
  readonly #byDevice = new Map<string, Set<Subscription>>();
  readonly #byLine = new Map<string, Set<Subscription>>();
  readonly #byTransaction = new Map<ClientTransactionId, Subscription>();
  readonly #deadlines = new DeadlineQueue<Subscription>();

  constructor(ports: SubscriptionPorts, limits: SubscriptionLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  get size(): number {
    return this.#byDialog.size;
  }

  /** Takes a SUBSCRIBE that the gate has let through. */
  take(now: number, transaction: ServerTransactionId, flow: SipFlow, request: SipRequest): void {
    const key = dialogKeyOfRequest(request);
    if (key === undefined) this.#begin(now, transaction, flow, request);
    else this.#goOn(now, transaction, flow, request, this.#byDialog.get(key));
  }

  /** Whoever watches one of these lines is told, if it is news to him. */
  changed(now: number, lines: readonly string[]): void {
    for (const line of lines) {
      for (const subscription of this.#byLine.get(line) ?? []) {
        if (subscription.watchable.state() === subscription.told.state) continue;
        subscription.notifier.changed(now);
        this.#settle(now, subscription);
      }
    }
  }

  /** The response to a NOTIFY; false when it was not to one. */
  handleResponse(now: number, transaction: ClientTransactionId, response: SipResponse): boolean {
    const subscription = this.#byTransaction.get(transaction);
    if (subscription === undefined) return false;
    if (response.status >= 200) this.#byTransaction.delete(transaction);
    subscription.notifier.handleResponse(now, response);
    this.#settle(now, subscription);
    return true;
  }

  /** A NOTIFY got no response; false when it was no NOTIFY of a subscription. */
  handleFailure(now: number, transaction: ClientTransactionId): boolean {
    const subscription = this.#byTransaction.get(transaction);
    if (subscription === undefined) return false;
    this.#byTransaction.delete(transaction);
    subscription.notifier.handleFailure();
    this.#settle(now, subscription);
    return true;
  }

  /** A device was taken out. */
  deviceRemoved(now: number, device: string): void {
    for (const subscription of this.#byDevice.get(device) ?? []) {
      subscription.notifier.abandon();
      this.#settle(now, subscription);
    }
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      due.notifier.handleTime(now);
      this.#settle(now, due);
    }
  }

  #begin(now: number, transaction: ServerTransactionId, flow: SipFlow, request: SipRequest): void {
    const verdict = this.#judge(now, flow, request);
    if ('status' in verdict) {
      this.#refuse(now, transaction, flow, request, verdict);
      return;
    }
    const { watcher, number, watchable, event, expires, dialog } = verdict;
    const contact = this.#ports.contact(flow);
    const headers = [
      ...recordRouteHeaders(request),
      { name: 'Contact', value: contact },
      { name: 'Expires', value: String(expires) },
    ];
    this.#ports.userAgent.respond(now, transaction, createResponse(request, 200, { toTag: dialog.localTag, headers }));
    const told = { state: '' };
    const subscription: Subscription = {
      watcher,
      number,
      watchable,
      flow,
      told,
      notifier: new NotifierSubscription(now, dialog, expires, {
        event,
        expiry: this.#limits.expiry,
        contact,
        leastInterval: watchable.leastInterval,
        writeState: (at, version) => {
          told.state = watchable.state();
          return { contentType: watchable.contentType, body: watchable.write(at, version) };
        },
      }),
    };
    this.#byDialog.set(subscription.notifier.key, subscription);
    addTo(this.#byDevice, watcher.device, subscription);
    addTo(this.#byLine, watchable.line, subscription);
    this.#settle(now, subscription);
  }

  /** What a SUBSCRIBE outside a dialog comes to. */
  #judge(now: number, flow: SipFlow, request: SipRequest): Accepted | WatchRefusal {
    const sender = this.#ports.senderOf(request);
    const event = eventTypeOf(request);
    if (sender === undefined) return { status: 403 };
    const { device } = sender;
    const watcher = { device, line: sender.caller.number };
    const number = userOf(request.uri) ?? '';
    const watchable = this.#ports.open(now, watcher, event?.package ?? '', number, flow);
    if ('status' in watchable) return { device, ...watchable };
    // "The body of [a NOTIFY] MUST be of a type in the Accept header" of its SUBSCRIBE (RFC 6665 §4.1.2.1, §4.2.2).
    if (!accepts(headerValues(request, 'Accept'), watchable.contentType)) {
      return { status: 406, headers: [{ name: 'Accept', value: watchable.contentType }] };
    }
    const grant = grantExpiry(request, this.#limits.expiry);
    if (!grant.granted) return grant.answer;
    const { perDevice } = this.#limits;
    if ((this.#byDevice.get(device)?.size ?? 0) >= perDevice) {
      const cause = `${device} wants more than ${perDevice} subscriptions`;
      const warning = `A device may have ${perDevice} subscriptions`;
      return { status: 403, warning, device, reason: 'too-many-subscriptions', cause };
    }
    const dialog = createCalleeDialog(request, this.#ports.newTag());
    if (dialog === undefined || event === undefined) return { status: 400 };
    return { watcher, number, watchable, event, expires: grant.expires, dialog };
  }

  #goOn(
    now: number,
    transaction: ServerTransactionId,
    flow: SipFlow,
    request: SipRequest,
    subscription: Subscription | undefined,
  ): void {
    const event = eventTypeOf(request);
    if (subscription === undefined || event === undefined || !isSameEvent(event, subscription.notifier.event)) {
      this.#refuse(now, transaction, flow, request, { status: 481 });
      return;
    }
    const { watcher, notifier } = subscription;
    const device = this.#ports.senderOf(request)?.device ?? '';
    if (device !== watcher.device) {
      const cause = `${device} sent SUBSCRIBE in a subscription of ${watcher.device}`;
      this.#refuse(now, transaction, flow, request, {
        status: 403,
        device,
        reason: 'subscription-of-another-device',
        cause,
      });
      return;
    }
    // Rights may have been taken away since.
    const still = this.#ports.open(now, watcher, event.package, subscription.number, flow);
    if ('status' in still) {
      this.#refuse(now, transaction, flow, request, { device, ...still });
      notifier.terminate(now, 'rejected');
    } else {
      const { status, headers } = notifier.subscribe(now, request);
      const contact = { name: 'Contact', value: this.#ports.contact(flow) };
      this.#answer(now, transaction, request, status, status < 300 ? [contact, ...headers] : headers);
    }
    this.#settle(now, subscription);
  }

  /** Carries out what a notifier wants, and looks at its clock again. */
  #settle(now: number, subscription: Subscription): void {
    const { notifier, watcher } = subscription;
    for (let output = notifier.poll(); output !== undefined; output = notifier.poll()) {
      if (output.kind === 'ended') {
        this.#forget(subscription);
        return;
      }
      const flows = this.#ports.flowsOf(watcher.device);
      const flow = flows.find(({ id }) => id === subscription.flow.id) ?? flows.at(-1);
      if (flow === undefined) {
        // Its device is not there: when it comes back its next refresh is told that there is no such subscription.
        notifier.abandon();
        continue;
      }
      this.#byTransaction.set(this.#ports.userAgent.sendRequest(now, flow, output.request), subscription);
    }
    this.#deadlines.set(subscription, notifier.nextDeadline());
  }

  #forget(subscription: Subscription): void {
    const { watcher, watchable, notifier } = subscription;
    this.#byDialog.delete(notifier.key);
    this.#deadlines.set(subscription, undefined);
    removeFrom(this.#byDevice, watcher.device, subscription);
    removeFrom(this.#byLine, watchable.line, subscription);
  }

  #refuse(
    now: number,
    transaction: ServerTransactionId,
    flow: SipFlow,
    request: SipRequest,
    { status, warning, headers = [], device, reason, cause }: WatchRefusal,
  ): void {
    if (device !== undefined && reason !== undefined && cause !== undefined) {
      this.#ports.refused(flow, device, reason, cause);
    }
    const warnings = warning === undefined ? [] : [warningHeader(flow, warning)];
    this.#answer(now, transaction, request, status, [...warnings, ...headers]);
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

/** Without an Accept the default type of the package is meant, which is what we have. */
function accepts(lines: readonly string[], contentType: string): boolean {
  const types = lines.flatMap((line) => line.split(',')).map((one) => one.split(';', 1)[0]?.trim().toLowerCase());
  return types.length === 0 || types.some((type) => type === contentType || type === '*/*' || type === 'application/*');
}

function addTo(sets: Map<string, Set<Subscription>>, name: string, subscription: Subscription): void {
  sets.set(name, (sets.get(name) ?? new Set()).add(subscription));
}

function removeFrom(sets: Map<string, Set<Subscription>>, name: string, subscription: Subscription): void {
  const set = sets.get(name);
  set?.delete(subscription);
  if (set?.size === 0) sets.delete(name);
}
