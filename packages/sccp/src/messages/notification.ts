import { enumerated, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';
import { SubscriptionFeatureID } from '../values/registration.ts';

/** Notification (0x0153), manager to phone: what a subscription is to tell. */
export const notification = message('Notification', 0x0153, 'manager', [
  u32('transactionId'), // [C2: WS, CHSCCP]
  enumerated('subscriptionFeatureID', SubscriptionFeatureID), // [C2: WS, CHSCCP]
  u32('notificationStatus'), // [C2: WS, CHSCCP]
  text('text', 97), // [C: WS]
]);
