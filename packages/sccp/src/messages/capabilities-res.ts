import { countOf, list } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { mediaCapability } from './parts/media-capability.ts';

/** CapabilitiesRes (0x0010), phone to manager: the codecs that it has. */
export const capabilitiesRes = message('CapabilitiesRes', 0x0010, 'phone', [
  countOf('capCount', 'caps', 18), // [C2: WS, CHSCCP]
  list('caps', { capacity: 18, filled: false, counted: true }, mediaCapability), // [C2: WS, CHSCCP]
]);
