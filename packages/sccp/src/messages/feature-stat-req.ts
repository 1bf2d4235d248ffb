import { u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';

/** FeatureStatReq (0x0034), phone to manager: what is on this feature key? */
export const featureStatReq = message('FeatureStatReq', 0x0034, 'phone', [
  u32('featureIndex'), // [C2: WS, CHSCCP]
  u32('featureCapabilities', { omissible: true }), // [C2: WS, CHSCCP]
]);
