import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';

/** SpeedDialStatV2Res (0x0149), manager to phone: what is on a speed dial key, for phones with dynamic messages. */
export const speedDialStatV2Res = message('SpeedDialStatV2Res', 0x0149, 'manager', [
  u32('speedDialNumber'), // [C2: WS, CHSCCP]
  dynamicText('speedDialDirNumber', 25), // [C: WS; CHSCCP has texts of fixed size [?]]
  dynamicText('speedDialDisplayName', 121), // [C: WS; CHSCCP has texts of fixed size [?]]
]);
