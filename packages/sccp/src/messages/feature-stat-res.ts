import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';
import { ButtonType } from '../values/registration.ts';

/** FeatureStatRes (0x011F), manager to phone: what is on a feature key, and how it stands. */
export const featureStatRes = message('FeatureStatRes', 0x011f, 'manager', [
  u32('featureIndex'), // [C2: WS, CHSCCP]
  enumerated('featureID', ButtonType), // [C2: WS, CHSCCP]
  text('featureTextLabel', 40), // [C2: WS, CHSCCP]
  u32('featureStatus'), // [C2: WS, CHSCCP]
]);
