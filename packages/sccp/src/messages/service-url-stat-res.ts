import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** ServiceURLStatRes (0x012F), manager to phone: what is on a service key. */
export const serviceURLStatRes = message('ServiceURLStatRes', 0x012f, 'manager', [
  u32('serviceURLIndex'), // [C2: WS, CHSCCP]
  text('serviceURL', 256), // [C2: WS, CHSCCP]
  text('serviceURLDisplayName', 40), // [C2: WS, CHSCCP]
]);
