import { address } from '../layout/addresses.ts';
import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaStatus } from '../values/media.ts';

/** StartMediaTransmissionAck (0x0154), phone to manager: where it sends from. */
export const startMediaTransmissionAck = message('StartMediaTransmissionAck', 0x0154, 'phone', [
  u32('conferenceId'), // [R: 7941, 6911, 6901; a 6901 leaves it zero]
  u32('passThroughPartyId'), // [R: 7941, 6911, 6901; a 6901 leaves it zero]
  u32('callReference'), // [R]
  address('transmitIpAddr'), // [R]
  u32('portNumber'), // [R]
  enumerated('mediaTransmissionStatus', MediaStatus), // [R]
]);
