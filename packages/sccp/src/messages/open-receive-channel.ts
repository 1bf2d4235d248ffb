import { address } from '../layout/addresses.ts';
import { enumerated, i32, u32 } from '../layout/integers.ts';
import { keyInfo } from '../layout/key-info.ts';
import { message } from '../layout/message.ts';
import { IpAddrType, MediaPayloadType } from '../values/media.ts';
import { latentCapsInfo } from './parts/latent-caps-info.ts';
import { qualifierIn } from './parts/qualifiers.ts';

/** OpenReceiveChannel (0x0105), manager to phone: receive, with this key, and say where. */
export const openReceiveChannel = message('OpenReceiveChannel', 0x0105, 'manager', [
  u32('conferenceId'), // [R: dumps of versions 11 and 17 in CHSCCP]
  u32('passThroughPartyId'), // [R: dumps of versions 11 and 17 in CHSCCP]
  u32('milliSecondPacketSize'), // [R: dumps of versions 11 and 17 in CHSCCP]
  enumerated('compressionType', MediaPayloadType), // [R: dumps of versions 11 and 17 in CHSCCP]
  qualifierIn, // [R: dumps of versions 11 and 17 in CHSCCP]
  u32('callReference'), // [R: dumps of versions 11 and 17 in CHSCCP]
  keyInfo('mRxMediaEncryptionKeyInfo'), // [C2: WS, CHSCCP; its place and length R]
  u32('streamPassThroughId', { omissible: true }), // [R]
  u32('associatedStreamId', { omissible: true }), // [R]
  u32('RFC2833PayloadType', { omissible: true }), // [R]
  u32('dtmfType', { omissible: true }), // [R]
  u32('mixingMode', { since: 11 }), // [R in version 17; CUCM 7 ends before it in 11; the step C: WS]
  u32('partyDirection', { since: 11 }), // [R in version 17; the step C: WS]
  address('sourceIpAddr', { since: 11 }), // [R in version 17; the step C: WS]
  u32('sourcePortNumber', { since: 11 }), // [R in version 17: 4000; the step C: WS]
  enumerated('requestedIpAddrType', IpAddrType, { since: 16 }), // [R in version 17; the step C: WS]
  i32('audioLevelAdjustment', { since: 17 }), // [C: WS from 17, CHSCCP in 22; a dump of 17 ends before it]
  latentCapsInfo, // [C: WS from 21, CHSCCP in 22]
]);
