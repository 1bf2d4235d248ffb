import { message } from '../layout/message.ts';

/** DeactivateCallPlane (0x0117), manager to phone: no line is in the foreground. */
export const deactivateCallPlane = message('DeactivateCallPlane', 0x0117, 'manager', []);
