import { address } from '../layout/addresses.ts';
import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** MediaTransmissionFailure (0x002A), phone to manager: it cannot send. */
export const mediaTransmissionFailure = message('MediaTransmissionFailure', 0x002a, 'phone', [
  u32('conferenceId'), // [C2: WS, CHSCCP]
  u32('passThroughPartyId'), // [C2: WS, CHSCCP]
  address('remoteIpAddr'), // [C2: WS, CHSCCP]
  u32('remotePortNumber'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
]);
