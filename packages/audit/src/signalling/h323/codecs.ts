import type { H245 } from '@trustline/h323';
import type { MediaCodec, MediaDescription } from '../../model/leg.ts';

/** What a channel carries. */
export interface ChannelContent {
  readonly kind: MediaDescription['kind'];
  readonly codecs: readonly MediaCodec[];
  /** As H.245 calls it: `g711Ulaw64k`. */
  readonly words: string;
}

const audioRate = 8_000;
const videoRate = 90_000;

/** Audio with an RTP payload type of its own (RFC 3551 table 4), by its name in H.245. */
const staticAudio: Readonly<Record<string, readonly [number, string]>> = {
  g711Alaw64k: [8, 'PCMA'],
  g711Alaw56k: [8, 'PCMA'],
  g711Ulaw64k: [0, 'PCMU'],
  g711Ulaw56k: [0, 'PCMU'],
  'g722-64k': [9, 'G722'],
  'g722-56k': [9, 'G722'],
  'g722-48k': [9, 'G722'],
  g7231: [4, 'G723'],
  g7231AnnexCCapability: [4, 'G723'],
  g728: [15, 'G728'],
  g729: [18, 'G729'],
  g729AnnexA: [18, 'G729'],
  g729wAnnexB: [18, 'G729'],
  g729AnnexAwAnnexB: [18, 'G729'],
  gsmFullRate: [3, 'GSM'],
};
const staticVideo: Readonly<Record<string, readonly [number, string]>> = {
  h261VideoCapability: [31, 'H261'],
  h263VideoCapability: [34, 'H263'],
};
/** Generic capabilities by their object identifiers: name and RTP clock rate. */
const generic: Readonly<Record<string, readonly [string, number]>> = {
  '0.0.7.7221.1.0': ['G7221', 16_000],
  '0.0.7.7221.1.1.0': ['G7221', 32_000],
  '0.0.8.241.0.0.1': ['H264', videoRate],
  '0.0.8.245.1.1.1': ['AMR', 8_000],
};

/** What a type of data is, with the payload type that the channel says where it is not a static one. */
export function contentOf(dataType: H245.DataType, dynamicPayloadType: number | undefined): ChannelContent {
  const media = dataType.kind === 'h235Media' ? dataType.value.mediaType : dataType;
  switch (media.kind) {
    case 'audioData':
      return content('audio', media.value, staticAudio, audioRate, dynamicPayloadType);
    case 'videoData':
      return content('video', media.value, staticVideo, videoRate, dynamicPayloadType);
    case 'data': {
      const { kind } = media.value.application;
      return { kind: kind === 't38fax' ? 'image' : 'other', codecs: [], words: kind };
    }
    default:
      return { kind: 'other', codecs: [], words: media.kind === '...' ? 'unknown' : media.kind };
  }
}

function content(
  kind: 'audio' | 'video',
  capability: H245.AudioCapability | H245.VideoCapability,
  table: Readonly<Record<string, readonly [number, string]>>,
  clockRate: number,
  dynamicPayloadType: number | undefined,
): ChannelContent {
  const words = capability.kind === '...' ? `unknown ${kind}` : capability.kind;
  const known = Object.hasOwn(table, words) ? table[words] : undefined;
  const codecs: MediaCodec[] = [];
  if (dynamicPayloadType !== undefined && dynamicPayloadType >= 96) {
    const [name, rate] = known === undefined ? genericOf(capability, words, clockRate) : [known[1], clockRate];
    codecs.push({ payloadType: dynamicPayloadType, name, clockRate: rate });
  }
  if (known !== undefined) codecs.push({ payloadType: known[0], name: known[1], clockRate });
  return { kind, codecs, words };
}

function genericOf(
  capability: H245.AudioCapability | H245.VideoCapability,
  words: string,
  clockRate: number,
): readonly [string, number] {
  if (capability.kind !== 'genericAudioCapability' && capability.kind !== 'genericVideoCapability') {
    return [words, clockRate];
  }
  const { capabilityIdentifier } = capability.value;
  if (capabilityIdentifier.kind !== 'standard') return [words, clockRate];
  const known = Object.hasOwn(generic, capabilityIdentifier.value) ? generic[capabilityIdentifier.value] : undefined;
  return known ?? [`${words} ${capabilityIdentifier.value}`, clockRate];
}
