import { message } from '../layout/message.ts';

/**
 * KeepAliveReq (0x0000), phone to manager: says every so often that it is there, to the manager that it is registered
 * at and to the one that it would turn to.
 */
export const keepAliveReq = message('KeepAliveReq', 0x0000, 'phone', []);
