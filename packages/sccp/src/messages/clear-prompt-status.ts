import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** ClearPromptStatus (0x0113), manager to phone. */
export const clearPromptStatus = message('ClearPromptStatus', 0x0113, 'manager', [
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);
