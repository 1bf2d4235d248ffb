import { message } from '../layout/message.ts';

/** SoftKeyTemplateReq (0x0028), phone to manager: which soft keys are there? */
export const softKeyTemplateReq = message('SoftKeyTemplateReq', 0x0028, 'phone', []);
