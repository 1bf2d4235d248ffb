import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** UnSubscribeDtmfPayloadRes (0x012D), phone to manager: it does not. */
export const unSubscribeDtmfPayloadRes = message('UnSubscribeDtmfPayloadRes', 0x012d, 'phone', [
  u32('payloadDtmf'), // [C: WS]
  u32('conferenceId'), // [C: WS]
  u32('passthruPartyID'), // [C: WS]
]);
