import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** UnSubscribeDtmfPayloadErr (0x012E), phone to manager: it cannot. */
export const unSubscribeDtmfPayloadErr = message('UnSubscribeDtmfPayloadErr', 0x012e, 'phone', [
  u32('payloadDtmf'), // [C: WS]
  u32('conferenceId'), // [C: WS]
  u32('passthruPartyID'), // [C: WS]
]);
