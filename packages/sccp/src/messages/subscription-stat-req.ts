import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';
import { SubscriptionFeatureID } from '../values/registration.ts';

/** SubscriptionStatReq (0x0048), phone to manager: is this number busy? Asked for numbers in its lists of calls. */
export const subscriptionStatReq = message('SubscriptionStatReq', 0x0048, 'phone', [
  u32('transactionId'), // [R: 7921 in CHSCCP]
  enumerated('subscriptionFeatureID', SubscriptionFeatureID), // [R: 7921 in CHSCCP]
  u32('timer'), // [R: 7921 in CHSCCP]
  text('subscriptionID', 256), // [R: 7921 in CHSCCP]
]);
