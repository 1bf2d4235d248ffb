import type { ReportCall, ReportDigits, ReportStream } from '../../../model/report.ts';
import type { CountedCaptures } from '../../packet-places.ts';
import { element, type PageElement } from '../element.ts';
import { hostOf } from '../ladder-layout.ts';
import { counted, digitWords, duration, endName, grouped, keySourceWords, size, stateWords } from '../wording.ts';
import { packetFilter } from './evidence.ts';
import { icon } from './icons.ts';
import { waveform } from './waveform.ts';

export function streamId(number: number): string {
  return `stream-${number}`;
}

/** One direction of a call's media: what a tap hears of it, and how that came about. */
export function streamView(call: ReportCall, stream: ReportStream, captures: CountedCaptures): PageElement {
  const title = `${streamId(stream.number)}-title`;
  return element(
    'article',
    { class: `stream ${stream.state}`, id: streamId(stream.number), 'aria-labelledby': title, tabindex: '-1' },
    element(
      'header',
      {},
      element(
        'h3',
        { id: title },
        `Stream ${stream.number} `,
        element('bdi', {}, endAt(call, stream.source)),
        element('span', { 'aria-hidden': 'true' }, ' → '),
        element('span', { class: 'unseen' }, ' to '),
        element('bdi', {}, endAt(call, stream.destination)),
      ),
      element('span', { class: `state ${stream.state}` }, stateWords[stream.state]),
    ),
    element('p', {}, stream.because),
    keyLine(stream),
    soundView(stream),
    stream.digits.map((digits) => digitsView(digits, captures)),
    element(
      'details',
      {},
      element('summary', {}, 'Packets and quality'),
      element('dl', { class: 'facts' }, factsOf(stream)),
      packetFilter(
        [stream.firstPacket, stream.lastPacket],
        `the first and the last packet of stream ${stream.number}`,
        captures,
      ),
    ),
  );
}

function endAt({ caller, called }: ReportCall, address: string): string {
  const end = [caller, called].find(({ addresses }) => addresses.some((one) => hostOf(one) === hostOf(address)));
  return end === undefined ? address : endName(end);
}

function keyLine({ key }: ReportStream): PageElement | null {
  if (key === null) return null;
  const where = key.packet === null ? '' : `, packet ${grouped(key.packet)}`;
  return element(
    'p',
    { class: key.exposed ? 'key-line exposed' : 'key-line' },
    icon('keys-exposed'),
    `${key.suite}, its key read in ${keySourceWords[key.source] ?? key.source}${where}. `,
    key.exposed ? 'Anybody who sees the network has it.' : 'Only who has the key that was given has it.',
  );
}

function soundView(stream: ReportStream): PageElement | null {
  const { audio, noisePeaks } = stream;
  if (audio !== null) return heardView(stream, audio);
  if (noisePeaks !== null) {
    return element(
      'figure',
      { class: 'sound noise' },
      waveform(noisePeaks, 'Waveform of noise: even and loud from beginning to end', 'noise'),
      element(
        'figcaption',
        {},
        'This is all that a tap hears: noise. It is the picture of the encrypted octets, played as the codec would play them.',
      ),
    );
  }
  if (stream.digits.length > 0) return null;
  return element('p', { class: 'nothing' }, 'Nothing was decoded of this stream.');
}

function heardView(stream: ReportStream, audio: NonNullable<ReportStream['audio']>): PageElement {
  const heard =
    audio.audibleSeconds > 0
      ? `${duration(audio.audibleSeconds)} of sound in ${duration(audio.seconds)}`
      : `silence for ${duration(audio.seconds)}`;
  const level =
    audio.levelDecibels === null ? '' : `, ${Math.round(audio.levelDecibels)} dB below full scale`.replace('-', '');
  const says = `Waveform of stream ${stream.number}: ${heard}`;
  if (audio.wav === null) {
    return element(
      'figure',
      { class: 'sound' },
      waveform(audio.peaks, says),
      element(
        'figcaption',
        {},
        `A tap hears ${heard}${level}. The audio itself is not in this file (--include-audio).`,
      ),
    );
  }
  return element(
    'figure',
    { class: 'sound player', 'data-player': stream.number },
    element(
      'div',
      { class: 'pictures' },
      waveform(audio.peaks, says),
      waveform(audio.peaks, null, 'played'),
      element('canvas', {
        class: 'spectrogram',
        role: 'img',
        'aria-label': `Spectrogram of stream ${stream.number}: time from left to right, 0 to ${audio.sampleRate / 2000} kHz from bottom to top`,
      }),
      element('input', {
        type: 'range',
        class: 'position',
        min: 0,
        max: audio.seconds.toFixed(1),
        step: '0.1',
        value: 0,
        'aria-label': `Position in stream ${stream.number}`,
      }),
    ),
    element(
      'figcaption',
      {},
      element(
        'button',
        { type: 'button', class: 'play', 'data-play': stream.number },
        icon('play'),
        'Play',
        element('span', { class: 'unseen' }, ` what a tap hears of stream ${stream.number}`),
      ),
      element('span', { class: 'clock' }, `0.0 s of ${duration(audio.seconds)}`),
      element('span', { class: 'remark' }, `A tap hears ${heard}${level}.`),
    ),
  );
}

export function digitsView(digits: ReportDigits, captures: CountedCaptures): PageElement {
  return element(
    'div',
    { class: digits.looksLikeCard ? 'digits card' : 'digits' },
    element(
      'p',
      {},
      element('strong', { class: 'digit-string' }, digits.digits),
      digits.looksLikeCard && element('span', { class: 'card-mark' }, 'Looks like a card number'),
    ),
    element('p', { class: 'remark' }, `${counted(digits.count, 'digit')} by ${digitWords[digits.how] ?? digits.how}`),
    packetFilter(digits.packets, 'these digits', captures),
  );
}

function factsOf(stream: ReportStream): PageElement[] {
  const jitter = stream.jitterMilliseconds;
  const counts = [
    [stream.clearPackets, 'in the clear'],
    [stream.openedPackets, 'opened'],
    [stream.closedPackets, 'closed'],
  ] as const;
  const facts: readonly (readonly [string, string])[] = [
    ['From', stream.source],
    ['To', stream.destination],
    ['SSRC', stream.ssrc],
    ['Codec', `${stream.codec ?? 'not known'} (payload type ${stream.payloadTypes.join(', ')})`],
    ['Length', duration(stream.durationSeconds)],
    ['Packets', `${grouped(stream.packets)}, ${size(stream.octets)}`],
    [
      'Of these',
      counts.flatMap(([count, kind]) => (count > 0 ? [`${grouped(count)} ${kind}`] : [])).join(', ') ||
        'none looked into',
    ],
    ['Lost, repeated, late', `${grouped(stream.lost)}, ${grouped(stream.repeated)}, ${grouped(stream.late)}`],
    ['Jitter', jitter === null ? 'not known' : `${jitter.mean.toFixed(1)} ms, at most ${jitter.most.toFixed(1)} ms`],
    ['First and last packet', `${stream.firstPacket}, ${stream.lastPacket}`],
  ];
  return facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)));
}
