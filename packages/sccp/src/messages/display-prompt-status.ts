import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/**
 * DisplayPromptStatus (0x0112), manager to phone: a text in the line of prompts. DisplayPromptStatusV2 is for phones
 * with dynamic messages.
 */
export const displayPromptStatus = message('DisplayPromptStatus', 0x0112, 'manager', [
  u32('timeOutValue'), // [C2: WS, CHSCCP]
  text('promptStatus', 32), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);
