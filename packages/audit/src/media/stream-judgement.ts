import type { MediaKey } from '../model/media-key.ts';
import type { StreamState } from '../model/report.ts';
import type { StreamControl, StreamPart } from './audited-stream.ts';
import type { LanePart, PayloadLane } from './payload-lane.ts';
import type { SignalledMedia } from './signalled-media.ts';

/** What speaks for or against encryption beside the packets of a stream. */
export interface StreamFacts {
  readonly signalled: SignalledMedia | undefined;
  readonly control: StreamControl;
  readonly isZrtpSeen: boolean;
  readonly isZrtpCompleted: boolean;
  readonly isDtlsSeen: boolean;
  /** Both of its ends have begun to encrypt. */
  readonly isDtlsAgreed: boolean;
  /** Its ends agreed on SRTP that encrypts nothing. */
  readonly isNullCipher: boolean;
  readonly cutPackets: number;
  /** The first that opened some of it. */
  readonly key: MediaKey | undefined;
}

export interface StreamJudgement {
  readonly state: StreamState;
  readonly because: string;
  readonly parts: readonly StreamPart[];
  readonly clearPackets: number;
  readonly openedPackets: number;
  readonly closedPackets: number;
  readonly tagOctets: number | undefined;
}

/** Worst first. */
const states = ['clear', 'opened', 'unknown', 'encrypted'] as const satisfies readonly StreamState[];
/** Shortest authentication tag in use (RFC 3711 §5.2 with 32 bits). */
const SHORTEST_TAG = 4;
/** Octets of a telephone-event (RFC 4733 §2.3). */
const EVENT_OCTETS = 4;
/** Tags that follow an event where nothing shows which is in use. */
const usualTags = [10, 4, 16] as const;

interface Judged {
  readonly part: LanePart;
  readonly isOfEvents: boolean;
  readonly state: StreamState;
  readonly because: string;
}

/** What the packets of a stream amount to. Entropy alone is never called encryption. */
export function judgeStream(lanes: readonly PayloadLane[], facts: StreamFacts): StreamJudgement {
  const tag = tagOf(lanes);
  const judged: Judged[] = [];
  const following: LanePart[] = [];
  for (const lane of lanes) {
    const all = lane.allParts;
    for (const part of all) {
      if (part.packets === 0) continue;
      if (isUnreadEvent(lane, part))
        judged.push({ part, isOfEvents: true, state: 'clear', because: 'its telephone-events were read' });
      else if (isFollowing(lane, part, tag) || isLastOfSender(part, all, tag)) following.push(part);
      else judged.push({ part, isOfEvents: isOfEvents(lane, part), ...judgePart(part, lane, facts, tag) });
    }
  }
  const voice = judged.filter((one) => !one.isOfEvents);
  const deciding = voice.length > 0 ? voice : judged;
  const state = states.find((one) => deciding.some((other) => other.state === one)) ?? 'unknown';
  const rest = closedState(judged);
  for (const part of following) judged.push({ part, isOfEvents: false, state: rest, because: '' });
  const reason =
    mostPackets(deciding.filter((one) => one.state === state))?.because ?? 'there are too few packets to tell';
  const count = (...of: readonly StreamState[]) =>
    judged.reduce((sum, one) => sum + (of.includes(one.state) ? one.part.packets : 0), 0);
  return {
    state,
    because: withRemarks(reason, state, judged, facts),
    parts: partsOf(judged),
    clearPackets: count('clear'),
    openedPackets: count('opened'),
    closedPackets: count('unknown', 'encrypted'),
    tagOctets: tagOctetsOf(judged, state),
  };
}

/** Of those that are in the clear, where the stream is; else of all. */
function tagOctetsOf(judged: readonly Judged[], state: StreamState): number | undefined {
  const of = state === 'clear' ? mostPackets(judged.filter((one) => one.state === 'clear')) : undefined;
  if (of !== undefined) return (of.part.extra ?? 0) >= SHORTEST_TAG ? of.part.extra : undefined;
  return mostPackets(judged.filter(({ part }) => (part.extra ?? 0) >= SHORTEST_TAG))?.part.extra;
}

/** What follows the packets that are shown to be SRTP by it. */
function tagOf(lanes: readonly PayloadLane[]): number | undefined {
  const shown = lanes
    .filter(({ codec }) => codec?.lengths !== undefined)
    .flatMap(({ allParts }) => allParts)
    .filter(({ content, extra = 0 }) => content === 'even' && extra >= SHORTEST_TAG);
  return shown.toSorted((a, b) => b.packets - a.packets)[0]?.extra;
}

/**
 * Comfort noise, events that could not be read, and a few packets framed as those that are shown to be SRTP, are what the others
 * are. What is framed otherwise, or of a payload type of which nothing is shown, is not.
 */
function isFollowing(
  { codec, shortest, longest }: PayloadLane,
  { content, isRead, extra }: LanePart,
  tag: number | undefined,
): boolean {
  if (isRead || content === 'opened') return false;
  if (codec !== undefined && codec.kind !== 'voice') return tag === undefined || shortest > tag;
  if (content === 'structured') return false;
  if (codec !== undefined) return content === 'undetermined' && tag !== undefined && extra === tag;
  const tags = tag === undefined ? usualTags : [tag];
  return shortest === longest && tags.some((one) => one + EVENT_OCTETS === longest);
}

/**
 * The one packet that ends a stream: what was left to say, in a length of its own, of which no timestamp after it tells how long
 * it takes. Without any tag it would be as long as its codec makes it.
 */
function isLastOfSender(part: LanePart, all: readonly LanePart[], tag: number | undefined): boolean {
  const { content, isRead, extra, packets } = part;
  if (content !== 'undetermined' || isRead || packets !== 1 || all.length < 2 || part !== all.at(-1)) return false;
  // Where all before it was in the clear, so is this: its length says as little.
  return tag === undefined ? all.every((one) => one === part || one.content === 'structured') : extra !== 0;
}

/** Of a payload type whose other packets were read as events: the first, before they agreed. */
function isUnreadEvent({ codec, longest, parts }: PayloadLane, { isRead, content }: LanePart): boolean {
  if (codec !== undefined || isRead || content === 'opened') return false;
  return longest === EVENT_OCTETS && parts.some((part) => part.isRead);
}

function isOfEvents({ codec }: PayloadLane, { isRead }: LanePart): boolean {
  return codec === undefined ? isRead : codec.kind === 'telephone-event';
}

function closedState(judged: readonly Judged[]): StreamState {
  const closed = judged.filter(({ state }) => state === 'encrypted' || state === 'unknown');
  return mostPackets(closed)?.state ?? mostPackets(judged)?.state ?? 'unknown';
}

function judgePart(
  part: LanePart,
  lane: PayloadLane,
  facts: StreamFacts,
  tag: number | undefined,
): Pick<Judged, 'state' | 'because'> {
  switch (part.content) {
    case 'opened':
      return { state: 'opened', because: `${keyInWords(facts.key)} opened it` };
    case 'structured':
      return judgeStructured(part, lane, facts);
    case 'even':
      return facts.isNullCipher ? agreedOnNothing : judgeEven(part, lane, facts, tag);
    case 'undetermined':
      return facts.isNullCipher ? agreedOnNothing : judgeUndetermined(part, facts);
  }
}

function keyInWords(key: MediaKey | undefined): string {
  if (key?.source.kind === 'signalling') return `the key of packet ${key.source.place.number}`;
  return key?.source.kind === 'dtls-exporter'
    ? 'the key of its DTLS handshake, whose secret was given,'
    : 'a key that was given';
}

function judgeStructured(
  { extra = 0, isRead, frames }: LanePart,
  { codec, payloadType }: PayloadLane,
  facts: StreamFacts,
) {
  if (isRead) {
    const what =
      codec === undefined || codec.kind !== 'voice'
        ? 'its telephone-events were read'
        : `its ${codec.name} was decoded`;
    if (extra < SHORTEST_TAG) return { state: 'clear', because: `${what} as it was captured` } as const;
    const because = `${what} as it was captured: ${extra} octets of a tag follow it, so it is authenticated but not encrypted`;
    return { state: 'clear', because } as const;
  }
  if (frames !== undefined) {
    const because = `its packets are frames of ${frames} in their form, which no cipher leaves; ${frames} is not decoded here`;
    const tagged = `${because}; ${extra} octets of a tag follow them, so they are authenticated but not encrypted`;
    return { state: 'clear', because: extra < SHORTEST_TAG ? because : tagged } as const;
  }
  const pattern = 'its octets have a pattern that no cipher leaves';
  if (codec === undefined) {
    return {
      state: 'unknown',
      because: `what payload type ${payloadType} is was not seen in signalling; ${pattern}`,
    } as const;
  }
  if (codec.isUnknown === true) {
    const because = `${codec.name} is no codec that is known here: ${pattern}, but what is said in them cannot be told`;
    return { state: 'unknown', because } as const;
  }
  const saysClear = facts.signalled?.isClear === true && !facts.isZrtpSeen && !facts.isDtlsSeen;
  if (saysClear && (extra === 0 || codec.lengths === undefined)) {
    const because = `signalling says ${facts.signalled?.profile}, and ${pattern}; ${codec.name} is not decoded here`;
    return { state: 'clear', because } as const;
  }
  return { state: 'unknown', because: `${codec.name} is not decoded here; ${pattern}` } as const;
}

/** Noise is noise where nothing encrypts it. */
const agreedOnNothing = {
  state: 'clear',
  because: 'its ends agreed on SRTP with a NULL cipher, which encrypts nothing',
} as const;

function judgeEven(
  { extra }: LanePart,
  { codec, payloadType }: PayloadLane,
  facts: StreamFacts,
  tag: number | undefined,
) {
  const even = 'its octets are as even as those of a cipher';
  if (extra !== undefined && extra >= SHORTEST_TAG && codec?.lengths !== undefined) {
    const because = `each payload has ${extra} octets more than ${codec.name} makes, as a tag of SRTP, and ${even}`;
    return { state: 'encrypted', because } as const;
  }
  if (codec?.lengths !== undefined && tag !== undefined) {
    const because = `${even}, but the tag of ${tag} octets that follows others does not follow them`;
    return { state: 'unknown', because } as const;
  }
  if (facts.control.protectedPackets > 0) {
    return {
      state: 'encrypted',
      because: `its reports are SRTCP, flagged as encrypted and numbered, and ${even}`,
    } as const;
  }
  if (extra === undefined || codec?.lengths === undefined) {
    const shown = keyExchange(facts);
    if (shown !== undefined) return { state: 'encrypted', because: `${shown}, and ${even}` } as const;
  }
  if (codec === undefined) {
    const because = `what payload type ${payloadType} is was not seen in signalling; ${even}, which alone shows no encryption`;
    return { state: 'unknown', because } as const;
  }
  const because =
    extra === 0
      ? `${even}, but no tag follows them: noise, or SRTP without authentication`
      : `${even}, which alone shows no encryption: ${
          codec.lengths === undefined
            ? `packets of ${codec.name} may have any length`
            : `no tag is seen in their lengths`
        }`;
  return { state: 'unknown', because } as const;
}

function judgeUndetermined({ extra }: LanePart, facts: StreamFacts) {
  if (extra !== undefined && extra >= SHORTEST_TAG && facts.signalled?.isSecure === true) {
    const because = `signalling says ${facts.signalled.profile}, and each payload has ${extra} octets more than its codec makes, as a tag`;
    return { state: 'encrypted', because } as const;
  }
  return { state: 'unknown', because: 'there are too few packets to tell' } as const;
}

function keyExchange({ signalled, isDtlsAgreed, isZrtpCompleted }: StreamFacts): string | undefined {
  if (isDtlsAgreed) return 'DTLS agreed on keys between its ports';
  if (isZrtpCompleted) return 'ZRTP agreed on keys between its ports';
  return signalled?.isSecure === true ? `signalling says ${signalled.profile}` : undefined;
}

function withRemarks(
  reason: string,
  state: StreamState,
  judged: readonly Judged[],
  { cutPackets }: StreamFacts,
): string {
  const remarks = [reason];
  for (const other of states) {
    const packets = judged.reduce((sum, one) => sum + (one.state === other ? one.part.packets : 0), 0);
    if (other !== state && packets > 0) remarks.push(`${packets} other packets are ${words[other]}`);
  }
  if (cutPackets > 0)
    remarks.push(`${cutPackets} packets are cut short in the capture, and could not be authenticated`);
  return remarks.join('; ');
}

const words: Readonly<Record<StreamState, string>> = {
  clear: 'in the clear',
  opened: 'opened by a key',
  unknown: 'neither shown to be clear nor encrypted',
  encrypted: 'encrypted',
};

function mostPackets(judged: readonly Judged[]): Judged | undefined {
  return judged.reduce<Judged | undefined>(
    (most, one) => (most === undefined || one.part.packets > most.part.packets ? one : most),
    undefined,
  );
}

/** In the order of their first packets; neighbours of one state are one. */
function partsOf(judged: readonly Judged[]): readonly StreamPart[] {
  const parts: { state: StreamState; packets: number; first: StreamPart['first']; last: StreamPart['last'] }[] = [];
  for (const { part, state } of judged.toSorted((a, b) => a.part.first.number - b.part.first.number)) {
    const before = parts.at(-1);
    if (before?.state === state) {
      before.packets += part.packets;
      if (part.last.number > before.last.number) before.last = part.last;
    } else parts.push({ state, packets: part.packets, first: part.first, last: part.last });
  }
  return parts;
}
