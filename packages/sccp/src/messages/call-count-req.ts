import { message } from '../layout/message.ts';

/** CallCountReq (0x015E), phone to manager: how many calls may its lines have? */
export const callCountReq = message('CallCountReq', 0x015e, 'phone', []);
