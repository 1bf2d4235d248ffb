/** What a phone or a manager knows beside its protocol version, as bits.
 * [C: CHSCCP, and R: a 7960 of version 11 says 0x8560, a 7941 of 17 0x8572; WS names other bits] */
export const PhoneFeature = {
  UTF8: 0x0010,
  DynamicMessages: 0x0100,
  RFC2833: 0x0400,
  AbbreviatedDial: 0x8000,
} as const;

/** What is shown of a call on a line, as bits. [C2: WS, CHSCCP] */
export const LineTypeBits = {
  OriginalDialed: 1,
  RedirectedDialed: 2,
  CallingPartyNumber: 4,
  CallingPartyName: 8,
} as const;

/** How bad what an alarm tells is. [C2: WS, CHSCCP] */
export const DeviceAlarmSeverity = {
  Critical: 0,
  Warning: 1,
  Informational: 2,
  Unknown: 4,
  Major: 7,
  Minor: 8,
  Marginal: 10,
  TraceInfo: 20,
} as const;

/** How a phone is to start anew. [C2: WS, CHSCCP] */
export const DeviceResetType = {
  Reset: 1,
  Restart: 2,
  ApplyConfig: 3,
} as const;

/** Whether a phone may leave. [C2: WS, CHSCCP] */
export const DeviceUnregisterStatus = {
  Ok: 0,
  Error: 1,
  NAK: 2,
} as const;

/** Why a phone leaves. [C: WS] */
export const UnRegReasonCode = {
  Unknown: 0,
  PowerSaveMode: 1,
} as const;

/** What a key beside the display does. [C2: WS, CHSCCP] */
export const ButtonType = {
  Unused: 0,
  LastNumberRedial: 1,
  SpeedDial: 2,
  Hold: 3,
  Transfer: 4,
  ForwardAll: 5,
  ForwardBusy: 6,
  ForwardNoAnswer: 7,
  Display: 8,
  Line: 9,
  T120Chat: 10,
  T120Whiteboard: 11,
  T120ApplicationSharing: 12,
  T120FileTransfer: 13,
  Video: 14,
  Voicemail: 15,
  AnswerRelease: 16,
  AutoAnswer: 17,
  Select: 18,
  Feature: 19,
  ServiceURL: 20,
  BusyLampFieldSpeeddial: 21,
  MaliciousCall: 27,
  GenericAppB1: 33,
  GenericAppB2: 34,
  GenericAppB3: 35,
  GenericAppB4: 36,
  GenericAppB5: 37,
  MonitorMultiblink: 38,
  MeetMeConference: 123,
  Conference: 125,
  CallPark: 126,
  CallPickup: 127,
  GroupCallPickup: 128,
  Mobility: 129,
  DoNotDisturb: 130,
  ConfList: 131,
  RemoveLastParticipant: 132,
  QRT: 133,
  CallBack: 134,
  OtherPickup: 135,
  VideoMode: 136,
  NewCall: 137,
  EndCall: 138,
  HLog: 139,
  Queuing: 143,
  TestE: 192,
  TestF: 193,
  Messages: 194,
  Directory: 195,
  TestI: 196,
  Application: 197,
  Headset: 198,
  Keypad: 240,
  Aec: 253,
  Undefined: 255,
} as const;

/** What a subscription is to. [C: WS] */
export const SubscriptionFeatureID = {
  BLF: 1,
} as const;

/** How a subscription went. [C2: WS, CHSCCP] */
export const SubscribeCause = {
  OK: 0,
  RouteFail: 1,
  AuthFail: 2,
  Timeout: 3,
  TrunkTerm: 4,
  TrunkForbidden: 5,
  Throttle: 6,
} as const;

/** Which part of a longer document it is. [C: WS] */
export const SequenceFlag = {
  First: 0,
  More: 1,
  Last: 2,
} as const;

/** Whether the phone counts on from its statistics. [C2: WS, CHSCCP] */
export const StatsProcessingType = {
  ClearStats: 0,
  DoNotClearStats: 1,
} as const;

/** What became of a change of the message waiting lamp. [C: WS] */
export const MwiNotificationResult = {
  Ok: 0,
  GeneralError: 1,
  RequestRejected: 2,
  VmCountOutOfBounds: 3,
  FaxCountOutOfBounds: 4,
  InvalidPriorityVmCount: 5,
  InvalidPriorityFaxCount: 6,
} as const;
