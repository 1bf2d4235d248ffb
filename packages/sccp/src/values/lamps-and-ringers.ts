/** How a lamp is lit. [C2: WS, CHSCCP] */
export const LampMode = {
  Off: 1,
  On: 2,
  Wink: 3,
  Flash: 4,
  Blink: 5,
} as const;

/** What the lamp of a speed dial shows: the `featureStatus` of its key. [C: CHSCCP] */
export const BusyLampStatus = {
  Unknown: 0,
  Idle: 1,
  InUse: 2,
  DoNotDisturb: 3,
  Alerting: 4,
} as const;

/** How a phone rings. [C2: WS, CHSCCP] */
export const RingMode = {
  RingOff: 1,
  InsideRing: 2,
  OutsideRing: 3,
  FeatureRing: 4,
  FlashOnly: 5,
  PrecedenceRing: 6,
} as const;

/** How often it rings. [C2: WS, CHSCCP] */
export const RingDuration = {
  NormalRing: 1,
  SingleRing: 2,
} as const;

/** Of speaker, microphone and headset. [C2: WS, CHSCCP] */
export const OnOrOff = {
  On: 1,
  Off: 2,
} as const;

/** What a phone plays and listens with. [C2: WS, CHSCCP] */
export const MediaPathID = {
  Headset: 1,
  Handset: 2,
  Speaker: 3,
} as const;

/** What the user did with it: taken up, put down. [C2: WS, CHSCCP] */
export const MediaPathEvent = {
  On: 1,
  Off: 2,
} as const;

/** Whether the phone may use it. [C2: WS, CHSCCP] */
export const MediaPathCapabilities = {
  Enable: 1,
  Disable: 2,
  Monitor: 3,
} as const;
