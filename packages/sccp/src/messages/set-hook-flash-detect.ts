import { message } from '../layout/message.ts';

/** SetHookFlashDetect (0x0087), manager to phone. */
export const setHookFlashDetect = message('SetHookFlashDetect', 0x0087, 'manager', []);
