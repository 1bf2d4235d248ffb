import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaType } from '../values/media.ts';

/** PortClose (0x014C), manager to phone: these ports are not needed any more. */
export const portClose = message('PortClose', 0x014c, 'manager', [
  u32('conferenceId'), // [C: WS]
  u32('callReference'), // [C: WS]
  u32('passThroughPartyId'), // [C: WS]
  enumerated('mediaType', MediaType), // [C: WS]
]);
