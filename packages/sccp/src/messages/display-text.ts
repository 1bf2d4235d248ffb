import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** DisplayText (0x0099), manager to phone. */
export const displayText = message('DisplayText', 0x0099, 'manager', [
  text('text', 32), // [C2: WS, CHSCCP]
]);
