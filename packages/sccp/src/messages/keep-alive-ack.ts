import { message } from '../layout/message.ts';

/** KeepAliveAck (0x0100), manager to phone. Its header says no version. [C: CHSCCP] */
export const keepAliveAck = message('KeepAliveAck', 0x0100, 'manager', [], { unversioned: true });
