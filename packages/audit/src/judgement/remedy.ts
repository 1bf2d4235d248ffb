import type { SignallingProtocol } from '../model/leg.ts';
import type { Finding } from '../model/report.ts';
import type { CallFacts } from './call-facts.ts';
import { isFax } from './fax-facts.ts';
import type { StreamFacts } from './stream-facts.ts';

/** What of a call is to be protected for nothing of it to be heard or read. */
interface Needs {
  /** Media of it went in the clear. */
  readonly media: boolean;
  /** Protocols of its signalling that lay open, or in which the keys of that media would stand. */
  readonly signalling: readonly SignallingProtocol[];
}

const protocols = ['sip', 'skinny', 'h323', 'mgcp'] as const satisfies readonly SignallingProtocol[];

const forSignalling: Readonly<Record<SignallingProtocol, string>> = {
  sip: 'Carry the signalling by TLS on every hop.',
  skinny: 'Give the phones an encrypted security profile, so that their Skinny goes by TLS (port 2443).',
  h323: 'Put the signalling between these gateways into IPsec (or TLS by H.235.0), or use SIP by TLS.',
  mgcp: 'Put MGCP between the gateway and the call manager into IPsec, or use SIP by TLS.',
};

const forBoth: Readonly<Record<SignallingProtocol, string>> = {
  sip: 'Require SRTP on both ends, with TLS for the signalling on every hop: keys in open signalling protect nothing.',
  skinny: 'Give the phones an encrypted security profile: SRTP for their media, and TLS for their Skinny (port 2443).',
  h323: 'Require SRTP (H.235.8) on both ends, with their signalling in IPsec (or TLS by H.235.0): keys in open signalling protect nothing.',
  mgcp: 'Require SRTP on both ends, with MGCP in IPsec: keys in open signalling protect nothing.',
};

/** Events that the end sends beside its SRTP, in the clear. */
const eventsWithinSrtp =
  'Send key presses within the SRTP of the voice: an end sends its events (RFC 4733) outside it.';

/** Every remedy by its words, so that what one protects is known of a report that was read, too. */
const needsByWords: ReadonlyMap<string, Needs> = new Map(
  Array.from({ length: 2 ** (protocols.length + 1) - 1 }, (_, index) => {
    const needs = {
      media: ((index + 1) & 1) === 1,
      signalling: protocols.filter((_protocol, bit) => ((index + 1) >> (bit + 1)) & 1),
    };
    return [wordsOf(needs), needs] as const;
  }),
);

function wordsOf({ media, signalling }: Needs): string {
  const [only] = signalling;
  if (only === undefined) return 'Require SRTP on both ends, and refuse calls without it.';
  if (signalling.length === 1) return (media ? forBoth : forSignalling)[only];
  const words = signalling.map((protocol) => forSignalling[protocol]).join(' ');
  return media ? `Require SRTP on every leg. ${words}` : words;
}

/** Whether who does as `fix` says has done what `other` asks for. */
export function covers(fix: string, other: string): boolean {
  if (fix === other) return true;
  const [all, some] = [needsByWords.get(fix), needsByWords.get(other)];
  if (all === undefined || some === undefined) return false;
  return (all.media || !some.media) && some.signalling.every((protocol) => all.signalling.includes(protocol));
}

/** That of some changes which does most of what the others ask for; of equals the first. */
export function broadest(fixes: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const fix of fixes) counts.set(fix, (counts.get(fix) ?? 0) + 1);
  const done = (fix: string) => [...counts].reduce((sum, [other, count]) => sum + (covers(fix, other) ? count : 0), 0);
  const ranked = [...counts.keys()].map((fix) => ({ fix, done: done(fix) }));
  // Of those that do the same for these calls, the one that asks for less.
  ranked.sort(
    (one, other) => other.done - one.done || Number(covers(one.fix, other.fix)) - Number(covers(other.fix, one.fix)),
  );
  return ranked[0]?.fix;
}

/** Findings that clear media, open signalling, or a key in it explain: they are mended together. */
const mendedTogether: readonly string[] = [
  'card-number-heard',
  'digits-in-clear-signalling',
  'digits-in-clear-media',
  'voice-in-the-clear',
  'best-effort-answered-in-clear',
  'srtp-agreed-media-clear',
  'sdes-key-in-clear',
  'skinny-key-in-clear',
  'h323-key-in-clear',
  'mgcp-key-in-clear',
  'dtls-fingerprint-in-clear',
  'signalling-in-clear',
];

/** What follows from something else that lies open: that is what is to be changed. */
const consequences: readonly string[] = ['claim-above-truth', 'card-number-heard', 'digits-in-clear-media'];

/** The one change that would have protected a call; null where nothing can be said. */
export function fixOf(findings: readonly Finding[], facts: CallFacts): string | null {
  const cause = findings.find(({ code, harm }) => harm !== 'information' && !consequences.includes(code));
  if (cause !== undefined && !mendedTogether.includes(cause.code)) return cause.fix;
  const [known] = [...findings.filter(({ code }) => !consequences.includes(code)), ...findings];
  return remedyOf(facts) ?? digitRemedyOf(findings, facts) ?? known?.fix ?? null;
}

/** Media of which a key opened nothing, and whose events are read all the same, is mended where these are sent. */
function digitRemedyOf(findings: readonly Finding[], facts: CallFacts): string | undefined {
  const isRead = findings.some(({ code }) => code === 'digits-in-clear-media');
  return isRead && facts.digitStreams.every(isBesideSrtp) ? eventsWithinSrtp : undefined;
}

/** What silences all that clear media and open signalling give of a call; undefined where neither is why it is heard. */
export function remedyOf(facts: CallFacts): string | undefined {
  const media = facts.clearStreams.some(isPlain) || facts.digitStreams.some(isPlain);
  const signalling = protocolsToProtect(facts, media);
  return media || signalling.length > 0 ? wordsOf({ media, signalling }) : undefined;
}

/** What keeps the digits of media from being read. */
export function mediaDigitsRemedy(facts: CallFacts): string | undefined {
  const { digitStreams } = facts;
  if (digitStreams.every(isBesideSrtp)) return eventsWithinSrtp;
  const media = digitStreams.some(isPlain);
  const signalling = protocolsToProtect(facts, media);
  return media || signalling.length > 0 ? wordsOf({ media, signalling }) : undefined;
}

function protocolsToProtect(
  { openLegs, legs, crackedStreams }: CallFacts,
  isMediaClear: boolean,
): SignallingProtocol[] {
  const open = new Set(openLegs.map(({ protocol }) => protocol));
  for (const { report } of crackedStreams) {
    if (report.key !== null) open.add(protocolOfKey(report.key.source));
  }
  // Of media alone nothing is known of who would agree on its keys: by SIP, as most do.
  if (isMediaClear && legs.length === 0 && open.size === 0) open.add('sip');
  return protocols.filter((protocol) => open.has(protocol));
}

/** In whose messages such a key stands. */
export function protocolOfKey(source: NonNullable<StreamFacts['report']['key']>['source']): SignallingProtocol {
  if (source === 'skinny' || source === 'mgcp') return source;
  return source === 'h235.8' ? 'h323' : 'sip';
}

/** Clear as it is, and neither a fax nor SRTP that fails to encrypt: these are mended otherwise. */
function isPlain(stream: StreamFacts): boolean {
  const { state } = stream.report;
  return (state === 'clear' || state === 'unknown') && !isFax(stream) && stream.weaknesses.length === 0;
}

function isBesideSrtp({ report: { state } }: StreamFacts): boolean {
  return state === 'encrypted';
}
