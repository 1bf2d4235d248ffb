import { DEFAULTED } from '../layout/field.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';
import { CallSecurityStatus, CallType } from '../values/calls.ts';

/**
 * CallInfoV2 (0x014A), manager to phone: who takes part in a call, and how well it is protected, for phones with
 * dynamic messages. Below version 16 CHSCCP leaves out the alternate number, WS does not [?]: such phones are sent
 * CallInfo.
 */
export const callInfoV2 = message(
  'CallInfoV2',
  0x014a,
  'manager',
  [
    u32('lineInstance'), // [C2: WS, CHSCCP]
    u32('callReference'), // [C2: WS, CHSCCP]
    enumerated('callType', CallType), // [C2: WS, CHSCCP]
    u32('originalCdpnRedirectReason'), // [C2: WS, CHSCCP]
    u32('lastRedirectingReason'), // [C2: WS, CHSCCP]
    u32('callInstance'), // [C2: WS, CHSCCP]
    enumerated('callSecurityStatus', CallSecurityStatus), // [C2: WS, CHSCCP]
    u32('partyPIRestrictionBits'), // [C2: WS, CHSCCP]
    dynamicText('callingParty', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('AlternateCallingParty', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('calledParty', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('originalCalledParty', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('lastRedirectingParty', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('cgpnVoiceMailbox', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('cdpnVoiceMailbox', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('originalCdpnVoiceMailbox', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('lastRedirectingVoiceMailbox', 25, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('callingPartyName', 121, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('calledPartyName', 121, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('originalCalledPartyName', 121, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('lastRedirectingPartyName', 121, DEFAULTED), // [C2: WS, CHSCCP]
    dynamicText('HuntPilotNumber', 25, { since: 17, defaulted: true }), // [C2: WS, CHSCCP; CHSCCP from 16]
    dynamicText('HuntPilotName', 121, { since: 17, defaulted: true }), // [C2: WS, CHSCCP; CHSCCP from 16]
  ],
  { since: 16 },
);
