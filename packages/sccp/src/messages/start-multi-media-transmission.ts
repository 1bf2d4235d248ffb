import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { keyInfo } from '../layout/key-info.ts';
import { struct } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { octets } from '../layout/octets.ts';
import { MediaPayloadType } from '../values/media.ts';

/** StartMultiMediaTransmission (0x0132), manager to phone: send video there, with this key. */
export const startMultiMediaTransmission = message('StartMultiMediaTransmission', 0x0132, 'manager', [
  u32('conferenceId'), // [R: version 3 in CHSCCP]
  u32('passthruPartyID'), // [R: version 3 in CHSCCP]
  enumerated('compressionType', MediaPayloadType), // [R: version 3 in CHSCCP]
  address('remoteIpAddr'), // [R: version 3 in CHSCCP]
  u32('remotePortNumber'), // [R: version 3 in CHSCCP]
  u32('callReference'), // [R: version 3 in CHSCCP]
  struct('payloadType', [u32('payload_rfc_number'), u32('payloadType')]), // [R: version 3 in CHSCCP]
  u32('DSCPValue'), // [R: version 3 in CHSCCP]
  octets('capability', 76), // [R: its length; what it means depends on the codec]
  keyInfo('mTxMediaEncryptionKeyInfo'), // [C2: WS, CHSCCP]
  u32('streamPassThroughId'), // [C2: WS, CHSCCP]
  u32('associatedStreamId'), // [C2: WS, CHSCCP]
]);
