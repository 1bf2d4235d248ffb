import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** SubscribeDtmfPayloadErr (0x012B), phone to manager: it cannot. */
export const subscribeDtmfPayloadErr = message('SubscribeDtmfPayloadErr', 0x012b, 'phone', [
  u32('payloadDtmf'), // [C: WS]
  u32('conferenceId'), // [C: WS]
  u32('passthruPartyID'), // [C: WS]
]);
