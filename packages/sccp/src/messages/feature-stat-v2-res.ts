import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { dynamicText } from '../layout/texts.ts';
import { ButtonType } from '../values/registration.ts';

/** FeatureStatV2Res (0x0146), manager to phone: what is on a feature key, for phones with dynamic messages. */
export const featureStatV2Res = message('FeatureStatV2Res', 0x0146, 'manager', [
  u32('featureIndex'), // [C2: WS, CHSCCP]
  enumerated('featureID', ButtonType), // [C2: WS, CHSCCP]
  u32('featureStatus'), // [C2: WS, CHSCCP]
  dynamicText('featureTextLabel', 121), // [C: WS; CHSCCP fills the place]
]);
