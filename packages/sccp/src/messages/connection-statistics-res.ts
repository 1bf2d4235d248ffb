import { enumerated, u8, u32 } from '../layout/integers.ts';
import { lengthOf } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { alignedDirectoryNumber, countedText } from '../layout/texts.ts';
import { StatsProcessingType } from '../values/registration.ts';

/** ConnectionStatisticsRes (0x0023), phone to manager: what was sent and received in a call. */
export const connectionStatisticsRes = message('ConnectionStatisticsRes', 0x0023, 'phone', [
  alignedDirectoryNumber('directoryNum'), // [R: dumps of versions 3, 20 and 22 in CHSCCP; the step at 18 C: WS]
  u32('callReference'), // [R]
  enumerated('statsProcessingMode', StatsProcessingType, { until: 21 }), // [R]
  u8('statsProcessingMode', { since: 22 }), // [R: dump of version 22 in CHSCCP; WS has one octet in 20 already, where a dump has four]
  u32('numberPacketsSent'), // [R]
  u32('numberOctetsSent'), // [R]
  u32('numberPacketsReceived'), // [R]
  u32('numberOctetsReceived'), // [R]
  u32('numberPacketsLost'), // [R]
  u32('jitter'), // [R]
  u32('latency'), // [R]
  lengthOf('dataSize', 'data', 600), // [R]
  countedText('data', 600, 21, { omissible: true }), // [R: the whole place to version 20, the text alone in 22]
]);
