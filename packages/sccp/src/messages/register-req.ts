import { ipv4, ipv6 } from '../layout/addresses.ts';
import { enumerated, u8, u16, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { octets } from '../layout/octets.ts';
import { text } from '../layout/texts.ts';
import { DeviceType } from '../values/device-types.ts';
import { stationIdentifier } from './parts/station-identifier.ts';

/** RegisterReq (0x0001), phone to manager: asks to be served. Phones end it after any of its groups. */
export const registerReq = message('RegisterReq', 0x0001, 'phone', [
  stationIdentifier, // [R]
  ipv4('stationIpAddr'), // [R]
  enumerated('deviceType', DeviceType), // [R]
  u32('maxStreams'), // [R]
  u32('activeStreams', { omissible: true }), // [R]
  u8('protocolVer', { omissible: true }), // [R: the newest version that it knows]
  u8('unknown', { omissible: true }), // [R: 0x00 and 0x20 seen]
  u16('PhoneFeatures', { omissible: true }), // [R: bits as `PhoneFeature` says]
  u32('maxConferences', { omissible: true }), // [R]
  u32('activeConferences', { omissible: true }), // [R]
  octets('macAddress', 12, { omissible: true }), // [R: six octets and zeros, or twelve digits]
  u32('ipV4AddressScope', { omissible: true }), // [R]
  u32('maxNumberOfLines', { omissible: true }), // [R]
  ipv6('stationIpV6Addr', { omissible: true }), // [R]
  u32('ipV6AddressScope', { omissible: true }), // [R]
  text('firmwareLoadName', 32, { omissible: true }), // [R]
  text('configVersionStamp', 48, { omissible: true }), // [C2: WS, CHSCCP: firmware of CUCM 11.5 and later]
]);
