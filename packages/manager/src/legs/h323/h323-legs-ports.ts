import type { DialledSoFar, LegId, MediaKey } from '@trustline/callcontrol';
import type { HostPort } from '@trustline/h323';
import type { ReachedGateway } from '../../device-directory.ts';
import type { GatewaySettings } from './gateway-settings.ts';

/** What the legs need of the manager around them. */
export interface H323LegsPorts {
  readonly random: (length: number) => Uint8Array;
  newLeg(): LegId;
  dialledSoFar(now: number, digits: string): DialledSoFar;
  /** The trunk or gateway at the other end of the call of a leg, to be shown to it. */
  shownFarSide(leg: LegId): string | undefined;
  /** A port at which H.245 of a call is waited for, at our address; undefined where none is free. */
  listenForH245(call: string, address: string, protection: string | undefined): HostPort | undefined;
  stopListeningForH245(call: string): void;
  /** Whether the end that sends with a key receives elsewhere whenever it is told another one: a Skinny phone. */
  movesWithKeys(key: MediaKey): boolean;
  /** Whoever is told `own` is wished to send with `wished`; a Skinny phone does so. */
  wish(own: MediaKey, wished: MediaKey): void;
  unwish(own: MediaKey): void;
  /** How a gateway is reached from now on; undefined where it is there no more. */
  reached(device: string, gateway: ReachedGateway | undefined): void;
  /** It was found out how a gateway has to be set; it is so from now on. */
  found(settings: GatewaySettings): void;
  notice(notice: GatewayNotice): void;
}

/** What happens to gateways that an operator should hear of. */
export interface GatewayNotice {
  readonly kind:
    | 'gateway-not-proven'
    | 'gateway-unreachable'
    | 'gatekeeper-lost'
    | 'gatekeeper-registered'
    | 'call-refused';
  readonly device: string;
  readonly cause: string;
  readonly nextStep?: string;
  readonly reason: string;
  readonly remoteAddress: string;
}
