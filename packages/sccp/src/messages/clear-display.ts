import { message } from '../layout/message.ts';

/** ClearDisplay (0x009A), manager to phone. */
export const clearDisplay = message('ClearDisplay', 0x009a, 'manager', []);
