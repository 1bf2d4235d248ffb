import type { LegId } from '@trustline/callcontrol';
import type { ReceivedSetup } from '@trustline/h323';
import type { GatewayMedia } from './gateway-media.ts';
import type { GatewaySettings } from './gateway-settings.ts';

/** A call of a gateway, as its leg has it. */
export interface GatewayCall {
  readonly leg: LegId;
  /** As `EndpointCalls` calls it. */
  readonly id: string;
  readonly settings: GatewaySettings;
  readonly direction: 'to-gateway' | 'from-gateway';
  readonly media: GatewayMedia;
  /** What was found of its connections; each has to be proven, and none while none was. */
  readonly proofs: Map<'signalling' | 'h245', boolean>;
  /** Why it is not proven. */
  unproven: string | undefined;
  /** Call control knows of it. */
  isTold: boolean;
  /** The gateway has to say something to the call by then. */
  silentUntil: number | undefined;
  isRinging: boolean;
  /** The gateway has said that the called has answered. */
  isConnected: boolean;
  /** It was answered to call control: what ends it now is no refusal. */
  isAnswered: boolean;
  /** The Setup of a call whose number is not known to be whole. */
  setup: ReceivedSetup | undefined;
  dialled: string;
  /** The port that it goes on by, as a gateway of ours names it when it answers. */
  port: string | undefined;
  /** At a gatekeeper: which call it is there, and whether that admits it. */
  admission: { readonly callIdentifier: Uint8Array; readonly isGiven: boolean } | undefined;
  /** The transfer that the gateway has asked for and that is not done yet, by its number. */
  transfer: number | undefined;
  /** What its far side was given to read last. */
  shown: string | undefined;
}

/** Whether keys may go by all connections of a call. */
export function isProven({ proofs }: GatewayCall): boolean {
  return proofs.size > 0 && [...proofs.values()].every(Boolean);
}
