/** Whose messages are whose, for people who watch. */
import type { CallControl, CallControlOutput } from '@trustline/callcontrol';
import type { H323Legs } from '../legs/h323/h323.ts';
import type { Skinny } from '../legs/sccp/skinny.ts';
import type { SipLegs } from '../legs/sip/sip-legs.ts';
import type { MessageLeg } from './message-trace.ts';

export interface MessageLegsPorts {
  readonly callControl: Pick<CallControl, 'legOf'>;
  readonly sip: Pick<SipLegs, 'legOfCallId' | 'leg'>;
  readonly skinny: Pick<Skinny, 'legAt' | 'placeOf'>;
  readonly h323: Pick<H323Legs, 'legOn' | 'placeOf'>;
}

/** Calls that were refused as they came, of which their messages are still to be told. */
const refusedCalls = 100;

/** The legs that messages belong to: those that are there, and those that were refused as they came. */
export class MessageLegs {
  readonly #ports: MessageLegsPorts;
  /** Call-ID, phone and reference, or connection of a gateway → the leg that is there no more, oldest first. */
  readonly #refused = new Map<string, MessageLeg>();
  /** Phone and reference → why its call ended, until that is told. */
  readonly #ends = new Map<string, string>();

  constructor(ports: MessageLegsPorts) {
    this.#ports = ports;
  }

  /** The leg whose SIP messages carry this Call-ID. */
  ofCallId(callId: string): MessageLeg | undefined {
    const { sip, callControl } = this.#ports;
    const leg = sip.legOfCallId(callId);
    const known = leg && callControl.legOf(leg.id);
    return leg && known ? { ...known, role: leg.role, device: leg.device } : this.#refused.get(callId);
  }

  /** The leg of a Skinny phone's call; reference 0 for that at its ear. */
  ofPhone(device: string, reference: number): MessageLeg | undefined {
    const { skinny, callControl } = this.#ports;
    const leg = skinny.legAt(device, reference);
    const known = leg === undefined ? undefined : callControl.legOf(leg);
    return known ? { ...known, device } : this.#refused.get(`${device}/${reference}`);
  }

  /** The leg of a connection of a gateway. */
  ofConnection(connection: string): MessageLeg | undefined {
    const { h323, callControl } = this.#ports;
    const leg = h323.legOn(connection);
    const known = leg === undefined ? undefined : callControl.legOf(leg);
    const device = leg === undefined ? undefined : h323.placeOf(leg)?.device;
    return known && device !== undefined ? { ...known, device } : this.#refused.get(connection);
  }

  /** Call control refuses a caller, whose leg is gone with that: what began it and the refusal are told after it. */
  refused({ leg: id, was, warning }: Extract<CallControlOutput, { kind: 'refuse' }>): void {
    const bySip = this.#ports.sip.leg(id);
    const bySkinny = this.#ports.skinny.placeOf(id);
    if (bySkinny !== undefined) {
      this.#ends.set(bySkinny.call, warning);
      // What the phone said before its call had a reference is of it too.
      this.#refused.set(`${bySkinny.device}/0`, { ...was, role: 'calling', device: bySkinny.device });
    }
    const byH323 = this.#ports.h323.placeOf(id);
    const device = bySip?.device ?? bySkinny?.device ?? byH323?.device;
    const key = bySip?.session.callId ?? bySkinny?.call ?? byH323?.connection;
    if (device === undefined || key === undefined) return;
    this.#refused.set(key, { ...was, role: 'calling', device });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > refusedCalls && oldest !== undefined) this.#refused.delete(oldest);
  }

  /** Call control ends a leg that talks: a Skinny phone is told so without a reason. */
  released({ leg, warning }: Extract<CallControlOutput, { kind: 'release' }>): void {
    const place = this.#ports.skinny.placeOf(leg);
    if (place !== undefined) this.#ends.set(place.call, warning);
  }

  /** Why a Skinny phone's call has just ended, by phone and reference. */
  whyEnded(call: string): string | undefined {
    return this.#ends.get(call);
  }

  /** Their messages have been told. */
  settled(): void {
    if (this.#refused.size > 0) this.#refused.clear();
    if (this.#ends.size > 0) this.#ends.clear();
  }
}
