import type * as H245 from '../generated/h245.types.ts';
import {
  type AudioFormat,
  audioCapabilityOf,
  audioFormatOf,
  type MediaAddress,
  mediaAddressOf,
  unicastAddress,
} from './audio-format.ts';
import { fastStartCodec } from './messages.ts';
import type { FastChannels } from './session.ts';

const AUDIO_SESSION = 1;
/** Where our numbers of proposed channels begin. */
const FIRST_NUMBER = 1;
/** More proposals than any peer makes; what follows is not looked at. */
const MAX_PROPOSALS = 64;

/**
 * Proposals of fast connect (H.323 §8.1.7.1): for each format one channel that we would send through and one that we would
 * receive by, the most wanted first. They are clear: no stack that was seen puts keys into them.
 */
export function proposeFastConnect(formats: readonly AudioFormat[], media: MediaAddress): Uint8Array[] {
  return formats.flatMap((format, i) => [
    fastStartCodec.encode(forward(FIRST_NUMBER + i, format, { mediaControlChannel: unicastAddress(media, 1) })),
    fastStartCodec.encode(
      reverse(FIRST_NUMBER + formats.length + i, format, {
        mediaChannel: unicastAddress(media),
        mediaControlChannel: unicastAddress(media, 1),
      }),
    ),
  ]);
}

export type FastAnswer =
  | { readonly ok: true; readonly answer: readonly Uint8Array[]; readonly channels: FastChannels }
  /** `protected`: all that could be taken is protected in a way that nobody can answer. */
  | { readonly ok: false; readonly because: 'no-common-format' | 'protected' };

/** Takes the first proposals in the caller's order that we can do in both directions, and says where we receive. */
export function answerFastConnect(
  proposals: readonly Uint8Array[],
  formats: readonly AudioFormat[],
  media: MediaAddress,
): FastAnswer {
  const read = proposals.slice(0, MAX_PROPOSALS).flatMap((octets) => readProposal(octets) ?? []);
  for (const theirs of read.filter(({ direction }) => direction === 'forward')) {
    const format = formats.find(({ name }) => name === theirs.format.name);
    const back = read.find(
      (one) => one.direction === 'reverse' && one.format.name === format?.name && one.remote !== undefined,
    );
    if (format === undefined || back?.remote === undefined) continue;
    const here = { mediaChannel: unicastAddress(media), mediaControlChannel: unicastAddress(media, 1) };
    return {
      ok: true,
      answer: [
        fastStartCodec.encode(forward(theirs.number, theirs.format, here)),
        fastStartCodec.encode(
          reverse(back.number, back.format, {
            mediaChannel: unicastAddress(back.remote),
            mediaControlChannel: unicastAddress(media, 1),
          }),
        ),
      ],
      channels: {
        format: back.format,
        transmit: { number: back.number, remote: back.remote },
        receive: { number: theirs.number },
      },
    };
  }
  const secured = read.length === 0 && proposals.length > 0;
  return { ok: false, because: secured ? 'protected' : 'no-common-format' };
}

/** What the called accepted of our proposals; undefined where it is none of them, or only one direction. */
export function readFastAnswer(
  answer: readonly Uint8Array[],
  proposed: readonly Uint8Array[],
): FastChannels | undefined {
  const ours = proposed.flatMap((octets) => readProposal(octets) ?? []);
  const read = answer.slice(0, MAX_PROPOSALS).flatMap((octets) => readProposal(octets) ?? []);
  const sent = read.find(({ direction, remote }) => direction === 'forward' && remote !== undefined);
  const received = read.find(({ direction }) => direction === 'reverse');
  if (sent?.remote === undefined || received === undefined || sent.format.name !== received.format.name)
    return undefined;
  const known = (one: Proposal) =>
    ours.some(
      (our) => our.direction === one.direction && our.number === one.number && our.format.name === one.format.name,
    );
  if (!known(sent) || !known(received)) return undefined;
  return {
    format: sent.format,
    transmit: { number: sent.number, remote: sent.remote },
    receive: { number: received.number },
  };
}

interface Proposal {
  readonly direction: 'forward' | 'reverse';
  readonly number: number;
  readonly format: AudioFormat;
  readonly remote: MediaAddress | undefined;
}

type Parameters = Omit<H245.H2250LogicalChannelParameters, 'sessionID'>;

/** A proposal that is clear audio; undefined for video, for what is protected and for what cannot be read. */
function readProposal(octets: Uint8Array): Proposal | undefined {
  const result = fastStartCodec.decode(octets);
  if (!result.ok || result.value.encryptionSync !== undefined) return undefined;
  const {
    forwardLogicalChannelNumber: number,
    forwardLogicalChannelParameters,
    reverseLogicalChannelParameters,
  } = result.value;
  const isReverse =
    forwardLogicalChannelParameters.dataType.kind === 'nullData' && reverseLogicalChannelParameters !== undefined;
  const parameters = isReverse ? reverseLogicalChannelParameters : forwardLogicalChannelParameters;
  const { dataType, multiplexParameters } = parameters;
  const format = dataType.kind === 'audioData' ? audioFormatOf(dataType.value) : undefined;
  if (format === undefined || multiplexParameters?.kind !== 'h2250LogicalChannelParameters') return undefined;
  const remote = mediaAddressOf(multiplexParameters.value.mediaChannel);
  return { direction: isReverse ? 'reverse' : 'forward', number, format, remote };
}

function forward(number: number, format: AudioFormat, parameters: Parameters): H245.OpenLogicalChannel {
  return {
    forwardLogicalChannelNumber: number,
    forwardLogicalChannelParameters: {
      dataType: { kind: 'audioData', value: audioCapabilityOf(format) },
      multiplexParameters: {
        kind: 'h2250LogicalChannelParameters',
        value: { sessionID: AUDIO_SESSION, ...parameters },
      },
    },
  };
}

function reverse(number: number, format: AudioFormat, parameters: Parameters): H245.OpenLogicalChannel {
  return {
    forwardLogicalChannelNumber: number,
    forwardLogicalChannelParameters: { dataType: { kind: 'nullData' }, multiplexParameters: { kind: 'none' } },
    reverseLogicalChannelParameters: {
      dataType: { kind: 'audioData', value: audioCapabilityOf(format) },
      multiplexParameters: {
        kind: 'h2250LogicalChannelParameters',
        value: { sessionID: AUDIO_SESSION, ...parameters },
      },
    },
  };
}
