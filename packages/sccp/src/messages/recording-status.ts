import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** RecordingStatus (0x0160), manager to phone: whether a call is recorded. */
export const recordingStatus = message('RecordingStatus', 0x0160, 'manager', [
  u32('callReference'), // [C: WS]
  u32('recording_status'), // [C: WS]
]);
