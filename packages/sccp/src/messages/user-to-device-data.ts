import { message } from '../layout/message.ts';
import { userAndDeviceData } from './parts/user-data.ts';

/** UserToDeviceData (0x011E), manager to phone: XML for an application on the phone. */
export const userToDeviceData = message('UserToDeviceData', 0x011e, 'manager', [...userAndDeviceData]);
