import { message } from '../layout/message.ts';

/** RegisterTokenAck (0x011A), manager to phone: it may come back. */
export const registerTokenAck = message('RegisterTokenAck', 0x011a, 'manager', []);
