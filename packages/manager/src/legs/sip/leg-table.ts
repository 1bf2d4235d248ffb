import { hexadecimal } from '@trustline/base';
import type { LegId } from '@trustline/callcontrol';
import type { InviteSession } from '@trustline/sip';
import type { SipLeg } from './sip-leg.ts';
import { StreamPlaces } from './stream-places.ts';

/** The legs that call control knows: by themselves, by their session and by their device. */
export class LegTable {
  readonly #random: (length: number) => Uint8Array;
  readonly #byLeg = new Map<LegId, SipLeg>();
  readonly #bySession = new Map<InviteSession, SipLeg>();
  readonly #byDevice = new Map<string, Set<SipLeg>>();
  readonly #devices = new WeakMap<InviteSession, string>();

  constructor(random: (length: number) => Uint8Array) {
    this.#random = random;
  }

  get size(): number {
    return this.#byLeg.size;
  }

  leg(id: LegId): SipLeg | undefined {
    return this.#byLeg.get(id);
  }

  ofSession(session: InviteSession | undefined): SipLeg | undefined {
    return session === undefined ? undefined : this.#bySession.get(session);
  }

  /** A list of its own: legs may be closed while it is gone through. */
  ofDevice(device: string): readonly SipLeg[] {
    return [...(this.#byDevice.get(device) ?? [])];
  }

  all(): IterableIterator<SipLeg> {
    return this.#byLeg.values();
  }

  /** The device at the other end of a session, also when its leg is over. */
  deviceOf(session: InviteSession): string | undefined {
    return this.#devices.get(session);
  }

  /** A session without a leg has this device at its other end. */
  noteDevice(session: InviteSession, device: string): void {
    this.#devices.set(session, device);
  }

  open(
    id: LegId,
    session: InviteSession,
    device: string,
    role: SipLeg['role'],
    sessionId: string = this.newSessionId(),
    places = new StreamPlaces(),
  ): SipLeg {
    const leg: SipLeg = {
      id,
      session,
      device,
      role,
      sessionId,
      sessionVersion: 0,
      lastDescription: '',
      offerRequested: false,
      placed: undefined,
      level: 'non-secure',
      notice: undefined,
      places,
      kept: undefined,
      isAsked: false,
    };
    this.#byLeg.set(id, leg);
    this.#bySession.set(session, leg);
    this.#devices.set(session, device);
    this.#byDevice.set(device, (this.#byDevice.get(device) ?? new Set()).add(leg));
    return leg;
  }

  close(leg: SipLeg): void {
    this.#byLeg.delete(leg.id);
    this.#bySession.delete(leg.session);
    const legs = this.#byDevice.get(leg.device);
    legs?.delete(leg);
    if (legs?.size === 0) this.#byDevice.delete(leg.device);
  }

  newLegId(): LegId {
    return hexadecimal(this.#random(12));
  }

  /** RFC 3264 §5 wants a number below 2^63; these stay below 2^32. */
  newSessionId(): string {
    const [a = 0, b = 0, c = 0, d = 0] = this.#random(4);
    return String(((a * 256 + b) * 256 + c) * 256 + d);
  }
}
