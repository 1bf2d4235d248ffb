import { u8, u32 } from '../layout/integers.ts';
import { countOf, list } from '../layout/lists.ts';
import { message } from '../layout/message.ts';

/** ButtonTemplateRes (0x0097), manager to phone: the keys beside the display. */
export const buttonTemplateRes = message('ButtonTemplateRes', 0x0097, 'manager', [
  u32('buttonOffset'), // [C2: WS, CHSCCP]
  countOf('buttonCount', 'definition', 42), // [C: CHSCCP; WS counts by the next, which is the same in one message]
  u32('totalButtonCount'), // [C2: WS, CHSCCP]
  list('definition', { capacity: 42, filled: true, counted: true }, [
    u8('instanceNumber'), // [C2: WS, CHSCCP]
    u8('buttonDefinition'), // [C2: WS, CHSCCP]: a `ButtonType`
  ]), // [C: WS; CHSCCP has room for 56 and also ends with the last]
]);
