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

/** UpdateCapabilities (0x0030), phone to manager: its codecs, with video. */
export const updateCapabilities = message('UpdateCapabilities', 0x0030, 'phone', [
  ...capabilityCounts,
  customPictureFormats,
  confResources,
  audiocaps,
  list('vidCaps', { capacity: 10, filled: true, counted: true }, [
    enumerated('payloadCapability', MediaPayloadType), // [R]
    u32('videoCapabilityDirection'), // [R]
    ...levelPreferences,
    octets('capability', 8), // [R]: what it means depends on the codec [C2: WS, CHSCCP]
  ]), // [R: 1844 octets with these places, dumps of a 7970, a 7940 and a 7960 in CHSCCP]
  list('dataCaps', { capacity: 5, filled: true, counted: true }, dataApplicationCapability), // [C2: WS, CHSCCP]
]);
