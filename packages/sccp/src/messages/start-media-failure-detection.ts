import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaPayloadType } from '../values/media.ts';
import { qualifierIn } from './parts/qualifiers.ts';

/** StartMediaFailureDetection (0x011C), manager to phone: tell when nothing is received. */
export const startMediaFailureDetection = message('StartMediaFailureDetection', 0x011c, 'manager', [
  u32('conferenceId'), // [C: WS]
  u32('passThroughPartyId'), // [C: WS]
  u32('milliSecondPacketSize'), // [C: WS]
  enumerated('compressionType', MediaPayloadType), // [C: WS]
  qualifierIn, // [C: WS]
  u32('callReference'), // [C: WS]
]);
