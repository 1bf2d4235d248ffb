import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { directoryNumber } from '../layout/texts.ts';

/** ForwardStatRes (0x0090), manager to phone: where calls to a line go. */
export const forwardStatRes = message('ForwardStatRes', 0x0090, 'manager', [
  u32('activeForward'), // [C2: WS, CHSCCP]
  u32('lineNumber'), // [C2: WS, CHSCCP]
  u32('forwardAllActive'), // [C2: WS, CHSCCP]
  directoryNumber('forwardAllDirnum'), // [C2: WS, CHSCCP]
  u32('forwardBusyActive'), // [C2: WS, CHSCCP]
  directoryNumber('forwardBusyDirnum'), // [C2: WS, CHSCCP]
  u32('forwardNoAnswerActive'), // [C2: WS, CHSCCP]
  directoryNumber('forwardNoAnswerlDirnum'), // [C2: WS, CHSCCP]
]);
