import { message } from '../layout/message.ts';
import { userAndDeviceData } from './parts/user-data.ts';

/** DeviceToUserData (0x002E), phone to manager: XML of an application on the phone. */
export const deviceToUserData = message('DeviceToUserData', 0x002e, 'phone', [...userAndDeviceData]);
