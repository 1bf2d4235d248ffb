import { enumerated } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { MediaPathEvent, MediaPathID } from '../values/lamps-and-ringers.ts';

/** MediaPathEvent (0x0049), phone to manager: receiver, headset or loudspeaker was taken up or put down. */
export const mediaPathEvent = message('MediaPathEvent', 0x0049, 'phone', [
  enumerated('mediaPathID', MediaPathID), // [C2: WS, CHSCCP]
  enumerated('mediaPathEvent', MediaPathEvent), // [C2: WS, CHSCCP]
]);
