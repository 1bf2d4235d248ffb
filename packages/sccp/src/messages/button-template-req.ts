import { message } from '../layout/message.ts';

/** ButtonTemplateReq (0x000E), phone to manager: what are the keys beside my display? */
export const buttonTemplateReq = message('ButtonTemplateReq', 0x000e, 'phone', []);
