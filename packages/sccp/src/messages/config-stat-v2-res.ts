import { DEFAULTED } from '../layout/field.ts';
import { u32 } from '../layout/integers.ts';
import { struct } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';

/** ConfigStatV2Res (0x0142), manager to phone: how a phone with dynamic messages is configured. */
export const configStatV2Res = message('ConfigStatV2Res', 0x0142, 'manager', [
  struct('sid', [
    dynamicText('DeviceName', 16), // [C: WS]
    u32('reserved_for_future_use', DEFAULTED), // [C: WS]
    u32('instance', DEFAULTED), // [C: WS]
  ]), // [C: WS; a text of fixed size in CHSCCP [?]]
  u32('numberOfLines'), // [C: WS; CHSCCP has texts of fixed size before the numbers [?]]
  u32('numberOfSpeedDials'), // [C: WS; CHSCCP has texts of fixed size before the numbers [?]]
  dynamicText('userName', 121), // [C: WS; CHSCCP has texts of fixed size before the numbers [?]]
  dynamicText('serverName', 121), // [C: WS; CHSCCP has texts of fixed size before the numbers [?]]
]);
