import { enumerated, filler, u16, u32 } from '../../layout/integers.ts';
import { struct } from '../../layout/lists.ts';
import { EchoCancellation, G723BitRate, SilenceSuppression } from '../../values/media.ts';
import { codecParams } from './codec-params.ts';

/** How a stream is received. [R: dumps of OpenReceiveChannel, versions 11 and 17] */
export const qualifierIn = struct('qualifierIn', [
  enumerated('ecValue', EchoCancellation), // [C: WS]; CHSCCP calls it voice activity detection
  enumerated('g723BitRate', G723BitRate, { until: 10 }), // [C2: WS, CHSCCP]
  codecParams,
]);

/** How a stream is sent. [R: dump of StartMediaTransmission, version 17] */
export const qualifierOut = struct('qualifierOut', [
  u32('precedenceValue'), // [R]: 0xB8, the TOS octet
  enumerated('ssValue', SilenceSuppression), // [C2: WS, CHSCCP]
  u16('maxFramesPerPacket'), // [C: WS]; CHSCCP reads four octets, which is the same for what phones are sent
  filler(2), // [C: WS]
  enumerated('g723BitRate', G723BitRate, { until: 10 }), // [C2: WS, CHSCCP]
  codecParams,
]);
