import { ipv4 } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceType } from '../values/device-types.ts';
import { stationIdentifier } from './parts/station-identifier.ts';

/** SPCPRegisterTokenReq (0x8000), phone to manager: a phone of the SPA series asks whether it may register. */
export const spcpRegisterTokenReq = message('SPCPRegisterTokenReq', 0x8000, 'phone', [
  stationIdentifier, // [C2: WS, CHSCCP]
  ipv4('stationIpAddr'), // [C2: WS, CHSCCP]
  enumerated('deviceType', DeviceType), // [C2: WS, CHSCCP]
  u32('maxStreams'), // [C2: WS, CHSCCP]
]);
