import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** RegisterTokenReject (0x011B), manager to phone: it is to ask again later. */
export const registerTokenReject = message('RegisterTokenReject', 0x011b, 'manager', [
  u32('waitTimeBeforeNextReq'), // [C2: WS, CHSCCP]
]);
