import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaStatus } from '../values/media.ts';

/** StartMultiMediaTransmissionAck (0x0155), phone to manager: where it sends video from. */
export const startMultiMediaTransmissionAck = message('StartMultiMediaTransmissionAck', 0x0155, 'phone', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  address('transmitIpAddr'), // [C2: WS, CHSCCP]
  u32('portNumber'), // [C2: WS, CHSCCP]
  enumerated('multimediaTransmissionStatus', MediaStatus), // [C2: WS, CHSCCP]
]);
