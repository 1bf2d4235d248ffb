import { DEFAULTED } from '../../layout/field.ts';
import { enumerated, u32 } from '../../layout/integers.ts';
import { octets } from '../../layout/octets.ts';
import { MediaPayloadType } from '../../values/media.ts';

/** A codec that a phone has: 16 octets. [R: dumps of UpdateCapabilities in CHSCCP] */
export const mediaCapability = [
  enumerated('payloadCapability', MediaPayloadType), // [R]
  u32('maxFramesPerPacket'), // [R]: milliseconds for G.711 and G.729, 40 and 60 in the dumps
  octets('payloads', 8, DEFAULTED), // [R]: what it means depends on the codec [C2: WS, CHSCCP]
] as const;
