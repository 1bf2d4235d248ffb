import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';

/** LineStatV2Res (0x0147), manager to phone: what a line is, for phones with dynamic messages. */
export const lineStatV2Res = message('LineStatV2Res', 0x0147, 'manager', [
  u32('lineNumber'), // [C2: WS, CHSCCP]
  u32('lineType'), // [C2: WS, CHSCCP: bits as `LineTypeBits` says]
  dynamicText('lineDirNumber', 25), // [C2: WS, CHSCCP]
  dynamicText('lineFullyQualifiedDisplayName', 121), // [C2: WS, CHSCCP]
  dynamicText('lineTextLabel', 121), // [C2: WS, CHSCCP]
]);
