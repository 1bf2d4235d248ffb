import { message } from '../layout/message.ts';

/** ServerReq (0x0012), phone to manager: which managers are there? */
export const serverReq = message('ServerReq', 0x0012, 'phone', []);
