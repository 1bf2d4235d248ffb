import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { SubscribeCause, SubscriptionFeatureID } from '../values/registration.ts';

/** SubscriptionStatRes (0x0152), manager to phone: whether a subscription was taken. */
export const subscriptionStatRes = message('SubscriptionStatRes', 0x0152, 'manager', [
  u32('transactionId'), // [C2: WS, CHSCCP]
  enumerated('subscriptionFeatureID', SubscriptionFeatureID), // [C2: WS, CHSCCP]
  u32('timer'), // [C2: WS, CHSCCP]
  enumerated('cause', SubscribeCause), // [C2: WS, CHSCCP]
]);
