import type { TransportAddress } from '@trustline/capture';
import { clear, type Exposure } from '../model/exposure.ts';
import { CallLeg, type MediaDescription, type SignalledDigits, type SignallingProtocol } from '../model/leg.ts';
import type { MediaKey } from '../model/media-key.ts';
import type { ReportStream } from '../model/report.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { StreamFacts, StreamWeakness } from './stream-facts.ts';

/** Seconds of the capture as a place in it; a packet each hundredth of a second. */
export const at = (seconds: number): PacketPlace => ({
  number: Math.round(100 * seconds) + 1,
  microseconds: 1_700_000_000_000_000 + Math.round(1e6 * seconds),
});

/** `10.0.0.1:4000`. */
export function end(text: string): TransportAddress {
  const [address = '', port = '5060'] = text.split(':');
  return { address, port: Number(port) };
}

export const withinTls = (kind: 'null-cipher' | 'given-key'): Exposure => ({ kind, connection: 1 });

export function sdesKey(fill: number, seconds: number, exposure: Exposure = clear): MediaKey {
  return {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    masterKey: new Uint8Array(16).fill(fill),
    masterSalt: new Uint8Array(14).fill(fill),
    source: { kind: 'signalling', how: 'sdes', place: at(seconds), exposure },
  };
}

export interface LegWords {
  readonly protocol?: SignallingProtocol;
  readonly identity?: string;
  readonly from?: string;
  readonly to?: string;
  readonly caller?: string;
  readonly called?: string;
  readonly begins?: number;
  readonly answered?: number | undefined;
  readonly ended?: number | undefined;
  readonly exposure?: Exposure;
  /** Where caller and called take media. */
  readonly media?: readonly [caller?: string, called?: string];
  readonly description?: Partial<MediaDescription>;
  readonly keys?: readonly [caller?: MediaKey, called?: MediaKey];
  readonly related?: readonly string[];
  readonly digits?: readonly Omit<SignalledDigits, 'exposure' | 'end'>[];
}

/** A leg that was invited at `begins`, answered a second later and ended at 11, unless said otherwise. */
export function leg(words: LegWords = {}): CallLeg {
  const { protocol = 'sip', begins = 0, exposure = clear, media = [], keys = [], description = {} } = words;
  const made = new CallLeg(protocol, words.identity ?? `${words.from}>${words.to}@${begins}`, at(begins));
  const [from, to] = [end(words.from ?? '10.0.0.1'), end(words.to ?? '10.0.0.2')];
  const there = { transport: 'udp', from, to, exposure } as const;
  const back = { transport: 'udp', from: to, to: from, exposure } as const;
  made.caller = words.caller === undefined ? {} : { number: words.caller };
  made.called = words.called === undefined ? {} : { number: words.called };
  for (const identity of words.related ?? []) made.related.add(identity);
  const answered = 'answered' in words ? words.answered : begins + 1;
  const ended = 'ended' in words ? words.ended : begins + 11;
  const say = (name: string, seconds: number, path: typeof there | typeof back) =>
    made.message({ place: at(seconds), path, name, carriesKey: false });
  const describe = (endOfLeg: 'caller' | 'called', seconds: number, place: string | undefined, key?: MediaKey) => {
    if (place === undefined) return;
    made.describe({
      place: at(seconds),
      end: endOfLeg,
      kind: 'audio',
      receives: end(place),
      profile: key === undefined ? 'RTP/AVP' : 'RTP/SAVP',
      direction: 'sendrecv',
      codecs: [{ payloadType: 0, name: 'PCMU', clockRate: 8_000 }],
      keying: key === undefined ? ['none'] : ['sdes'],
      keys: key === undefined ? [] : [key],
      suites: [],
      ...description,
    });
  };
  say('INVITE', begins, there);
  describe('caller', begins, media[0], keys[0]);
  if (answered !== undefined) {
    say('200 OK', answered, back);
    describe('called', answered, media[1], keys[1]);
    made.answered = at(answered);
  }
  for (const one of words.digits ?? []) made.digit({ ...one, end: 'caller', exposure });
  if (ended !== undefined) {
    say('BYE', ended, there);
    made.ended = at(ended);
  }
  return made;
}

export interface StreamWords {
  readonly from?: string;
  readonly to?: string;
  readonly begins?: number;
  readonly ends?: number;
  readonly ssrc?: number;
  readonly state?: ReportStream['state'];
  readonly key?: ReportStream['key'];
  readonly weaknesses?: readonly StreamWeakness[];
  readonly digits?: ReportStream['digits'];
  readonly isAudible?: boolean;
  readonly report?: Partial<ReportStream>;
}

/** A stream from 2 to 10 seconds, in the clear unless said otherwise. */
export function stream(words: StreamWords = {}): StreamFacts {
  const { from = '10.0.0.1:4000', to = '10.0.0.2:4002', begins = 2, ends = 10, ssrc = 1, state = 'clear' } = words;
  const isRecovered = state === 'clear' || state === 'opened';
  const seconds = ends - begins;
  return {
    source: end(from),
    destination: end(to),
    ssrc,
    kind: 'audio',
    first: at(begins),
    last: at(ends),
    key: undefined,
    weaknesses: words.weaknesses ?? [],
    weaknessPackets: {},
    report: {
      source: from,
      destination: to,
      ssrc: `0x${ssrc.toString(16).padStart(8, '0')}`,
      payloadTypes: [0],
      codec: 'PCMU',
      firstPacket: at(begins).number,
      lastPacket: at(ends).number,
      start: null,
      durationSeconds: seconds,
      packets: 50 * seconds,
      lost: 0,
      repeated: 0,
      late: 0,
      octets: 8_600 * seconds,
      jitterMilliseconds: null,
      state,
      because: 'for the test',
      clearPackets: state === 'clear' ? 50 * seconds : 0,
      openedPackets: state === 'opened' ? 50 * seconds : 0,
      closedPackets: isRecovered ? 0 : 50 * seconds,
      key: words.key ?? null,
      audio:
        isRecovered && words.isAudible !== false
          ? { sampleRate: 8_000, seconds, audibleSeconds: seconds, levelDecibels: -20, peaks: [], wav: null }
          : null,
      noisePeaks: null,
      digits: words.digits ?? [],
      ...words.report,
    },
  };
}
