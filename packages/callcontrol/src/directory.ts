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
  /**
   * Where a number leads that this line of this device dials; a `DialPlan` answers this.
   *
   * @param at epoch milliseconds
   */
  route(dialled: string, caller: { readonly device: string; readonly line: string }, at: number): Route | undefined;
  /** The hunt group of this name. */
  huntGroup(name: string): HuntGroup | undefined;
  /** The lines of the pick-up groups that this one is in: it may take what rings there. */
  pickUpLines(line: string): readonly string[];
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
  /** Of a trunk or gateway: calls that it bears at once, both ways; absent where nobody has counted them. */
  readonly channels?: number;
  /** Of a trunk or gateway: what is done about calls that go out by it; absent for `allow`. */
  readonly leavingProtection?: LeavingProtection;
  /**
   * Of a gateway: whose key protects its media, that of who sends (where absent) or that of who receives, for which whoever
   * sends to it needs a key of the gateway's; `auto` while nobody knows.
   */
  readonly keyReading?: KeyReading;
}

/** Whose key protects media; H.235.8 leaves it open. */
export type KeyReading = 'sender' | 'receiver' | 'auto';

/** What is done about a call that goes where nobody knows how it is protected: it goes, or not, or its caller is told before. */
export type LeavingProtection = 'allow' | 'refuse' | 'announce';

export interface Line extends LineLimits {
  readonly number: string;
  /** Shown to the called in place of what the phone says of itself. */
  readonly displayName?: string;
  /** Names of the devices it appears on: all ring, one answers. */
  readonly devices: readonly string[];
  /** Where its calls go that it does not take. */
  readonly forwarding?: Forwarding;
}

/** How many calls a line has; what is absent is as call control has it for all. */
export interface LineLimits {
  /** Calls the line holds at once, both ways. */
  readonly maximumCalls?: number;
  /** Calls from which on the line is busy to others: 1 is no call waiting. */
  readonly busyTrigger?: number;
}

/** Which rows of the dial plan led there, for people. */
export interface RouteOrigin {
  /** The pattern of the row that decided; absent for a line that no row speaks of. */
  readonly pattern?: string;
  /** Rows that made another number of it before, in order. */
  readonly translations?: readonly { readonly pattern: string; readonly number: string }[];
}

/** Where a dialled number leads. */
export type Route = RouteOrigin & Destination;
export type ConferenceRoute = Extract<Route, { readonly kind: 'conference' }>;

type Destination =
  | { readonly kind: 'line'; readonly line: string; readonly policy: SecurityPolicy }
  | {
      readonly kind: 'trunk';
      /** Names of trunks or gateways: the first that is there and has a channel takes the call. */
      readonly devices: readonly string[];
      /** Which of them is tried first, and which then; absent for `in-order`. */
      readonly order?: RouteListOrder;
      /** Goes before what the devices have. */
      readonly leavingProtection?: LeavingProtection;
      /** The number as the far side wants it. */
      readonly number: string;
      readonly policy: SecurityPolicy;
      /** The number leads to help: no restriction stands in its way. */
      readonly emergency?: true;
      /** Encryption would be required, but for that. */
      readonly passesRequire?: true;
    }
  /** A call that rings is taken: at this line, or without one the oldest. */
  | { readonly kind: 'pick-up'; readonly line?: string; readonly policy: SecurityPolicy }
  /** A place where calls are parked. */
  | { readonly kind: 'park'; readonly number: string; readonly policy: SecurityPolicy }
  /** Whoever dials it hears the others who have. */
  | { readonly kind: 'conference'; readonly number: string; readonly name: string; readonly policy: SecurityPolicy }
  | { readonly kind: 'hunt-group'; readonly name: string; readonly policy: SecurityPolicy }
  | { readonly kind: 'blocked'; readonly cause: Cause; readonly reason: string };

/** The order in which the trunks and gateways of one route are tried. */
export type RouteListOrder =
  /** From the first on, for every call. */
  | 'in-order'
  /** From the one after that which was tried first by the call before. */
  | 'circular'
  /** Whichever has the smallest part of its channels in use. */
  | 'by-load';

/** The order in which a hunt group looks for somebody. */
export type HuntOrder =
  /** From the first member on, for every call. */
  | 'top-down'
  /** From the member after the one that was tried first by the call before. */
  | 'circular'
  /** Whoever has been without a call for longest. */
  | 'longest-idle'
  /** All at once. */
  | 'broadcast';

/** Lines that take the calls of one number between them. */
export interface HuntGroup {
  readonly name: string;
  readonly order: HuntOrder;
  /** Directory numbers. */
  readonly members: readonly string[];
  /** Milliseconds that one member rings. */
  readonly memberTimeout: number;
  /** Where the call goes when no member takes it; without one it is refused. */
  readonly otherwise?: string;
}

/** Where the calls of a line go that it does not take; each absent where they end. */
export interface Forwarding {
  readonly always?: string;
  readonly busy?: string;
  readonly noAnswer?: string;
  readonly unregistered?: string;
  /** Milliseconds that the line rings before `noAnswer` counts; absent for the default of call control. */
  readonly noAnswerTimeout?: number;
  /** The line is not rung: it is busy to whoever calls. */
  readonly doNotDisturb?: boolean;
}
