import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceType } from '../values/device-types.ts';

/** MediaResourceNotification (0x002C), phone to manager: how many streams it can serve. */
export const mediaResourceNotification = message('MediaResourceNotification', 0x002c, 'phone', [
  enumerated('deviceType', DeviceType), // [C2: WS, CHSCCP]
  u32('numberOfInServiceStreams'), // [C2: WS, CHSCCP]
  u32('maxStreamsPerConf'), // [C2: WS, CHSCCP]
  u32('numberOfOutOfServiceStreams'), // [C2: WS, CHSCCP]
]);
