import { u8 } from '../../layout/integers.ts';
import { struct } from '../../layout/lists.ts';

/**
 * What a codec is told beside its name. With G.723.1 the four octets are its rate instead, little-endian, so that
 * `codecMode` is the rate then. [C: WS]
 */
export const codecParams = struct(
  'codecParams',
  [
    u8('codecMode'), // [C: WS]
    u8('dynamicPayload'), // [C: WS]
    u8('codecParam1'), // [C: WS]
    u8('codecParam2'), // [C: WS]
  ],
  { since: 11 },
);
