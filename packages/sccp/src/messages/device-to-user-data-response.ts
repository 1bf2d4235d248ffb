import { message } from '../layout/message.ts';
import { userAndDeviceData } from './parts/user-data.ts';

/** DeviceToUserDataResponse (0x002F), phone to manager: what an application on the phone answers. */
export const deviceToUserDataResponse = message('DeviceToUserDataResponse', 0x002f, 'phone', [...userAndDeviceData]);
