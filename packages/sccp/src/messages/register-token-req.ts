import { ipv4, ipv6 } from '../layout/addresses.ts';
import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { DeviceType } from '../values/device-types.ts';
import { stationIdentifier } from './parts/station-identifier.ts';

/** RegisterTokenReq (0x0029), phone to manager: may it come back to this manager from another? */
export const registerTokenReq = message('RegisterTokenReq', 0x0029, 'phone', [
  stationIdentifier, // [C2: WS, CHSCCP]
  ipv4('stationIpAddr'), // [C2: WS, CHSCCP]
  enumerated('deviceType', DeviceType), // [C2: WS, CHSCCP]
  ipv6('stationIpV6Addr', { omissible: true }), // [C: CHSCCP; WS reads an address with a type]
]);
