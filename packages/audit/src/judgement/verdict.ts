import type { Verdict } from '../model/report.ts';
import { agreementOn, sendingEnd } from './agreed-keys.ts';
import { type CallFacts, heardSecondsOf } from './call-facts.ts';
import { isFax } from './fax-facts.ts';
import { relayWords } from './link-relayed.ts';
import type { StreamFacts } from './stream-facts.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** In a sentence that needs no manual. */
  readonly because: string;
}

/** What an eavesdropper gets of a call. In doubt it cannot be told: nothing is called protected that was not shown to be. */
export function judge(facts: CallFacts): Judgement {
  return (
    heard(facts) ??
    digitsHeard(facts) ??
    keysExposed(facts) ??
    undecoded(facts) ??
    metadataOnly(facts) ??
    cannotTell(facts) ??
    besideSrtp(facts) ??
    partlyRead(facts) ?? { verdict: 'protected', because: protectedBecause(facts) }
  );
}

function heard(facts: CallFacts): Judgement | undefined {
  const { clearStreams, crackedStreams, givenStreams } = facts;
  const audible = (streams: readonly StreamFacts[]) => streams.filter(isAudible);
  const [clear, cracked, given] = [audible(clearStreams), audible(crackedStreams), audible(givenStreams)];
  if (clear.length + cracked.length + given.length === 0) return undefined;
  const because = heardBecause(facts, { clear, cracked, given, seconds: heardSecondsOf(facts) });
  return { verdict: 'heard', because: `${because}${relayWords([...clear, ...cracked], facts.encryptedStreams)}` };
}

/** Audio came out of it; one of events alone is heard for its digits. */
export function isAudible({ report: { audio, digits, state } }: StreamFacts): boolean {
  if (audio !== null && audio.seconds > 0) return true;
  return state === 'clear' && digits.length === 0;
}

/** Where in a stream of SRTP something of it was clear. */
const clearPlaces = [
  ['clear-before-srtp', 'Before SRTP began its media was clear'],
  ['clear-amid-srtp', 'Amid its SRTP a part of its media was clear'],
  ['clear-after-srtp', 'After its SRTP its media was clear'],
] as const;

function heardBecause(
  facts: CallFacts,
  streams: {
    readonly clear: readonly StreamFacts[];
    readonly cracked: readonly StreamFacts[];
    readonly given: readonly StreamFacts[];
    readonly seconds: number;
  },
): string {
  const { clear, cracked, given, seconds } = streams;
  const played = seconds > 0 ? `${secondsText(seconds)} were played back` : 'its codec is not decoded here';
  const [one] = [...clear, ...cracked, ...given];
  const codec = one?.report.codec ?? 'its codec';
  const weakness = clear.flatMap(({ weaknesses }) => weaknesses);
  const place = clearPlaces.find(([kind]) => weakness.includes(kind));
  if (place !== undefined) return `${place[1]}: ${played}.`;
  if (weakness.includes('null-cipher')) return `Its SRTP has a NULL cipher, which encrypts nothing: ${played}.`;
  if (weakness.includes('unencrypted-srtp')) {
    return `Its ends agreed on SRTP without encryption (UNENCRYPTED_SRTP): ${played}.`;
  }
  if (clear.length > 0 && clear.every(isFax))
    return 'Its fax went in the clear (T.38): whoever sees the packets has its pages.';
  if (clear.length > 0) {
    const agreed = clear.find((stream) => agreementOn(stream, facts.legs) === 'agreed');
    if (agreed !== undefined) {
      const end = sendingEnd(agreed, facts.legs);
      const sender = clear.length > 1 ? 'its ends' : end === undefined ? agreed.report.source : `the ${end}`;
      return `SRTP was agreed, and ${sender} sent in the clear all the same (${codec}): ${played} without any key.`;
    }
    const partly = cracked.length + given.length > 0 || facts.encryptedStreams.length > 0 ? ', in part,' : '';
    return one?.report.audio === null
      ? `Its voice${partly} went in the clear (${codec}, which is not decoded here).`
      : `Its voice${partly} went in the clear (${codec}): ${played} without any key.`;
  }
  if (cracked.length > 0) {
    const source = cracked[0]?.key?.source;
    const isUnexplained = source?.kind === 'signalling' && source.isUnexplained === true;
    const carrier = isUnexplained ? 'what no protocol explains' : protocolOf(facts);
    const packet = cracked[0]?.report.key?.packet ?? null;
    const where = packet === null ? '' : ` (packet ${packet})`;
    return `Its SRTP key lay open in ${carrier}${where} and opened ${secondsText(seconds)} of it.`;
  }
  return `The key that you gave opened ${secondsText(seconds)} of it; without that key nothing was heard.`;
}

function digitsHeard(facts: CallFacts): Judgement | undefined {
  const { openDigits, givenDigits, digitStreams, givenStreams } = facts;
  const [signalled] = openDigits;
  if (signalled !== undefined) {
    const count = openDigits.reduce((sum, { digits }) => sum + digits.length, 0);
    return {
      verdict: 'digits-heard',
      because: `${countText(count, 'digit')} that ${count === 1 ? 'was' : 'were'} keyed in stood open in ${wordsFor[signalled.how]} (packet ${signalled.place.number}); its voice was not heard.`,
    };
  }
  if (digitStreams.length > 0)
    return {
      verdict: 'digits-heard',
      because: 'Digits that were keyed in were read from its media; its voice was not heard.',
    };
  if (givenDigits.length > 0 || givenStreams.some(({ report }) => report.digits.length > 0)) {
    return {
      verdict: 'digits-heard',
      because: 'The key that you gave showed digits that were keyed in; without that key nothing was read.',
    };
  }
  return undefined;
}

export const wordsFor = {
  'sip-info': 'SIP INFO',
  'skinny-keypad': 'key-pad messages of Skinny',
  'h245-user-input': 'H.245',
  'q931-keypad': 'Q.931',
  mgcp: 'MGCP',
} as const;

function keysExposed(facts: CallFacts): Judgement | undefined {
  const { exposedKeys, streams } = facts;
  if (streams.some(({ weaknesses }) => weaknesses.includes('keystream-reused'))) {
    return {
      verdict: 'keys-exposed',
      because: 'The same keystream encrypted two packets: the voices come apart without any key.',
    };
  }
  const [first] = exposedKeys;
  if (first === undefined || facts.isUnanswered) return undefined;
  const within = first.isWithinTls ? ' within TLS that encrypts nothing' : '';
  const media = streams.length === 0 ? noMedia(facts) : 'it opened none of what was captured';
  return {
    verdict: 'keys-exposed',
    because: `An SRTP key of it lay open in ${protocolOf(facts)}${within} (packet ${first.place.number}); ${media}.`,
  };
}

/** Media that may well be heard by somebody else: that stands above what signalling shows. */
function undecoded({ unknownStreams }: CallFacts): Judgement | undefined {
  const [first] = unknownStreams;
  if (first === undefined) return undefined;
  return { verdict: 'cannot-tell', because: `Of its media could not be told what it is: ${first.report.because}` };
}

function metadataOnly(facts: CallFacts): Judgement | undefined {
  const { openLegs, streams, isUnanswered } = facts;
  const [leg] = openLegs;
  if (leg === undefined) return undefined;
  const signalling = `who called whom was read in ${protocolNames[leg.protocol]}`;
  if (streams.length > 0)
    return { verdict: 'metadata-only', because: `Its media is SRTP, and ${signalling} that lay open.` };
  const media = isUnanswered ? 'Nobody answered, so nothing was said' : capitalised(noMedia(facts));
  return { verdict: 'metadata-only', because: `${media}; ${signalling} that lay open.` };
}

function cannotTell(facts: CallFacts): Judgement | undefined {
  const { streams, legs, isUnanswered } = facts;
  if (streams.length > 0 || isUnanswered) return undefined;
  const [leg] = legs;
  const signalling =
    leg === undefined ? '' : ` Its ${protocolNames[leg.protocol]} was read with the key that you gave.`;
  return {
    verdict: 'cannot-tell',
    because: `${facts.cut === undefined ? 'None of its media is in this capture' : capitalised(noMedia(facts))}.${signalling}`,
  };
}

/** Why a call of signalling has no media. */
function noMedia({ cut }: CallFacts): string {
  return cut === undefined
    ? 'its media is not in this capture'
    : `its signalling was not wholly read (packet ${cut.number}), so which media is its own is not known`;
}

function capitalised(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** All of its media is SRTP, but not all that goes with it. */
function besideSrtp({ streams }: CallFacts): Judgement | undefined {
  const has = (weakness: 'unexplained-beside' | 'clear-reports') =>
    streams.find(({ weaknesses }) => weaknesses.includes(weakness))?.weaknessPackets[weakness]?.[0];
  const reports = has('clear-reports');
  if (reports !== undefined) {
    return {
      verdict: 'metadata-only',
      because: `Its media is SRTP, but its reports (RTCP) lay open, which name its ends (packet ${reports}).`,
    };
  }
  const unexplained = has('unexplained-beside');
  if (unexplained === undefined) return undefined;
  return {
    verdict: 'cannot-tell',
    because: `Its media is SRTP, but between its ports goes what nothing here explains (packet ${unexplained}): whether that lies open cannot be told.`,
  };
}

/** What was not read of signalling may have held its keys. */
function partlyRead({ streams, legs, cut }: CallFacts): Judgement | undefined {
  if (cut === undefined || streams.length === 0 || legs.length > 0) return undefined;
  return {
    verdict: 'cannot-tell',
    because: `Its media is SRTP, but signalling of one of its hosts was not wholly read (packet ${cut.number}): whether a key of it lay open there cannot be told.`,
  };
}

function protectedBecause({ legs, streams, encryptedStreams }: CallFacts): string {
  const signalling =
    legs.length === 0
      ? 'its signalling is not in this capture in the clear'
      : 'its signalling is encrypted, and was read with the key that you gave';
  if (streams.length === 0) return `Nobody answered, so nothing was said, and ${signalling}.`;
  const [first] = encryptedStreams;
  const half = isOneWay(streams) ? ' Only one direction of it is in this capture: of the other nothing is known.' : '';
  return `All of its media is SRTP (${first?.report.because.replace(/\.$/, '') ?? 'by its framing'}), and ${signalling}.${half}`;
}

function isOneWay(streams: readonly StreamFacts[]): boolean {
  const [first] = streams;
  return (
    first !== undefined &&
    streams.every(
      ({ source, destination }) =>
        source.address === first.source.address &&
        source.port === first.source.port &&
        destination.address === first.destination.address,
    )
  );
}

export const protocolNames = { sip: 'SIP', skinny: 'Skinny', h323: 'H.323', mgcp: 'MGCP' } as const;

function protocolOf({ exposedKeys }: CallFacts): string {
  const [first] = exposedKeys;
  return first === undefined ? 'signalling' : protocolNames[first.leg.protocol];
}

function secondsText(seconds: number): string {
  if (seconds < 0.1) return `${seconds.toFixed(2)} s`;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
