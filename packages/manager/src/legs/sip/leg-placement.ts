import type { CallControlOutput, Cause, LegId } from '@trustline/callcontrol';
import { escapeUser, formatHost, type SipFlow, type SipUserAgent } from '@trustline/sip';
import { callInfoHeader } from './call-info.ts';
import { diversionHeaders } from './diversion-headers.ts';
import { describe, describedFirst } from './leg-descriptions.ts';
import { assertedIdentity, callerAddress, referredByHeader } from './leg-headers.ts';
import type { LegTable } from './leg-table.ts';
import type { SipLeg } from './sip-leg.ts';
import { StreamPlaces } from './stream-places.ts';

type PlaceOutput = Extract<CallControlOutput, { kind: 'place' }>;

/** How a device is reached now. */
export interface ReachableDevice {
  readonly flow: SipFlow;
  readonly requestUri: string;
  /** The Path of its registration (RFC 3327), first hop first. */
  readonly route: readonly string[];
  /** A trunk or gateway, which is inside the trust domain (RFC 3325 §2). */
  readonly isTrusted: boolean;
}

/** What placing needs of the manager. */
export interface PlacementPorts {
  readonly userAgent: Pick<SipUserAgent, 'place'>;
  /** @param failed connections that have been tried */
  reach(device: string, line: string, failed?: ReadonlySet<string>): ReachableDevice | undefined;
  /** The trunk or gateway that a phone is in a call with, to be shown to it. */
  shownFarSide(leg: LegId): string | undefined;
  /** Whether one more call may go down a connection, by what its far end has said of its load. */
  takesCall(now: number, flow: SipFlow): boolean;
}

/** What placing needs of the door. */
export interface PlacementDoor {
  /** The leg has reached nobody. */
  close(leg: SipLeg): void;
  /** A leg that was to be placed cannot be. */
  refused(leg: LegId, cause: Cause): void;
}

/** Legs that call control places: each goes down the best connection of its device that takes it, or down none. */
export class LegPlacement {
  readonly #ports: PlacementPorts;
  readonly #legs: LegTable;
  readonly #door: PlacementDoor;

  constructor(ports: PlacementPorts, legs: LegTable, door: PlacementDoor) {
    this.#ports = ports;
    this.#legs = legs;
    this.#door = door;
  }

  /** @param failed connections of the device that have been tried */
  place(now: number, output: PlaceOutput, failed = new Set<string>()): void {
    let cause: Cause = 'subscriber-absent';
    let reached = this.#ports.reach(output.device, output.line, failed);
    while (reached !== undefined && output.isEmergency !== true && !this.#ports.takesCall(now, reached.flow)) {
      cause = 'switching-equipment-congestion';
      failed.add(reached.flow.id);
      reached = this.#ports.reach(output.device, output.line, failed);
    }
    if (reached === undefined) {
      this.#door.refused(output.leg, cause);
      return;
    }
    const { flow } = reached;
    const sessionId = this.#legs.newSessionId();
    const places = new StreamPlaces();
    const offer =
      output.offer === undefined ? undefined : describe(places.fill(output.offer), sessionId, 1, flow.local.host);
    const session = this.#ports.userAgent.place(now, flow, {
      requestUri: reached.requestUri,
      route: reached.route,
      ...(output.hopsLeft === undefined ? {} : { maxForwards: output.hopsLeft }),
      ...(output.silence === undefined ? {} : { silence: output.silence }),
      from: callerAddress(output.caller, flow),
      to: `<sip:${escapeUser(output.line)}@${formatHost(flow.local.host)}>`,
      headers: [
        { name: 'Max-Breadth', value: String(output.breadth) },
        callInfoHeader(output.level, 'from', this.#ports.shownFarSide(output.leg)),
        ...assertedIdentity(output.caller, flow, reached.isTrusted),
        ...diversionHeaders(output.diversions ?? [], output.line, flow),
        ...referredByHeader(output.referredBy, flow),
      ],
      offer,
    });
    const leg = this.#legs.open(output.leg, session, output.device, 'called', sessionId, places);
    leg.level = output.level;
    leg.placed = { as: output, failed };
    if (offer !== undefined) describedFirst(leg, offer);
  }

  /** Calls a device again that its connection did not reach, on another one of its own; false where it has none. */
  placeElsewhere(now: number, leg: SipLeg): boolean {
    const { placed, session } = leg;
    if (placed === undefined || session.dialog !== undefined) return false;
    placed.failed.add(session.flow.id);
    if (this.#ports.reach(leg.device, placed.as.line, placed.failed) === undefined) return false;
    this.#door.close(leg);
    this.place(now, placed.as, placed.failed);
    return true;
  }
}
