import { message } from '../layout/message.ts';
import { userAndDeviceDataVersion1 } from './parts/user-data.ts';

/**
 * DeviceToUserDataResponseVersion1 (0x0042), phone to manager: what an application on the phone answers, perhaps in
 * parts.
 */
export const deviceToUserDataResponseVersion1 = message('DeviceToUserDataResponseVersion1', 0x0042, 'phone', [
  ...userAndDeviceDataVersion1,
]);
