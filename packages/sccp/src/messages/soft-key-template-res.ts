import { enumerated, u32 } from '../layout/integers.ts';
import { countOf, list } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';
import { SoftKeyEvent } from '../values/soft-keys.ts';

/** SoftKeyTemplateRes (0x0108), manager to phone: the soft keys that there are. */
export const softKeyTemplateRes = message('SoftKeyTemplateRes', 0x0108, 'manager', [
  u32('softKeyOffset'), // [C2: WS, CHSCCP]
  countOf('softKeyCount', 'definition', 32), // [C2: WS, CHSCCP]
  u32('totalSoftKeyCount'), // [C2: WS, CHSCCP]
  list('definition', { capacity: 32, filled: false, counted: true }, [
    text('softKeyLabel', 16), // [C2: WS, CHSCCP]
    enumerated('softKeyEvent', SoftKeyEvent), // [C2: WS, CHSCCP]
  ]), // [C2: WS, CHSCCP]
]);
