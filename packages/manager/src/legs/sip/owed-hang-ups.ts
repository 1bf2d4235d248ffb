import type { HangUpOptions, InviteSession, SipFlow } from '@trustline/sip';

/**
 * Sessions whose call is over while their device is away: it is told as soon as it is back. Each ends by itself when it is
 * not refreshed for too long (RFC 4028 §10).
 */
export class OwedHangUps {
  readonly #byDevice = new Map<string, Map<InviteSession, HangUpOptions>>();
  readonly #deviceOf = new Map<InviteSession, string>();

  owe(device: string, session: InviteSession, hangUp: HangUpOptions): void {
    const owed = this.#byDevice.get(device) ?? new Map<InviteSession, HangUpOptions>();
    this.#byDevice.set(device, owed.set(session, hangUp));
    this.#deviceOf.set(session, device);
  }

  /** The device is reached on this connection: its sessions are hung up there. */
  pay(now: number, device: string, flow: SipFlow): void {
    for (const [session, hangUp] of this.#owedTo(device)) this.#hangUp(now, session, hangUp, flow);
  }

  /** Whoever was to be reached on one flow is reached on another. */
  payOn(now: number, from: SipFlow, to: SipFlow): void {
    for (const device of [...this.#byDevice.keys()]) {
      for (const [session, hangUp] of this.#owedTo(device)) {
        if (session.flow.id === from.id) this.#hangUp(now, session, hangUp, to);
      }
    }
  }

  /** The device is waited for no longer. */
  giveUp(now: number, device: string): void {
    for (const [session, hangUp] of this.#owedTo(device)) this.#hangUp(now, session, hangUp, session.flow);
  }

  /** The session is over, in whatever way. */
  ended(session: InviteSession): void {
    const device = this.#deviceOf.get(session);
    if (device === undefined) return;
    this.#deviceOf.delete(session);
    const owed = this.#byDevice.get(device);
    owed?.delete(session);
    if (owed?.size === 0) this.#byDevice.delete(device);
  }

  #owedTo(device: string): readonly (readonly [InviteSession, HangUpOptions])[] {
    return [...(this.#byDevice.get(device) ?? [])];
  }

  #hangUp(now: number, session: InviteSession, hangUp: HangUpOptions, flow: SipFlow): void {
    this.ended(session);
    session.moveTo(now, flow);
    session.bye(now, hangUp);
  }
}
