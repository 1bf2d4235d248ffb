import { message } from '../layout/message.ts';

/** ConfigStatReq (0x000C), phone to manager: how am I configured? */
export const configStatReq = message('ConfigStatReq', 0x000c, 'phone', []);
