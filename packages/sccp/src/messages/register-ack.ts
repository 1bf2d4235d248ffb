import { filler, u8, u16, u32 } from '../layout/integers.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** RegisterAck (0x0081), manager to phone: it is served. Its header says no version. [C: CHSCCP] */
export const registerAck = message(
  'RegisterAck',
  0x0081,
  'manager',
  [
    u32('keepAliveInterval'), // [C2: WS, CHSCCP]
    text('dateTemplate', 7), // [C2: WS has six octets and two fillers, CHSCCP seven and one]
    filler(1), // [C2: WS, CHSCCP]
    u32('secondaryKeepAliveInterval'), // [C2: WS, CHSCCP]
    u8('maxProtocolVer'), // [C2: WS, CHSCCP]
    u8('unknown'), // [C2: WS, CHSCCP]
    u16('PhoneFeatures'), // [C2: WS, CHSCCP]
  ],
  { unversioned: true },
);
