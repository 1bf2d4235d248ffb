import type { AuditedStream, HeardDigits, StreamPart } from '../media/audited-stream.ts';
import { endText } from '../model/end-text.ts';
import { isExposed, type MediaKey } from '../model/media-key.ts';
import type { ReportDigits, ReportStream } from '../model/report.ts';
import { cardNumbers, mask } from '../signal/card-number.ts';
import { boundedText } from '../signalling/bounded-text.ts';
import type { StreamFacts, StreamWeakness } from './stream-facts.ts';
import { timeText } from './times.ts';
import { wavBase64 } from './wav.ts';

export interface FactsOptions {
  readonly isRevealed: boolean;
  readonly includesAudio: boolean;
}

/** What judgement and report say of a stream that was heard. */
export function factsOfStream(stream: AuditedStream, options: FactsOptions): StreamFacts {
  const { source, destination, ssrc, first, last, key } = stream;
  return {
    source,
    destination,
    ssrc,
    kind: 'audio',
    first,
    last,
    report: reportOf(stream, options),
    key,
    ...weaknessesOf(stream),
  };
}

function reportOf(stream: AuditedStream, { isRevealed, includesAudio }: FactsOptions): StreamFacts['report'] {
  const { first, last, jitter, audio, key } = stream;
  return {
    source: endText(stream.source),
    destination: endText(stream.destination),
    ssrc: `0x${stream.ssrc.toString(16).padStart(8, '0')}`,
    payloadTypes: stream.payloadTypes,
    codec: boundedText(stream.codec) ?? null,
    firstPacket: first.number,
    lastPacket: last.number,
    start: timeText(first),
    durationSeconds: rounded((last.microseconds - first.microseconds) / 1e6),
    packets: stream.packets,
    lost: stream.lost,
    repeated: stream.repeated,
    late: stream.late,
    octets: stream.octets,
    jitterMilliseconds: jitter === undefined ? null : { mean: rounded(jitter.mean), most: rounded(jitter.most) },
    state: stream.state,
    because: sentence(stream.because),
    clearPackets: stream.clearPackets,
    openedPackets: stream.openedPackets,
    closedPackets: stream.closedPackets,
    key: key === undefined ? null : keyOf(key),
    audio:
      audio === undefined || audio.seconds === 0
        ? null
        : {
            sampleRate: audio.sampleRate,
            seconds: rounded(audio.seconds),
            audibleSeconds: rounded(audio.audibleSeconds),
            levelDecibels: audio.levelDecibels === undefined ? null : rounded(audio.levelDecibels),
            peaks: audio.peaks,
            wav: includesAudio && audio.samples !== undefined ? wavBase64(audio.samples(), audio.sampleRate) : null,
          },
    noisePeaks: stream.noisePeaks ?? null,
    digits: stream.digits.map((digits) => digitsOf(digits, isRevealed)),
  };
}

function keyOf(key: MediaKey): NonNullable<ReportStream['key']> {
  const { source, profile } = key;
  return {
    suite: profile,
    source: source.kind === 'signalling' ? source.how : source.kind,
    packet: source.kind === 'given' ? null : source.place.number,
    exposed: isExposed(key),
  };
}

const MOST_PACKETS_OF_DIGITS = 40;

function digitsOf({ digits, places, how }: HeardDigits, isRevealed: boolean): ReportDigits {
  return {
    digits: isRevealed ? digits : mask(digits),
    count: digits.length,
    how,
    looksLikeCard: cardNumbers(digits).length > 0,
    packets: places.slice(0, MOST_PACKETS_OF_DIGITS).map(({ number }) => number),
  };
}

function weaknessesOf(stream: AuditedStream): Pick<StreamFacts, 'weaknesses' | 'weaknessPackets'> {
  const { key, tagOctets = 0, keystreamReuse, numbersUsedAgain, parts, state, first, control, unexplained } = stream;
  const packets: Partial<Record<StreamWeakness, readonly number[]>> = {};
  const tagged = state === 'clear' && tagOctets > 0;
  if (key?.unencryptedSrtp === true) packets['unencrypted-srtp'] = [first.number];
  else if (tagged || (state === 'clear' && stream.isNullCipher) || key?.profile.startsWith('NULL_') === true)
    packets['null-cipher'] = [first.number];
  if (key?.unauthenticatedSrtp === true) packets['unauthenticated-srtp'] = [first.number];
  if (key?.profile.endsWith('_32') === true || (state === 'encrypted' && tagOctets === 4)) {
    packets['short-tag'] = [first.number];
  }
  if (keystreamReuse !== undefined) packets['keystream-reused'] = keystreamReuse.first.map(({ number }) => number);
  if (numbersUsedAgain !== undefined)
    packets['numbers-used-again'] = numbersUsedAgain.first.map(({ number }) => number);
  const isClosed = state === 'encrypted' || state === 'opened';
  if (isClosed && control.firstClear !== undefined) packets['clear-reports'] = [control.firstClear.number];
  else if (isClosed && control.farewell !== undefined) packets['clear-farewell'] = [control.farewell.number];
  if (isClosed && unexplained !== undefined) {
    packets['unexplained-beside'] = [unexplained.first.number, unexplained.last.number];
  }
  const clear = parts.find((part) => part.state === 'clear');
  // Events alone in the clear are told by their digits.
  const place = tagged || clear === undefined || state !== 'clear' ? undefined : placeOfClear(clear, parts);
  if (clear !== undefined && place !== undefined) packets[place] = [clear.first.number, clear.last.number];
  return { weaknesses: Object.keys(packets) as StreamWeakness[], weaknessPackets: packets };
}

/** Where in its SRTP the first packets in the clear stand; undefined where none of it is protected. */
function placeOfClear(clear: StreamPart, parts: readonly StreamPart[]): StreamWeakness | undefined {
  const shown = parts.filter(({ state }) => state === 'encrypted' || state === 'opened');
  const isAfter = shown.some(({ first }) => first.number < clear.first.number);
  const isBefore = shown.some(({ last }) => last.number > clear.last.number);
  if (isAfter) return isBefore ? 'clear-amid-srtp' : 'clear-after-srtp';
  return isBefore ? 'clear-before-srtp' : undefined;
}

function sentence(words: string): string {
  const begun = words.slice(0, 1).toUpperCase() + words.slice(1);
  return begun.endsWith('.') ? begun : `${begun}.`;
}

function rounded(value: number): number {
  return Math.round(1_000 * value) / 1_000;
}
