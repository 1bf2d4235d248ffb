import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceUnregisterStatus } from '../values/registration.ts';

/**
 * UnregisterAck (0x0118), manager to phone: it may leave, or may not as long as it has a call. Its header says no
 * version. [C: CHSCCP]
 */
export const unregisterAck = message(
  'UnregisterAck',
  0x0118,
  'manager',
  [
    enumerated('status', DeviceUnregisterStatus), // [C2: WS, CHSCCP]
  ],
  { unversioned: true },
);
