import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { KeyPadButton } from '../values/key-pad.ts';

/** KeypadButton (0x0003), phone to manager: a key of the key pad. Old phones do not say for which call. */
export const keypadButton = message('KeypadButton', 0x0003, 'phone', [
  enumerated('kpButton', KeyPadButton), // [C2: WS, CHSCCP]
  u32('lineInstance', { omissible: true }), // [C2: WS, CHSCCP]
  u32('callReference', { omissible: true }), // [C2: WS, CHSCCP]
]);
