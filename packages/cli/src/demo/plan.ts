/** The two ends of the demo's call. */
export type End = 'caller' | 'called';

export const ends: readonly End[] = ['caller', 'called'];

export function otherEnd(end: End): End {
  return end === 'caller' ? 'called' : 'caller';
}

/** What the two phones speak. */
export type DemoProtocol = 'sip' | 'sccp';

/** The phones that those of Skinny also meet: one that speaks SIP, and one that has no protection at all. */
export type Guest = 'sip' | 'open';

/** One phone of the demo: who it is, what it says and which keys it presses. */
export interface PhonePlan {
  /** SEP and a locally administered MAC address, which no phone was sold with. */
  readonly device: string;
  readonly line: string;
  readonly displayName: string;
  /** Its speech is like no other seed's. */
  readonly seed: number;
  readonly digits: string;
}

export const phonePlans: Readonly<Record<End, PhonePlan>> = {
  caller: { device: 'SEP020000001001', line: '1001', displayName: 'Ada', seed: 1001, digits: '4711#' },
  called: { device: 'SEP020000001002', line: '1002', displayName: 'Ben', seed: 1002, digits: '25800*' },
};

export const guestPlans: Readonly<Record<Guest, PhonePlan>> = {
  sip: { device: 'SEP020000001003', line: '1003', displayName: 'Cara', seed: 1003, digits: '' },
  open: { device: 'SEP020000001004', line: '1004', displayName: 'Dan', seed: 1004, digits: '' },
};

/** How long each end speaks in the calls beside the first. The lag is sought within a second: two are compared at any lag. */
export const SCENE_SPEECH_SECONDS = 3;
export const SCENE_LAG_SECONDS = 1;

/** How long each end speaks. The lag is sought within two seconds, so that six are compared at any lag. */
export const SPEECH_SECONDS = 8;
export const MAXIMUM_LAG_SECONDS = 2;

/** What is claimed of the figures. */
export const limits = {
  /** A tap without keys correlates less than this with what was said. */
  unheard: 0.05,
  /** A tap that understands correlates more than this. */
  heard: 0.95,
  /** What a loudspeaker played does, second by second: the jitter buffer stretches and conceals. */
  played: 0.6,
  /** Speech that is compared, in seconds and for each direction. */
  seconds: 5,
} as const;

/** Forged and replayed packets that each phone is sent. */
export const ATTACKS = 10;

/** What is broken on purpose, so that a test sees the demo fail. */
export type Sabotage = 'srtp' | 'keys';

export function eachEnd<Value>(make: (end: End) => Value): Readonly<Record<End, Value>> {
  return { caller: make('caller'), called: make('called') };
}
