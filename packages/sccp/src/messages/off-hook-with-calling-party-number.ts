import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { directoryNumber } from '../layout/texts.ts';

/** OffHookWithCallingPartyNumber (0x0024), phone to manager: an adapter was taken up and says for whom. */
export const offHookWithCallingPartyNumber = message('OffHookWithCallingPartyNumber', 0x0024, 'phone', [
  directoryNumber('callingPartyNumber'), // [C2: WS, CHSCCP]
  directoryNumber('cgpnVoiceMailbox', { omissible: true }), // [C: WS]
  u32('lineInstance', { omissible: true }), // [C: WS]
]);
