import { DEFAULTED } from '../layout/field.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';
import { CallSecurityStatus, CallType } from '../values/calls.ts';

/** CallInfo (0x008F), manager to phone: who takes part in a call, and how well it is protected. */
export const callInfo = message('CallInfo', 0x008f, 'manager', [
  text('callingPartyName', 40, DEFAULTED), // [C2: WS, CHSCCP]
  text('callingParty', 24, DEFAULTED), // [C2: WS, CHSCCP]
  text('calledPartyName', 40, DEFAULTED), // [C2: WS, CHSCCP]
  text('calledParty', 24, DEFAULTED), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  enumerated('callType', CallType), // [C2: WS, CHSCCP]
  text('originalCalledPartyName', 40, DEFAULTED), // [C2: WS, CHSCCP]
  text('originalCalledParty', 24, DEFAULTED), // [C2: WS, CHSCCP]
  text('lastRedirectingPartyName', 40, DEFAULTED), // [C2: WS, CHSCCP]
  text('lastRedirectingParty', 24, DEFAULTED), // [C2: WS, CHSCCP]
  u32('originalCdpnRedirectReason', DEFAULTED), // [C2: WS, CHSCCP]
  u32('lastRedirectingReason', DEFAULTED), // [C2: WS, CHSCCP]
  text('cgpnVoiceMailbox', 24, DEFAULTED), // [C2: WS, CHSCCP]
  text('cdpnVoiceMailbox', 24, DEFAULTED), // [C2: WS, CHSCCP]
  text('originalCdpnVoiceMailbox', 24, DEFAULTED), // [C2: WS, CHSCCP]
  text('lastRedirectingVoiceMailbox', 24, DEFAULTED), // [C2: WS, CHSCCP]
  u32('callInstance', DEFAULTED), // [C2: WS, CHSCCP]
  enumerated('callSecurityStatus', CallSecurityStatus), // [C2: WS, CHSCCP]
  u32('partyPIRestrictionBits', DEFAULTED), // [C2: WS, CHSCCP: bits as `PartyRestriction` says]
]);
