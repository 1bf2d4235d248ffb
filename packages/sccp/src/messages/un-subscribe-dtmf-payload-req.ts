import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** UnSubscribeDtmfPayloadReq (0x012C), manager to phone: receive them no longer. */
export const unSubscribeDtmfPayloadReq = message('UnSubscribeDtmfPayloadReq', 0x012c, 'manager', [
  u32('payloadDtmf'), // [C: WS]
  u32('conferenceId'), // [C: WS]
  u32('passthruPartyID'), // [C: WS]
  u32('dtmfType'), // [C: WS]
]);
