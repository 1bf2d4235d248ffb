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
/** Of a stream's packets: fewer, of which nothing is to be told, are taken for what the others are. */
const FEW = 0.2;

interface Judged {
  readonly part: LanePart;
  readonly isOfEvents: boolean;
  readonly state: StreamState;
  readonly because: string;
}

/** What the packets of a stream amount to. Entropy alone is never called encryption. */
export function judgeStream(lanes: readonly PayloadLane[], facts: StreamFacts): StreamJudgement {
  const all = lanes.flatMap(({ allParts }) => allParts).reduce((sum, { packets }) => sum + packets, 0);
  const judged: Judged[] = [];
  const following: LanePart[] = [];
  for (const lane of lanes) {
    for (const part of lane.allParts) {
      if (part.packets === 0) continue;
      if (isFollowing(lane, part, all)) following.push(part);
      else judged.push({ part, isOfEvents: isOfEvents(lane, part), ...judgePart(part, lane, facts) });
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
    tagOctets: mostPackets(judged.filter(({ part }) => (part.extra ?? 0) >= SHORTEST_TAG))?.part.extra,
  };
}

/** Comfort noise, events that could not be read, and a few packets that tell nothing, are what the others are. */
function isFollowing({ codec }: PayloadLane, { content, isRead, packets }: LanePart, all: number): boolean {
  if (isRead || content === 'opened') return false;
  if (codec !== undefined && codec.kind !== 'voice') return true;
  return content !== 'structured' && packets < FEW * all && (codec === undefined || content === 'undetermined');
}

function isOfEvents({ codec }: PayloadLane, { isRead }: LanePart): boolean {
  return codec === undefined ? isRead : codec.kind === 'telephone-event';
}

function closedState(judged: readonly Judged[]): StreamState {
  const closed = judged.filter(({ state }) => state === 'encrypted' || state === 'unknown');
  return mostPackets(closed)?.state ?? mostPackets(judged)?.state ?? 'unknown';
}

function judgePart(part: LanePart, lane: PayloadLane, facts: StreamFacts): Pick<Judged, 'state' | 'because'> {
  switch (part.content) {
    case 'opened':
      return { state: 'opened', because: `${keyInWords(facts.key)} opened it` };
    case 'structured':
      return judgeStructured(part, lane, facts);
    case 'even':
      return judgeEven(part, lane, facts);
    case 'undetermined':
      return judgeUndetermined(part, facts);
  }
}

function keyInWords(key: MediaKey | undefined): string {
  if (key?.source.kind === 'signalling') return `the key of packet ${key.source.place.number}`;
  return key?.source.kind === 'dtls-exporter'
    ? 'the key of its DTLS handshake, whose secret was given,'
    : 'a key that was given';
}

function judgeStructured({ extra = 0, isRead }: LanePart, { codec, payloadType }: PayloadLane, facts: StreamFacts) {
  if (isRead) {
    const what =
      codec === undefined || codec.kind !== 'voice'
        ? 'its telephone-events were read'
        : `its ${codec.name} was decoded`;
    if (extra < SHORTEST_TAG) return { state: 'clear', because: `${what} as it was captured` } as const;
    const because = `${what} as it was captured: ${extra} octets of a tag follow it, so it is authenticated but not encrypted`;
    return { state: 'clear', because } as const;
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

function judgeEven({ extra }: LanePart, { codec, payloadType }: PayloadLane, facts: StreamFacts) {
  const even = 'its octets are as even as those of a cipher';
  if (extra !== undefined && extra >= SHORTEST_TAG && codec?.lengths !== undefined) {
    const because = `each payload has ${extra} octets more than ${codec.name} makes, as a tag of SRTP, and ${even}`;
    return { state: 'encrypted', because } as const;
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

function keyExchange({ signalled, isDtlsSeen, isZrtpCompleted }: StreamFacts): string | undefined {
  if (isDtlsSeen) return 'a DTLS handshake went between its ports';
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
