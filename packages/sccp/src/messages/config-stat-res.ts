import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';
import { stationIdentifier } from './parts/station-identifier.ts';

/** ConfigStatRes (0x0093), manager to phone: how the phone is configured. */
export const configStatRes = message('ConfigStatRes', 0x0093, 'manager', [
  stationIdentifier, // [C2: WS, CHSCCP]
  text('userName', 40), // [C2: WS, CHSCCP]
  text('serverName', 40), // [C2: WS, CHSCCP]
  u32('numberOfLines'), // [C2: WS, CHSCCP]
  u32('numberOfSpeedDials'), // [C2: WS, CHSCCP]
]);
