/** What a call is doing. [C2: WS, CHSCCP] */
export const CallState = {
  Idle: 0,
  OffHook: 1,
  OnHook: 2,
  RingOut: 3,
  RingIn: 4,
  Connected: 5,
  Busy: 6,
  Congestion: 7,
  Hold: 8,
  CallWaiting: 9,
  CallTransfer: 10,
  CallPark: 11,
  Proceed: 12,
  CallRemoteMultiline: 13,
  InvalidNumber: 14,
  HoldRevert: 15,
  Whisper: 16,
  RemoteHold: 17,
} as const;

/** Which way a call goes. [C2: WS, CHSCCP] */
export const CallType = {
  InBoundCall: 1,
  OutBoundCall: 2,
  ForwardCall: 3,
} as const;

/** What a phone shows about the security of a call: its lock. [C: WS; 0 to 2 also CHSCCP] */
export const CallSecurityStatus = {
  Unknown: 0,
  NotAuthenticated: 1,
  Authenticated: 2,
  Encrypted: 3,
} as const;

/** What others with the same line may see of a call. [C2: WS, CHSCCP] */
export const CallPrivacy = {
  None: 0,
  Limited: 1,
  Full: 2,
} as const;

/** Which parts of who takes part in a call are not to be shown, as bits. [C2: WS, CHSCCP] */
export const PartyRestriction = {
  CallingPartyName: 1,
  CallingPartyNumber: 2,
  CalledPartyName: 4,
  CalledPartyNumber: 8,
  OriginalCalledPartyName: 16,
  OriginalCalledPartyNumber: 32,
  LastRedirectPartyName: 64,
  LastRedirectPartyNumber: 128,
} as const;

/** Where a phone lists a call that ended. [C2: WS, CHSCCP] */
export const CallHistoryDisposition = {
  Ignore: 0,
  PlacedCalls: 1,
  ReceivedCalls: 2,
  MissedCalls: 3,
} as const;
