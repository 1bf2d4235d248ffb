import { message } from '../layout/message.ts';

/** ClearNotify (0x0115), manager to phone. */
export const clearNotify = message('ClearNotify', 0x0115, 'manager', []);
