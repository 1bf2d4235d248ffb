import { filler, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** AddOnDeviceCapabilities (0x0159), phone to manager: a module with more keys is attached to it. */
export const addOnDeviceCapabilities = message('AddOnDeviceCapabilities', 0x0159, 'phone', [
  u32('unknown1_0159'), // [R: 7962 and 7970 in CHSCCP: the number of the module]
  u32('unknown2_0159'), // [R: its type]
  u32('unknown3_0159'), // [R: how many there may be]
  filler(24), // [R]
  text('unknownString_0159', 128), // [R: among others the number of its keys]
]);
