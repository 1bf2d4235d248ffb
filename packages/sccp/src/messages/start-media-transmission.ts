import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { keyInfo } from '../layout/key-info.ts';
import { message } from '../layout/message.ts';
import { MediaPayloadType } from '../values/media.ts';
import { latentCapsInfo } from './parts/latent-caps-info.ts';
import { qualifierOut } from './parts/qualifiers.ts';

/** StartMediaTransmission (0x008A), manager to phone: send there, with this key. */
export const startMediaTransmission = message('StartMediaTransmission', 0x008a, 'manager', [
  u32('conferenceId'), // [R: dump of version 17 in CHSCCP]
  u32('passThroughPartyId'), // [R: dump of version 17 in CHSCCP]
  address('remoteIpAddr'), // [R: dump of version 17 in CHSCCP]
  u32('remotePortNumber'), // [R: dump of version 17 in CHSCCP]
  u32('milliSecondPacketSize'), // [R: dump of version 17 in CHSCCP]
  enumerated('compressionType', MediaPayloadType), // [R: dump of version 17 in CHSCCP]
  qualifierOut, // [R: dump of version 17 in CHSCCP]
  u32('callReference'), // [R: dump of version 17 in CHSCCP]
  keyInfo('mTxMediaEncryptionKeyInfo'), // [C2: WS, CHSCCP; its place and length R]
  u32('streamPassThroughId', { omissible: true }), // [R]
  u32('associatedStreamId', { omissible: true }), // [R]
  u32('RFC2833PayloadType', { omissible: true }), // [R]
  u32('dtmfType', { omissible: true }), // [R]
  u32('mixingMode', { omissible: true }), // [R]
  u32('partyDirection', { since: 15 }), // [R in version 17; the step at 15 C: WS, CHSCCP has it in all]
  latentCapsInfo, // [C: WS from 21, CHSCCP in 22]
]);
