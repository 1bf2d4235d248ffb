import { message } from '../layout/message.ts';

/** TimeDateReq (0x000D), phone to manager: what time is it? Mostly the last question of a registration. */
export const timeDateReq = message('TimeDateReq', 0x000d, 'phone', []);
