import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';

/** ServiceURLStatV2Res (0x0148), manager to phone: what is on a service key, for phones with dynamic messages. */
export const serviceURLStatV2Res = message('ServiceURLStatV2Res', 0x0148, 'manager', [
  u32('serviceURLIndex'), // [C2: WS, CHSCCP]
  dynamicText('serviceURL', 256), // [C: CHSCCP]
  dynamicText('serviceURLDisplayName', 121), // [C: CHSCCP]
]);
