import { enumerated, u32 } from '../../layout/integers.ts';
import { countOf, integers, list, struct } from '../../layout/lists.ts';
import { MediaPayloadType } from '../../values/media.ts';
import { mediaCapability } from './media-capability.ts';

/** What the three forms of UpdateCapabilities begin with. [R: dumps in CHSCCP] */
export const capabilityCounts = [
  countOf('audioCapCount', 'audiocaps', 18), // [R]
  countOf('videoCapCount', 'vidCaps', 10), // [R]
  countOf('dataCapCount', 'dataCaps', 5), // [C2: WS, CHSCCP]
  u32('rtpPayloadFormat'), // [C2: WS, CHSCCP]
  countOf('customPictureFormatCount', 'customPictureFormat', 6), // [C2: WS, CHSCCP]
] as const;

export const customPictureFormats = list('customPictureFormat', { capacity: 6, filled: true, counted: true }, [
  u32('pictureWidth'), // [C2: WS, CHSCCP]
  u32('pictureHeight'), // [C2: WS, CHSCCP]
  u32('pixelAspectRatio'), // [C2: WS, CHSCCP]
  u32('clockConversionCode'), // [C2: WS, CHSCCP]
  u32('clockDivisor'), // [C2: WS, CHSCCP]
]);

export const confResources = struct('confResources', [
  u32('activeStreamsOnRegistration'), // [C2: WS, CHSCCP]
  u32('maxBW'), // [C2: WS, CHSCCP]
  countOf('serviceResourceCount', 'serviceResource', 4), // [C2: WS, CHSCCP]
  list('serviceResource', { capacity: 4, filled: true, counted: true }, [
    countOf('layoutCount', 'layouts', 5), // [C2: WS, CHSCCP]
    integers('layouts', 4, { capacity: 5, filled: true, counted: true }), // [C2: WS, CHSCCP]
    u32('serviceNum'), // [C2: WS, CHSCCP]
    u32('maxStreams'), // [C2: WS, CHSCCP]
    u32('maxConferences'), // [C2: WS, CHSCCP]
    u32('activeConferenceOnRegistration'), // [C2: WS, CHSCCP]
  ]),
]);

export const audiocaps = list('audiocaps', { capacity: 18, filled: true, counted: true }, mediaCapability); // [R]

/** What a video capability says about pictures, after its codec and direction. [R: dump of a 7940 in CHSCCP] */
export const levelPreferences = [
  countOf('levelPreferenceCount', 'levelPreference', 4), // [R]
  list('levelPreference', { capacity: 4, filled: true, counted: true }, [
    u32('transmitPreference'), // [R]
    u32('format'), // [R]
    u32('maxBitRate'), // [R]
    u32('minBitRate'), // [R]
    u32('MPI'), // [R]
    u32('serviceNumber'), // [R]
  ]),
] as const;

export const dataApplicationCapability = [
  enumerated('payloadCapability', MediaPayloadType), // [C2: WS, CHSCCP]
  u32('dataCapabilityDirection'), // [C2: WS, CHSCCP]
  u32('protocolDependentData'), // [C2: WS, CHSCCP]
  u32('maxBitRate'), // [C2: WS, CHSCCP]
] as const;
