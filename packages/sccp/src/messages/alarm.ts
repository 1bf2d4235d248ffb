import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';
import { DeviceAlarmSeverity } from '../values/registration.ts';

/** Alarm (0x0020), phone to manager: what happened to it since it was last registered. */
export const alarm = message('Alarm', 0x0020, 'phone', [
  enumerated('alarmSeverity', DeviceAlarmSeverity), // [C2: WS, CHSCCP]
  text('text', 80), // [C2: WS, CHSCCP]
  u32('parm1'), // [C2: WS, CHSCCP]
  u32('parm2'), // [C2: WS, CHSCCP]
]);
