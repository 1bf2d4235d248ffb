import { message } from '../layout/message.ts';
import { userAndDeviceDataVersion1 } from './parts/user-data.ts';

/** DeviceToUserDataVersion1 (0x0041), phone to manager: XML of an application on the phone, perhaps in parts. */
export const deviceToUserDataVersion1 = message('DeviceToUserDataVersion1', 0x0041, 'phone', [
  ...userAndDeviceDataVersion1,
]);
