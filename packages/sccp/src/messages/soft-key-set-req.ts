import { message } from '../layout/message.ts';

/** SoftKeySetReq (0x0025), phone to manager: which soft keys are shown when? */
export const softKeySetReq = message('SoftKeySetReq', 0x0025, 'phone', []);
