import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { alignedDirectoryNumber } from '../layout/texts.ts';
import { StatsProcessingType } from '../values/registration.ts';

/** ConnectionStatisticsReq (0x0107), manager to phone: what was sent and received in a call? */
export const connectionStatisticsReq = message('ConnectionStatisticsReq', 0x0107, 'manager', [
  alignedDirectoryNumber('directoryNum'), // [C2: WS, CHSCCP; the step is at 18 in WS, at 19 in CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  enumerated('statsProcessingMode', StatsProcessingType), // [C2: WS, CHSCCP]
]);
