import { u32 } from '../layout/integers.ts';
import { countOf, integers, list } from '../layout/lists.ts';
import { message } from '../layout/message.ts';

/**
 * SoftKeySetRes (0x0109), manager to phone: which soft keys are shown in which situation, by their places in
 * SoftKeyTemplateRes.
 */
export const softKeySetRes = message('SoftKeySetRes', 0x0109, 'manager', [
  u32('softKeySetOffset'), // [C2: WS, CHSCCP]
  countOf('softKeySetCount', 'definition', 16), // [C2: WS, CHSCCP]
  u32('totalSoftKeySetCount'), // [C2: WS, CHSCCP]
  list('definition', { capacity: 16, filled: false, counted: true }, [
    integers('softKeyTemplateIndex', 1, { capacity: 16, filled: true, counted: false }), // [C2: WS, CHSCCP]
    integers('softKeyInfoIndex', 2, { capacity: 16, filled: true, counted: false }), // [C2: WS, CHSCCP]
  ]), // [C2: WS, CHSCCP]
]);
