import { preferredSuites, type SdesSuiteName } from '@trustline/keying';

import type { Location } from './admission.ts';
import { CallControlError } from './error.ts';

/** How call control behaves; every setting has a default. */
export interface CallControlSettings {
  /** This node's name, in every event, record and snapshot. */
  readonly node: string;
  /** Crypto suites that may be used, most preferred first. */
  readonly suites: readonly SdesSuiteName[];
  /** Milliseconds from placing a call to giving up when nobody answers; 180 s, within which a stranger's own timer (RFC 3261 §13.3.1.1: 3 minutes) lies. */
  readonly noAnswerTimeout: number;
  /** Milliseconds that a line rings before it sends a call on that nobody answers; Cisco's default is 12 s, ours 20 s. */
  readonly forwardTimeout: number;
  /** Milliseconds that a call is parked before whoever parked it is rung. */
  readonly parkTimeout: number;
  /** Milliseconds that an offer may wait for its answer; 40 s, beyond SIP's 32 s transaction. */
  readonly offerTimeout: number;
  /** Milliseconds in which a trunk or gateway has to say something to a call, be it that it works on it; then the next is tried. */
  readonly trunkSilence: number;
  /** Milliseconds until a trunk that is set aside is probed; twice as long after each time that fails. */
  readonly probeAfter: number;
  /** Milliseconds between two probes at most. */
  readonly probeAtMost: number;
  /** Calls that a line holds at once, both ways; beyond it the line can call nobody (Cisco: maximum number of calls). */
  readonly callsPerLine: number;
  /** Calls of a line, both ways, from which on it is busy to others; one talks, one waits (Cisco: busy trigger). */
  readonly busyTrigger: number;
  /** Calls at once in this node. */
  readonly mostCalls: number;
  /** `direct`: media go straight between the ends wherever they can; `relayed`: always over the relay. */
  readonly mediaPath: 'direct' | 'relayed';
  /** Calls at once whose ends have no format in common and are transcoded; 0 for none: they are refused. */
  readonly mostTranscoders: number;
  /** Who is held hears the relay's sound for that; else what the end that holds sends, or nothing. */
  readonly holdSound: boolean;
  /** Milliseconds of what the relay says to a caller whose call leaves protection; undefined where it says nothing. */
  readonly announcement: number | undefined;
  /** Places whose lines bear so much voice and no more. */
  readonly locations: readonly Location[];
}

export const defaultSettings: CallControlSettings = {
  node: 'local',
  suites: preferredSuites,
  noAnswerTimeout: 180_000,
  forwardTimeout: 20_000,
  parkTimeout: 60_000,
  offerTimeout: 40_000,
  trunkSilence: 1_500,
  probeAfter: 5_000,
  probeAtMost: 120_000,
  callsPerLine: 4,
  busyTrigger: 2,
  mostCalls: 20_000,
  mediaPath: 'direct',
  mostTranscoders: 0,
  holdSound: false,
  announcement: undefined,
  locations: [],
};

/** @throws {CallControlError} callcontrol.setting-out-of-range */
export function completeSettings(settings: Partial<CallControlSettings>): CallControlSettings {
  const complete = { ...defaultSettings, ...settings };
  for (const name of [
    'noAnswerTimeout',
    'forwardTimeout',
    'parkTimeout',
    'offerTimeout',
    'trunkSilence',
    'probeAfter',
    'probeAtMost',
    'callsPerLine',
    'busyTrigger',
    'mostCalls',
  ] as const) {
    if (!(complete[name] > 0)) {
      throw new CallControlError('callcontrol.setting-out-of-range', `${name} must be more than 0`);
    }
  }
  if (complete.suites.length === 0) {
    throw new CallControlError('callcontrol.setting-out-of-range', 'suites must name at least one crypto suite', {
      nextStep: 'Set the policy of a route to forbid where no SRTP is wanted',
    });
  }
  return complete;
}
