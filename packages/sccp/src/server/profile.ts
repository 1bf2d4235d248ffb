import type { SccpDialect } from '../codec.ts';

/** What the two ends of a registered session agreed on. */
export interface SessionDialect extends SccpDialect {
  /** Whether the phone takes the messages with texts as long as they are (`…V2`). */
  readonly dynamicMessages: boolean;
}

/** A line of a phone: a directory number at a key. */
export interface LineProfile {
  readonly number: string;
  /** What others see: the name of who has the line. */
  readonly displayName: string;
  /** What stands beside the key. */
  readonly label: string;
  /** Where calls go, by what happens to them; absent where nowhere. */
  readonly forward?: { readonly all?: string; readonly busy?: string; readonly noAnswer?: string };
  /** How many calls it may have, and from how many on it is busy. 4 and 2 unless told. */
  readonly mostCalls?: number;
  readonly busyTrigger?: number;
}

export interface SpeedDialProfile {
  readonly number: string;
  readonly label: string;
}

/**
 * A feature key. A speed dial with a busy lamp is one with the instance that it has among the speed dials: they are counted
 * together. [C: CHSCCP]
 */
export interface FeatureProfile {
  /** A `ButtonType`. */
  readonly type: number;
  readonly label: string;
  /** What the lamp shows; its meaning depends on the type: a `BusyLampStatus`. It is read whenever a phone asks. */
  readonly status: number;
}

export interface ServiceProfile {
  readonly url: string;
  readonly label: string;
}

/** A key beside the display, from the first on. */
export interface ButtonProfile {
  /** A `ButtonType`. */
  readonly type: number;
  /** Which line, speed dial, feature or service of the profile it is, counted from 1; 0 where it needs none. */
  readonly instance: number;
}

export interface SoftKeyProfile {
  /** At most 15 octets; `\u0080` and a number stand for a word of the phone's dictionary. */
  readonly label: string;
  /** A `SoftKeyEvent`. */
  readonly event: number;
}

/** Which soft keys are shown in a situation: up to 16 places in `softKeys`, counted from 1. */
export type SoftKeySetProfile = readonly number[];

/** A manager that a phone may turn to. */
export interface ManagerProfile {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** How a phone that is served is configured. What it asks for when it registers is answered from here. */
export interface PhoneProfile {
  /** Seconds between two signs of life; at least 1. */
  readonly keepAliveSeconds: number;
  /** The same where this manager is the one that the phone would turn to. */
  readonly secondaryKeepAliveSeconds: number;
  /** Like `D.M.Y` or `M/D/YA`; at most six characters, an A at the end for twelve hours. */
  readonly dateTemplate: string;
  readonly userName: string;
  readonly serverName: string;
  /** The firmware that it should have; empty for what it has. */
  readonly firmware: string;
  readonly lines: readonly LineProfile[];
  readonly speedDials: readonly SpeedDialProfile[];
  readonly features: readonly FeatureProfile[];
  readonly services: readonly ServiceProfile[];
  readonly buttons: readonly ButtonProfile[];
  readonly softKeys: readonly SoftKeyProfile[];
  /** By the number of the situation: see `SoftKeySet`. */
  readonly softKeySets: readonly SoftKeySetProfile[];
  readonly managers: readonly ManagerProfile[];
}

/** The time where a phone is. */
export interface LocalTime {
  readonly year: number;
  /** 1 is January. */
  readonly month: number;
  /** 0 is Sunday. */
  readonly dayOfWeek: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** Seconds since 1970. */
  readonly unixSeconds: number;
}
