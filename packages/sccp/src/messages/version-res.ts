import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** VersionRes (0x0098), manager to phone: the firmware that the phone should have. */
export const versionRes = message('VersionRes', 0x0098, 'manager', [
  text('versionStr', 16), // [C2: WS, CHSCCP]
]);
