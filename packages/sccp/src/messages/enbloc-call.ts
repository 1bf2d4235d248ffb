import { message } from '../layout/message.ts';
import { directoryNumber, u32AfterNumber } from '../layout/texts.ts';

/** EnblocCall (0x0004), phone to manager: a number that was dialled before the receiver was taken up. */
export const enblocCall = message('EnblocCall', 0x0004, 'phone', [
  directoryNumber('calledParty'), // [R: 7970 and 8945 in CHSCCP]
  u32AfterNumber('lineInstance', { omissible: true }), // [R: 7970 and 8945 in CHSCCP]
]);
