import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** SubscribeDtmfPayloadRes (0x012A), phone to manager: it does. */
export const subscribeDtmfPayloadRes = message('SubscribeDtmfPayloadRes', 0x012a, 'phone', [
  u32('payloadDtmf'), // [C: WS]
  u32('conferenceId'), // [C: WS]
  u32('passthruPartyID'), // [C: WS]
]);
