import { enumerated, u32 } from '../layout/integers.ts';
import { list } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { octets } from '../layout/octets.ts';
import { MediaPayloadType } from '../values/media.ts';
import {
  audiocaps,
  capabilityCounts,
  confResources,
  customPictureFormats,
  dataApplicationCapability,
  levelPreferences,
} from './parts/capabilities.ts';

/** CapabilitiesV2Res (0x0043), phone to manager: its codecs, with H.264. */
export const capabilitiesV2Res = message('CapabilitiesV2Res', 0x0043, 'phone', [
  ...capabilityCounts,
  customPictureFormats,
  confResources,
  audiocaps,
  list('vidCaps', { capacity: 10, filled: true, counted: true }, [
    enumerated('payloadCapability', MediaPayloadType), // [C2: WS, CHSCCP]
    u32('videoCapabilityDirection'), // [C2: WS, CHSCCP]
    ...levelPreferences,
    octets('capability', 24), // [C2: WS, CHSCCP]: what it means depends on the codec
  ]), // [C2: WS, CHSCCP]
  list('dataCaps', { capacity: 5, filled: true, counted: true }, dataApplicationCapability), // [C2: WS, CHSCCP]
]);
