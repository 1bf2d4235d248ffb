import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** SPCPRegisterTokenReject (0x8101), manager to phone: it is to ask again later. */
export const spcpRegisterTokenReject = message('SPCPRegisterTokenReject', 0x8101, 'manager', [
  u32('waitTimeBeforeNextReq'), // [C2: WS, CHSCCP]
]);
