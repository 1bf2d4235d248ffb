import { message } from '../layout/message.ts';

/** KeepAliveAck (0x0100), manager to phone. */
export const keepAliveAck = message('KeepAliveAck', 0x0100, 'manager', []);
