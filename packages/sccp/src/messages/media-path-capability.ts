import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaPathCapabilities, MediaPathID } from '../values/lamps-and-ringers.ts';

/** MediaPathCapability (0x004A), phone to manager: which of them it has. */
export const mediaPathCapability = message('MediaPathCapability', 0x004a, 'phone', [
  enumerated('mediaPathID', MediaPathID), // [R: IP Communicator in CHSCCP]
  enumerated('mediaPathCapabilities', MediaPathCapabilities), // [R: IP Communicator in CHSCCP]
]);
