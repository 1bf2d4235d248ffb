import { message } from '../layout/message.ts';
import { textToEnd } from '../layout/texts.ts';

/** EnhancedAlarm (0x015A), phone to manager: what happened to it since it was last registered, as XML. */
export const enhancedAlarm = message('EnhancedAlarm', 0x015a, 'phone', [
  textToEnd('alarmInfo', 2048, { filled: false }), // [C2: WS, CHSCCP]
]);
