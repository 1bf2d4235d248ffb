import { DEFAULTED } from '../../layout/field.ts';
import { u32 } from '../../layout/integers.ts';
import { struct } from '../../layout/lists.ts';
import { text } from '../../layout/texts.ts';

/** Who a phone is: `SEP` and its MAC address, mostly. [R: dumps of RegisterReq] */
export const stationIdentifier = struct('sid', [
  text('DeviceName', 16), // [R]
  u32('reserved_for_future_use', DEFAULTED), // [R]; CHSCCP calls it a user id
  u32('instance', DEFAULTED), // [R]
]);
