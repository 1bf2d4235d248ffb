import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceResetType } from '../values/registration.ts';

/** Reset (0x009F), manager to phone: start anew. */
export const reset = message('Reset', 0x009f, 'manager', [
  enumerated('resetType', DeviceResetType), // [C2: WS, CHSCCP]
]);
