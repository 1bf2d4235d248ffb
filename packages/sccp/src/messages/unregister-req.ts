import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { UnRegReasonCode } from '../values/registration.ts';

/** UnregisterReq (0x0027), phone to manager: it wants to leave. */
export const unregisterReq = message('UnregisterReq', 0x0027, 'phone', [
  enumerated('unRegReasonCode', UnRegReasonCode, { omissible: true }), // [C2: WS, CHSCCP]
]);
