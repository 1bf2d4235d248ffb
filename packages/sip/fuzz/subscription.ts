import { createCalleeDialog } from '../src/dialog/dialog.ts';
import { formatDialogInfo, parseDialogInfo } from '../src/event-package/dialog-info.ts';
import { formatMessageSummary, parseMessageSummary } from '../src/event-package/message-summary.ts';
import { formatPresence, parsePresence } from '../src/event-package/pidf.ts';
import { formatRegInfo, parseRegInfo } from '../src/event-package/reg-info.ts';
import { withHeader } from '../src/message/headers.ts';
import { createResponse } from '../src/message/response.ts';
import type { SipRequest } from '../src/message/types.ts';
import { NotifierSubscription } from '../src/subscription/notifier-subscription.ts';
import { Subscriber } from '../src/subscription/subscriber.ts';

const event = { package: 'dialog', id: undefined, parameters: [] };
const statuses = [200, 202, 401, 403, 404, 408, 423, 480, 481, 489, 500, 503];
const reasons = ['deactivated', 'probation', 'rejected', 'timeout', 'giveup', 'noresource', 'invariant'] as const;

/**
 * Documents from strangers read back as they are written. Then a subscriber and its notifier by moves: each octet is a
 * command, a loss or time that passes. One NOTIFY is on its way at a time, and once it is over nobody says anything.
 */
export function fuzz(data: Uint8Array): void {
  const rest = data.subarray(1);
  readsBack(rest, parseDialogInfo, formatDialogInfo);
  readsBack(rest, parsePresence, formatPresence);
  readsBack(rest, parseRegInfo, formatRegInfo);
  readsBack(rest, parseMessageSummary, formatMessageSummary);
  new Moves().run(data);
}

function readsBack<Value>(
  data: Uint8Array,
  read: (body: Uint8Array) => Value | undefined,
  write: (value: Value) => Uint8Array,
): void {
  const value = read(data);
  if (value === undefined) return;
  const written = write(value);
  const again = read(written);
  if (again === undefined || new TextDecoder().decode(write(again)) !== new TextDecoder().decode(written)) {
    throw new Error('A document reads back as another one');
  }
}

class Moves {
  #now = 0;
  #seed = 1;
  #ended = 0;
  #notifier: NotifierSubscription | undefined;
  readonly #underway: SipRequest[] = [];
  readonly #subscriber = new Subscriber({
    resource: 'sip:1002@cm.example',
    from: '<sip:1001@cm.example>',
    contact: '<sip:1001@192.0.2.9>',
    event,
    expires: 600,
    forks: 'all',
    random: (length) =>
      Uint8Array.from({ length }, () => {
        this.#seed = (this.#seed * 31 + 7) % 251;
        return this.#seed;
      }),
  });

  run(data: Uint8Array): void {
    for (const octet of data) {
      this.#move(octet & 15, octet >> 4);
      this.#carry(octet);
    }
  }

  #move(move: number, choice: number): void {
    const notifier = this.#notifier;
    const underway = this.#underway[0];
    const status = statuses[choice % statuses.length] ?? 200;
    switch (move) {
      case 0:
        this.#subscriber.start();
        return;
      case 1:
        this.#subscriber.stop();
        return;
      case 2:
      case 3:
        notifier?.changed(this.#now);
        return;
      case 4:
        notifier?.terminate(this.#now, reasons[choice % reasons.length] ?? 'giveup', choice);
        return;
      case 5:
        notifier?.abandon();
        return;
      case 6:
        if (underway === undefined) return;
        this.#underway.shift();
        notifier?.handleFailure();
        return;
      case 7:
      case 8:
        if (underway === undefined) return;
        this.#underway.shift();
        notifier?.handleResponse(this.#now, createResponse(underway, move === 7 ? 200 : status));
        return;
      default:
        this.#now += choice * 60_000;
        this.#subscriber.handleTime(this.#now);
        notifier?.handleTime(this.#now);
    }
  }

  #carry(octet: number): void {
    for (let output = this.#subscriber.poll(), sent = 0; output !== undefined; output = this.#subscriber.poll()) {
      if (output.kind !== 'send') continue;
      sent += 1;
      if (sent > 64) throw new Error('A subscriber goes on asking without end');
      const { request, token } = output;
      if (octet % 7 === 0) {
        this.#subscriber.handleFailure(this.#now, token);
        continue;
      }
      const status = octet % 3 === 0 ? (statuses[(octet >> 2) % statuses.length] ?? 200) : 200;
      if (token === '' && status < 300) this.#accept(request);
      else if (status < 300) this.#notifier?.subscribe(this.#now, request);
      const headers = [{ name: status === 423 ? 'Min-Expires' : 'Expires', value: '700' }];
      this.#subscriber.handleResponse(this.#now, token, createResponse(request, status, { toTag: 'n', headers }));
    }
    for (let output = this.#notifier?.poll(); output !== undefined; output = this.#notifier?.poll()) {
      if (output.kind === 'ended') {
        this.#ended += 1;
        this.#underway.length = 0;
        continue;
      }
      if (this.#ended > 0) throw new Error('A notifier speaks after its end');
      this.#underway.push(output.request);
      if (this.#underway.length > 1) throw new Error('Two NOTIFY requests are on their way');
      if (this.#subscriber.isFor(output.request)) this.#subscriber.notify(this.#now, output.request);
    }
    if (this.#ended > 1) throw new Error('A notifier ended twice');
  }

  #accept(request: SipRequest): void {
    const dialog = createCalleeDialog(withHeader(request, 'Via', 'SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1'), 'n');
    if (dialog === undefined) throw new Error('A SUBSCRIBE of ours makes no dialog');
    this.#ended = 0;
    this.#underway.length = 0;
    this.#notifier = new NotifierSubscription(this.#now, dialog, 600, {
      event,
      expiry: { minimum: 60, maximum: 3_600, default: 600 },
      contact: '<sip:192.0.2.1>',
      writeState: () => undefined,
    });
  }
}
