import { u8, u16, u32 } from '../../layout/integers.ts';
import { struct } from '../../layout/lists.ts';

/** What a modem or a fax machine at this stream can do (V.150.1). [C2: CHSCCP in version 22, WS from 21] */
export const latentCapsInfo = struct(
  'latentCapsInfo',
  [
    u32('active'), // [C2: WS, CHSCCP]
    struct('modemRelay', [u32('capAndVer'), u32('modAnd2833')]), // [C2: WS, CHSCCP]
    struct('sprtPayload', [
      u16('chan0MaxPayload'), // [C2: WS, CHSCCP]
      u16('chan2MaxPayload'), // [C2: WS, CHSCCP]
      u16('chan3MaxPayload'), // [C2: WS, CHSCCP]
      u16('chan2MaxWindow'), // [C2: WS, CHSCCP]
    ]),
    struct('sse', [u32('standard'), u32('vendor')]), // [C2: WS, CHSCCP]
    struct('payloadParam', [
      u8('nse'), // [C2: WS, CHSCCP]
      u8('rfc2833'), // [C2: WS, CHSCCP]
      u8('sse'), // [C2: WS, CHSCCP]
      u8('v150sprt'), // [C2: WS, CHSCCP]
      u8('noaudio'), // [C2: WS, CHSCCP]
      u8('FutureUse1'), // [C2: WS, CHSCCP]
      u8('FutureUse2'), // [C2: WS, CHSCCP]
      u8('FutureUse3'), // [C2: WS, CHSCCP]
    ]),
  ],
  { since: 21 },
);
