import { hexadecimal } from '@trustline/base';
import type { LegId, MediaKey, Numbering } from '@trustline/callcontrol';
import type { CallsOutput, HostPort } from '@trustline/h323';
import type { DeviceDirectory } from '../../device-directory.ts';
import type { GatekeeperOutput } from './gatekeepers.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { H323Legs } from './h323-legs.ts';
import type { GatewayNotice } from './h323-legs-ports.ts';

export type { H323Legs };

/** What is wanted of connections. */
export type H323Output = Exclude<CallsOutput, { readonly kind: 'event' }> | GatekeeperOutput;

/** Ports at which H.245 is waited for. */
export interface H245Listening {
  /** One for a call, at our address; undefined where none is free. */
  listen(call: string, address: string, protection: string | undefined): HostPort | undefined;
  stop(call: string): void;
}

export interface H323Ports {
  readonly directory: DeviceDirectory;
  readonly numbering: Numbering;
  readonly random: (length: number) => Uint8Array;
  /** Epoch milliseconds at a monotonic moment. */
  wallTime(now: number): number;
  readonly h245Ports?: H245Listening;
  /** Skinny phones: both their keys are the manager's to choose. */
  readonly phones: {
    isOfPhone(key: MediaKey): boolean;
    wish(own: MediaKey, wished: MediaKey): void;
    unwish(own: MediaKey): void;
  };
  /** The trunk or gateway at the other end of the call of a leg. */
  shownFarSide(leg: LegId): string | undefined;
  /** It was found out how a gateway has to be set. */
  found(settings: GatewaySettings): void;
  notice(notice: GatewayNotice): void;
}

/** The door of H.323 in a call manager. */
export function createH323(ports: H323Ports): H323Legs {
  const { directory, numbering, random, h245Ports, phones, shownFarSide, found, notice } = ports;
  return new H323Legs({
    random,
    newLeg: () => hexadecimal(random(16)),
    dialledSoFar: (now, digits) => numbering.dialledSoFar(digits, directory.numbers(), ports.wallTime(now)),
    listenForH245: (call, address, protection) => h245Ports?.listen(call, address, protection),
    stopListeningForH245: (call) => h245Ports?.stop(call),
    movesWithKeys: (key) => phones.isOfPhone(key),
    wish: (own, wished) => phones.wish(own, wished),
    unwish: (own) => phones.unwish(own),
    reached: (device, gateway) => directory.setGateway(device, gateway),
    shownFarSide,
    found,
    notice,
  });
}
