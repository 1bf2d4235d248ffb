import { DEFAULTED } from '../layout/field.ts';
import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** LineStatRes (0x0092), manager to phone: what a line is. */
export const lineStatRes = message('LineStatRes', 0x0092, 'manager', [
  u32('lineNumber'), // [C2: WS, CHSCCP]
  text('lineDirNumber', 24), // [C2: WS, CHSCCP]
  text('lineFullyQualifiedDisplayName', 40), // [C2: WS, CHSCCP]
  text('lineTextLabel', 40), // [C2: WS, CHSCCP]
  u32('lineDisplayOptions', DEFAULTED), // [C2: WS, CHSCCP]
]);
