import { u32 } from '../layout/integers.ts';
import { struct } from '../layout/lists.ts';
import { message } from '../layout/message.ts';

/** TimeDateRes (0x0094), manager to phone: the time where the phone is, and in seconds since 1970. */
export const timeDateRes = message('TimeDateRes', 0x0094, 'manager', [
  struct('timeDataInfo', [
    u32('wYear'), // [C2: WS, CHSCCP]
    u32('wMonth'), // [C2: WS, CHSCCP]: 1 is January
    u32('wDayOfWeek'), // [C2: WS, CHSCCP]: 0 is Sunday
    u32('wDay'), // [C2: WS, CHSCCP]
    u32('wHour'), // [C2: WS, CHSCCP]
    u32('wMinute'), // [C2: WS, CHSCCP]
    u32('wSecond'), // [C2: WS, CHSCCP]
    u32('wMilliseconds'), // [C2: WS, CHSCCP]
  ]), // [C2: WS, CHSCCP]
  u32('systemTime'), // [C2: WS, CHSCCP]
]);
