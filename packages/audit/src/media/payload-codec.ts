/** What is known of a codec by its name alone. */
export interface PayloadCodec {
  /** As its registration writes it. */
  readonly name: string;
  /** Of RTP timestamps, in hertz. */
  readonly clockRate: number;
  readonly kind: 'voice' | 'telephone-event' | 'comfort-noise';
  /** Lengths that a payload of so many timestamp units may have, shortest first; undefined where a length says nothing. */
  readonly lengths?: (units: number) => readonly number[];
  /** Octets after which a payload of this codec would not pass for a cipher's: well compressed ones take longer. */
  readonly telltaleOctets: number;
  /** A name that nobody has registered: who captures has no decoder either. */
  readonly isUnknown?: boolean;
}

/** Octets by which payloads tell themselves from those of a cipher. */
const LITTLE_COMPRESSED = 600;
export const WELL_COMPRESSED = 4_000;

/** So many octets for so many timestamp units, in whole frames. */
function frames(octets: number, units: number): (all: number) => readonly number[] {
  return (all) => (all % units === 0 ? [(all / units) * octets] : []);
}

function voice(
  name: string,
  clockRate: number,
  lengths: PayloadCodec['lengths'],
  telltaleOctets = WELL_COMPRESSED,
): PayloadCodec {
  const codec = { name, clockRate, kind: 'voice', telltaleOctets } as const;
  return lengths === undefined ? codec : { ...codec, lengths };
}

const pcmu = voice('PCMU', 8_000, frames(1, 1), LITTLE_COMPRESSED);
const pcma = voice('PCMA', 8_000, frames(1, 1), LITTLE_COMPRESSED);
const gsm = voice('GSM', 8_000, frames(33, 160));
const g722 = voice('G722', 8_000, frames(1, 1));
const g723 = voice('G723', 8_000, (units) =>
  units % 240 === 0 ? [20, 24].map((octets) => (units / 240) * octets) : [],
);
const g728 = voice('G728', 8_000, frames(1, 4));
/** Frames of 10 octets; a silence descriptor of 2 may follow, or come alone (RFC 3551 §4.5.6). */
const g729 = voice('G729', 8_000, (units) =>
  units % 80 === 0 ? [...new Set([2, (units / 80) * 10 - 8, (units / 80) * 10])] : [],
);
const comfortNoise: PayloadCodec = {
  name: 'CN',
  clockRate: 8_000,
  kind: 'comfort-noise',
  telltaleOctets: WELL_COMPRESSED,
};

/** Payload types that RFC 3551 §6 fixes, of audio. */
const fixed: ReadonlyMap<number, PayloadCodec> = new Map([
  [0, pcmu],
  [3, gsm],
  [4, g723],
  [5, voice('DVI4', 8_000, (units) => [4 + units / 2])],
  [6, voice('DVI4', 16_000, (units) => [4 + units / 2])],
  [7, voice('LPC', 8_000, frames(14, 160))],
  [8, pcma],
  [9, g722],
  [10, voice('L16', 44_100, frames(4, 1), LITTLE_COMPRESSED)],
  [11, voice('L16', 44_100, frames(2, 1), LITTLE_COMPRESSED)],
  [12, voice('QCELP', 8_000, undefined)],
  [13, comfortNoise],
  // Of before RFC 3389, by makers who began early.
  [19, comfortNoise],
  [15, g728],
  [16, voice('DVI4', 11_025, (units) => [4 + units / 2])],
  [17, voice('DVI4', 22_050, (units) => [4 + units / 2])],
  [18, g729],
]);

/** By the names in capitals that `a=rtpmap` gives to dynamic payload types. */
const named: ReadonlyMap<string, PayloadCodec['lengths']> = new Map<string, PayloadCodec['lengths']>([
  ['PCMU', frames(1, 1)],
  ['PCMA', frames(1, 1)],
  ['G722', frames(1, 1)],
  ['L16', frames(2, 1)],
  ['GSM', gsm.lengths],
  ['GSM-EFR', frames(31, 160)],
  ['G723', g723.lengths],
  ['G728', g728.lengths],
  ['G729', g729.lengths],
  ['G726-16', frames(1, 4)],
  ['G726-24', frames(3, 8)],
  ['G726-32', frames(1, 2)],
  ['G726-40', frames(5, 8)],
  // RFC 3952: 38 octets for 20 ms, 50 for 30.
  ['ILBC', (units) => [...frames(38, 160)(units), ...frames(50, 240)(units)].toSorted((a, b) => a - b)],
  ['OPUS', undefined],
]);

/** Further ones that are registered with RTP, by which any listener finds a decoder, though lengths say little of them. */
const registered: ReadonlySet<string> = new Set([
  ...['AMR', 'AMR-WB', 'AMR-WB+', 'BV16', 'BV32', 'DVI4', 'EVRC', 'EVRC0', 'EVRCB', 'EVRCWB', 'EVS', 'G719', 'G7221'],
  ...['G729D', 'G729E', 'G711.1', 'GSM-HR-08', 'LPC', 'MP4A-LATM', 'MPA', 'PCMA-WB', 'PCMU-WB', 'QCELP', 'RED', 'SILK'],
  ...[
    'SMV',
    'SPEEX',
    'UEMCLIP',
    'VMR-WB',
    'VORBIS',
    'ISAC',
    'CODEC2',
    'L8',
    'L20',
    'L24',
    'AAL2-G726-32',
    'MPEG4-GENERIC',
  ],
]);

const littleCompressed = new Set(['PCMU', 'PCMA', 'L16']);
const names: ReadonlyMap<string, string> = new Map([
  ['OPUS', 'opus'],
  ['ILBC', 'iLBC'],
]);

/** The codec of a payload type that is the same everywhere. */
export function fixedCodec(payloadType: number): PayloadCodec | undefined {
  return fixed.get(payloadType);
}

/** The codec that a description names; one that is not known has no lengths, and is not decoded. */
export function namedCodec(name: string, clockRate: number): PayloadCodec {
  const capitals = name.toUpperCase();
  const kind = capitals === 'TELEPHONE-EVENT' ? 'telephone-event' : capitals === 'CN' ? 'comfort-noise' : 'voice';
  const lengths = named.get(capitals);
  return {
    name: names.get(capitals) ?? (named.has(capitals) ? capitals : name),
    clockRate,
    kind,
    ...(lengths === undefined ? {} : { lengths }),
    ...(kind !== 'voice' || named.has(capitals) || registered.has(capitals) ? {} : { isUnknown: true }),
    telltaleOctets: littleCompressed.has(capitals) ? LITTLE_COMPRESSED : WELL_COMPRESSED,
  };
}
