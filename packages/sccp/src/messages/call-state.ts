import { enumerated, u32 } from '../layout/integers.ts';
import { struct } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { CallPrivacy, CallState } from '../values/calls.ts';

/** CallState (0x0111), manager to phone: what a call is doing. */
export const callState = message('CallState', 0x0111, 'manager', [
  enumerated('callState', CallState), // [C2: WS, CHSCCP]
  u32('lineInstance'), // [C2: WS, CHSCCP]
  u32('callReference'), // [C2: WS, CHSCCP]
  enumerated('privacy', CallPrivacy, { omissible: true }), // [C2: WS, CHSCCP]
  struct(
    'precedence',
    [
      u32('precedenceLevel'), // [C2: WS, CHSCCP]
      u32('precedenceDomain'), // [C2: WS, CHSCCP]
    ],
    { omissible: true },
  ), // [C2: WS, CHSCCP]
]);
