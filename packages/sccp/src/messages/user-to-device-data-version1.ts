import { message } from '../layout/message.ts';
import { userAndDeviceDataVersion1 } from './parts/user-data.ts';

/** UserToDeviceDataVersion1 (0x013F), manager to phone: XML for an application on the phone, perhaps in parts. */
export const userToDeviceDataVersion1 = message('UserToDeviceDataVersion1', 0x013f, 'manager', [
  ...userAndDeviceDataVersion1,
]);
