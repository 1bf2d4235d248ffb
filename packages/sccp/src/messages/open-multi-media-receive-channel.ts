import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { keyInfo } from '../layout/key-info.ts';
import { struct } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { octets } from '../layout/octets.ts';
import { IpAddrType, MediaPayloadType } from '../values/media.ts';

/** OpenMultiMediaReceiveChannel (0x0131), manager to phone: receive video, with this key, and say where. */
export const openMultiMediaReceiveChannel = message('OpenMultiMediaReceiveChannel', 0x0131, 'manager', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  enumerated('compressionType', MediaPayloadType), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  struct('payloadType', [u32('payload_rfc_number'), u32('payloadType')]), // [C2: WS, CHSCCP]
  u32('isConferenceCreator'), // [C2: WS, CHSCCP]
  octets('capability', 76), // [R: its length, by a StartMultiMediaTransmission in CHSCCP; what it means depends on the codec]
  keyInfo('mRxMediaEncryptionKeyInfo'), // [C2: WS, CHSCCP]
  u32('streamPassThroughId'), // [C2: WS, CHSCCP]
  u32('associatedStreamId'), // [C2: WS, CHSCCP]
  address('sourceIpAddr', { since: 11 }), // [C: WS; CHSCCP from 12]
  u32('sourcePortNumber', { since: 11 }), // [C: WS; CHSCCP from 12]
  enumerated('requestedIpAddrType', IpAddrType, { since: 16 }), // [C: WS; CHSCCP from 17]
]);
