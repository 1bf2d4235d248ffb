import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** SubscribeDtmfPayloadReq (0x0129), manager to phone: receive digits as telephone-events of this payload type. */
export const subscribeDtmfPayloadReq = message('SubscribeDtmfPayloadReq', 0x0129, 'manager', [
  u32('payloadDtmf'), // [C: WS]
  u32('conferenceId'), // [C: WS]
  u32('passthruPartyID'), // [C: WS]
  u32('dtmfType'), // [C: WS]
]);
