import type { SignallingProtocol } from '../model/leg.ts';
import type { Finding } from '../model/report.ts';
import type { CallFacts } from './call-facts.ts';
import { isFax } from './fax-facts.ts';
import { protocols, remedyWords } from './remedy-words.ts';
import type { StreamFacts } from './stream-facts.ts';

/** Events that the end sends beside its SRTP, in the clear. */
const eventsWithinSrtp =
  'Send key presses within the SRTP of the voice: an end sends its events (RFC 4733) outside it.';

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
  return media || signalling.length > 0 ? remedyWords({ media, signalling }) : undefined;
}

/** What keeps the digits of media from being read. */
export function mediaDigitsRemedy(facts: CallFacts): string | undefined {
  const { digitStreams } = facts;
  if (digitStreams.every(isBesideSrtp)) return eventsWithinSrtp;
  const media = digitStreams.some(isPlain);
  const signalling = protocolsToProtect(facts, media);
  return media || signalling.length > 0 ? remedyWords({ media, signalling }) : undefined;
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
