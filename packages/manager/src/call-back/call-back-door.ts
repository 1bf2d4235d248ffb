import type { CallControlInput, CallControlOutput, LegId } from '@trustline/callcontrol';
import type { InviteSession, SipRequest } from '@trustline/sip';
import type { ProvenSender } from '../legs/sip/gate.ts';
import { warningHeader } from '../legs/sip/leg-headers.ts';
import { destinationOf } from '../legs/sip/outside-requests.ts';
import type { CallBacks } from './call-backs.ts';

export interface CallBackDoorPorts {
  readonly callBacks: CallBacks | undefined;
  senderOf(request: SipRequest): ProvenSender | undefined;
  /** The INVITE of a leg of SIP. */
  inviteOf(leg: LegId): SipRequest | undefined;
  /** What a leg of Skinny has dialled. */
  dialled(leg: LegId): { readonly device: string; readonly line: string; readonly destination: string } | undefined;
  /** A number of ours that a leg of Skinny has dialled is answered with words. */
  answered(leg: LegId, words: string): void;
}

/** Numbers by which a call back is asked for and given up, before any call begins; and whom a busy number refused. */
export class CallBackDoor {
  readonly #ports: CallBackDoorPorts;

  constructor(ports: CallBackDoorPorts) {
    this.#ports = ports;
  }

  /** True where a number of ours was dialled: it is answered with words, and no call begins. */
  takesSip(now: number, session: InviteSession, request: SipRequest): boolean {
    const sender = this.#ports.senderOf(request);
    if (sender === undefined) return false;
    const wisher = { device: sender.device, line: sender.caller.number };
    const answer = this.#ports.callBacks?.dialled(now, destinationOf(request), wisher);
    if (answer === undefined) return false;
    const { status, reason, words } = answer;
    session.reject(now, status, { reason, headers: [warningHeader(session.flow, words)] });
    return true;
  }

  /** The same, for a phone of Skinny. */
  takesSkinny(now: number, input: CallControlInput): boolean {
    if (input.kind !== 'incoming' || input.protection.protocol !== 'sccp') return false;
    const { leg, device, line, destination } = input;
    const answer = this.#ports.callBacks?.dialled(now, destination, { device, line });
    if (answer !== undefined) this.#ports.answered(leg, answer.words);
    return answer !== undefined;
  }

  /** Whoever is refused because a number is busy may want to be called back. */
  noteBusy({ leg, cause }: Extract<CallControlOutput, { kind: 'refuse' }>): void {
    const { callBacks, dialled, inviteOf, senderOf } = this.#ports;
    if (cause !== 'user-busy') return;
    const asked = dialled(leg);
    if (asked !== undefined) callBacks?.foundBusy(asked, asked.destination);
    const request = inviteOf(leg);
    const sender = request === undefined ? undefined : senderOf(request);
    if (request === undefined || sender === undefined) return;
    callBacks?.foundBusy({ device: sender.device, line: sender.caller.number }, destinationOf(request));
  }
}
