import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** SPCPRegisterTokenAck (0x8100), manager to phone: it may register. */
export const spcpRegisterTokenAck = message('SPCPRegisterTokenAck', 0x8100, 'manager', [
  u32('features'), // [C2: WS, CHSCCP]
]);
