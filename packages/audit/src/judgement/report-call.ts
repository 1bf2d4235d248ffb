import type { TransportAddress } from '@trustline/capture';
import { endText } from '../model/end-text.ts';
import { isOpen } from '../model/exposure.ts';
import type { CallLeg, LadderMessage, Party } from '../model/leg.ts';
import type { Finding, ReportCall, ReportEnd, ReportLeg, ReportMessage, ReportStream } from '../model/report.ts';
import { boundedText } from '../signalling/bounded-text.ts';
import type { PacketPlace } from '../traffic/place.ts';
import { type CallFacts, firstOf, heardSecondsOf, lastOf } from './call-facts.ts';
import { inOrderOfHarm } from './catalogue.ts';
import { digitFindings, signalledDigits } from './digit-findings.ts';
import { keyFindings } from './key-findings.ts';
import { mediaFindings } from './media-findings.ts';
import { fixOf } from './remedy.ts';
import { signallingFindings } from './signalling-findings.ts';
import type { StreamFacts } from './stream-facts.ts';
import { timeText } from './times.ts';
import type { Judgement } from './verdict.ts';

/** Messages of a ladder, and hosts of one, at the most. */
const MOST_MESSAGES = 500;
const MOST_HOSTS = 64;
const MOST_END_ADDRESSES = 8;

/** A call of the report before calls and streams are numbered. */
export type UnnumberedCall = Omit<ReportCall, 'number' | 'streams' | 'keyPath'> & { readonly facts: CallFacts };

/** What the report says of a call. `others`: findings that only all calls together show. */
export function reportCall(
  facts: CallFacts,
  { verdict, because }: Judgement,
  {
    others,
    isRevealed,
    claimed,
  }: {
    readonly others: readonly Finding[];
    readonly isRevealed: boolean;
    readonly claimed: ReportCall['claimed'];
  },
): UnnumberedCall {
  const { legs, streams } = facts;
  const digits = signalledDigits([...facts.openDigits, ...facts.givenDigits], isRevealed);
  const findings = inOrderOfHarm([
    ...others,
    ...mediaFindings(facts),
    ...keyFindings(facts),
    ...digitFindings(facts, digits),
    ...signallingFindings(facts),
  ]);
  const first = firstOf([...legs.map((leg) => leg.first), ...streams.map((stream) => stream.first)]);
  const last = lastOf([...legs.map((leg) => leg.ended ?? leg.last), ...streams.map((stream) => stream.last)]);
  const { hosts, messages, notShown } = ladderOf(legs);
  return {
    facts,
    verdict,
    because: findings.some(({ code }) => code === 'card-number-heard')
      ? `A card number was heard. ${because}`
      : because,
    fix: verdict === 'protected' ? null : fixOf(findings, facts),
    caller: endOf('caller', facts),
    called: endOf('called', facts),
    start: timeText(first),
    answered: timeText(facts.answered),
    end: timeText(last),
    durationSeconds: durationOf(facts, first, last),
    legs: legs.map(legOf),
    digits,
    heardSeconds: heardSecondsOf(facts),
    findings,
    hosts,
    messages,
    messagesNotShown: notShown,
    claimed,
  };
}

/** From the answer to the end, where both were seen; else as long as there was anything of it. */
function durationOf({ answered }: CallFacts, first: PacketPlace | undefined, last: PacketPlace | undefined): number {
  const from = answered ?? first;
  if (from === undefined || last === undefined) return 0;
  return Math.max(0, Math.round((last.microseconds - from.microseconds) / 1_000) / 1_000);
}

function legOf(leg: CallLeg): ReportLeg {
  const [first] = leg.messages;
  const exposures = leg.messages.map(({ path }) => path.exposure.kind);
  return {
    protocol: leg.protocol,
    identity: boundedText(leg.identity) ?? '',
    transport: first?.path.transport ?? 'udp',
    signalling: exposures.includes('clear')
      ? 'clear'
      : exposures.includes('null-cipher')
        ? 'null-cipher'
        : exposures.length === 0
          ? 'clear'
          : 'given-key',
    firstPacket: leg.first.number,
    lastPacket: leg.last.number,
    endReason: boundedText(leg.endReason) ?? null,
  };
}

/** Who stands at an end: as the first leg says it of the caller, as the last does of the called. */
function endOf(end: 'caller' | 'called', { legs, streams }: CallFacts): ReportEnd {
  const inOrder = end === 'caller' ? legs : [...legs].reverse();
  const parties = inOrder.map((leg) => leg[end]);
  const of = (field: keyof Party) => boundedText(parties.find((party) => party[field] !== undefined)?.[field]) ?? null;
  return {
    number: of('number'),
    name: of('name'),
    uri: of('uri'),
    device: of('device'),
    addresses: addressesOf(end, inOrder, streams),
  };
}

function addressesOf(
  end: 'caller' | 'called',
  legs: readonly CallLeg[],
  streams: readonly StreamFacts[],
): readonly string[] {
  const addresses = new Set<string>();
  const [leg] = legs;
  const [first] = leg?.messages ?? [];
  if (first !== undefined) addresses.add(endText(end === 'caller' ? first.path.from : first.path.to));
  for (const description of leg?.descriptions ?? []) {
    if (description.end === end && description.receives.port !== 0) addresses.add(endText(description.receives));
  }
  if (legs.length === 0) {
    const [stream] = streams;
    if (stream !== undefined) addresses.add(endText(end === 'caller' ? stream.source : stream.destination));
  }
  return [...addresses].slice(0, MOST_END_ADDRESSES);
}

function ladderOf(legs: readonly CallLeg[]): {
  readonly hosts: readonly string[];
  readonly messages: readonly ReportMessage[];
  readonly notShown: number;
} {
  const all = legs.flatMap((leg) => leg.messages.map((message) => ({ leg, message })));
  all.sort((one, other) => one.message.place.number - other.message.place.number);
  const hosts = new Map<string, number>();
  // Ends on one host are told apart by their ports.
  const isOneHost = all.length > 0 && all.every(({ message: { path } }) => path.from.address === path.to.address);
  const hostOf = (end: TransportAddress) => {
    const address = isOneHost ? endText(end) : end.address;
    const known = hosts.get(address);
    if (known !== undefined) return known;
    if (hosts.size >= MOST_HOSTS) return MOST_HOSTS - 1;
    hosts.set(address, hosts.size);
    return hosts.size - 1;
  };
  const messages = all.slice(0, MOST_MESSAGES).map(({ leg, message }) => messageOf(leg, message, hostOf));
  const notKept = legs.reduce((sum, leg) => sum + leg.messagesNotKept, 0);
  return { hosts: [...hosts.keys()], messages, notShown: notKept + all.length - messages.length };
}

function messageOf(leg: CallLeg, message: LadderMessage, hostOf: (end: TransportAddress) => number): ReportMessage {
  const { place, path, name, detail, carriesKey } = message;
  return {
    packet: place.number,
    time: timeText(place),
    from: hostOf(path.from),
    to: hostOf(path.to),
    protocol: leg.protocol,
    name: boundedText(name) ?? '',
    detail: boundedText(detail) ?? null,
    carriesKey,
    readableBy: isOpen(path.exposure) ? 'anyone' : 'given-key',
  };
}

/** The call with its streams as they are numbered in the report, and the way of its keys. */
export function numbered(call: UnnumberedCall, number: number, firstStream: number): ReportCall {
  const { facts, ...rest } = call;
  const streams: ReportStream[] = facts.streams.map(({ report }, at) => ({ number: firstStream + at, ...report }));
  return { number, ...rest, streams, keyPath: keyPathOf(facts, streams) };
}

/** From each message that shows a key to the streams that it opens. */
function keyPathOf(facts: CallFacts, streams: readonly ReportStream[]): ReportCall['keyPath'] {
  const packets = new Set(facts.exposedKeys.map(({ place }) => place.number));
  return [...packets].map((packet) => ({
    packet,
    streams: streams.filter(({ key }) => key?.packet === packet).map((stream) => stream.number),
  }));
}
