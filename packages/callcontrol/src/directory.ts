import type { SecurityPolicy } from '@trustline/evidence';
import type { Cause } from './causes.ts';
import type { DeviceSecurityMode, LegProtection } from './protection.ts';

/**
 * What call control asks about the world. Synchronous: the manager keeps it in memory and changes it as devices
 * register, so that no call waits for a store.
 */
export interface Directory {
  device(name: string): Device | undefined;
  line(number: string): Line | undefined;
  /** Where a dialled number leads; a {@link DialPlan} answers this. */
  route(dialled: string): Route | undefined;
  /** How the device is reached now with this line, or undefined when it is not. Trunks are reached with any line. */
  registration(device: string, line: string): LegProtection | undefined;
}

export interface Device {
  /** `SEP001122334455` for phones. */
  readonly name: string;
  readonly kind: 'phone' | 'trunk' | 'gateway';
  readonly securityMode: DeviceSecurityMode;
  /** Directory numbers, in the order of the buttons; empty for trunks and gateways, which may name any caller. */
  readonly lines: readonly string[];
}

export interface Line {
  readonly number: string;
  /** Shown to the called in place of what the phone says of itself. */
  readonly displayName?: string;
  /** Names of the devices it appears on: all ring, one answers. */
  readonly devices: readonly string[];
  /** Calls the line holds at once, both ways; absent for the default of call control. */
  readonly maximumCalls?: number;
  /** Calls from which on the line is busy to others; absent for the default of call control. */
  readonly busyTrigger?: number;
}

/** Where a dialled number leads. */
export type Route =
  | { readonly kind: 'line'; readonly line: string; readonly policy: SecurityPolicy }
  | {
      readonly kind: 'trunk';
      /** Name of the trunk or gateway. */
      readonly device: string;
      /** The number as the far side wants it. */
      readonly number: string;
      readonly policy: SecurityPolicy;
    }
  | { readonly kind: 'blocked'; readonly cause: Cause; readonly reason: string };
