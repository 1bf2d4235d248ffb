import type { RasMessage } from '../generated/h225.types.ts';
import { schema } from '../schema.ts';

/** Registration, admission and status (H.225.0 §7.6): one message in each UDP datagram, without TPKT. */
export const rasCodec = schema.codec<RasMessage>('H323-MESSAGES', 'RasMessage');
