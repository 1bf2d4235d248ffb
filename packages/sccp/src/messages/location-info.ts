import { message } from '../layout/message.ts';
import { textToEnd } from '../layout/texts.ts';

/** LocationInfo (0x0157), phone to manager: which wireless network it is in, as XML. */
export const locationInfo = message('LocationInfo', 0x0157, 'phone', [
  textToEnd('locationInfo', 2404, { filled: true }), // [R: 7925 in CHSCCP]
]);
