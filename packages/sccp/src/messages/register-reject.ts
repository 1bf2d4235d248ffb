import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** RegisterReject (0x009D), manager to phone: it is not served. */
export const registerReject = message('RegisterReject', 0x009d, 'manager', [
  text('text', 32), // [C2: WS, CHSCCP]
]);
