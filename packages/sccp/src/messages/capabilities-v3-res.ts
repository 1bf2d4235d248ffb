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

/**
 * CapabilitiesV3Res (0x0044), phone to manager: its codecs, with what video and data can be encrypted. Nothing here
 * says whether audio can: that is the device's configuration. [I: neither WS nor CHSCCP has a field for it]
 */
export const capabilitiesV3Res = message('CapabilitiesV3Res', 0x0044, 'phone', [
  ...capabilityCounts,
  customPictureFormats,
  confResources,
  audiocaps,
  list('vidCaps', { capacity: 10, filled: true, counted: true }, [
    enumerated('payloadCapability', MediaPayloadType), // [C2: WS, CHSCCP]
    u32('videoCapabilityDirection'), // [C2: WS, CHSCCP]
    ...levelPreferences,
    u32('encryptionCapability'), // [C2: WS, CHSCCP]
    octets('capability', 24), // [C2: WS, CHSCCP]: what it means depends on the codec
    u32('ipAddressingMode'), // [C: CHSCCP; WS has it twice from 16 on ?]
  ]), // [C2: WS, CHSCCP]
  list('dataCaps', { capacity: 5, filled: true, counted: true }, [
    ...dataApplicationCapability,
    u32('encryptionCapability'), // [C2: WS, CHSCCP]
  ]), // [C2: WS, CHSCCP; 280 octets of unknown meaning follow in CHSCCP]
]);
