import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';

/** DisplayPromptStatusV2 (0x0145), manager to phone: a text in the line of prompts, for phones with dynamic messages. */
export const displayPromptStatusV2 = message('DisplayPromptStatusV2', 0x0145, 'manager', [
  u32('timeOutValue'), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  dynamicText('promptStatus', 97), // [C2: WS, CHSCCP]
]);
