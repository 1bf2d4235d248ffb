/**
 * Media over the relay. Call control agrees on media as if the two ends were to send to each other; what an end is told of the
 * other is rewritten on its way out to the relay's address and the relay's keys, and an end without SRTP is given
 * stand-ins for its keys on the way in. So every rule about offers, answers and keys holds here too, and no end learns
 * a key of the other.
 */
import { generateMasterKey, type SdesSuiteName, sdesSuites } from '@trustline/keying';
import { type Call, heardLeg, type Leg } from './call.ts';
import { soundFor } from './holding.ts';
import type { MediaKey } from './keys.ts';
import { keyFingerprints } from './keys.ts';
import {
  isActive,
  isSecure,
  type MediaAttribute,
  type MediaDescription,
  type MediaStream,
  refused as refusedStream,
} from './media.ts';
import { chosenFrom, type MediaFault } from './negotiation.ts';
import { hostOf } from './protection.ts';
import { type RelayedLeg, type RelayedStream, relayedLeg } from './relay-state.ts';
import { digitsAnswered, digitsOffered, withoutDigits } from './relayed-digits.ts';
import { asAnswered, isTranscoded, noteTranscoding, spoken, withOwnFormats } from './transcoding.ts';
import { voiceFormatOf } from './voice-formats.ts';
import type { World } from './world.ts';

/** What an end says about its own transport, which is not the relay's: ICE, multiplexed RTCP, DTLS, its SSRC. */
const attributesOfTransport: ReadonlySet<string> = new Set([
  'candidate',
  'end-of-candidates',
  'remote-candidates',
  'ice-ufrag',
  'ice-pwd',
  'ice-options',
  'ice-lite',
  'ice-mismatch',
  'rtcp',
  'rtcp-mux',
  'rtcp-mux-only',
  'fingerprint',
  'setup',
  'ssrc',
  'ssrc-group',
  'msid',
  'group',
  'mid',
]);

/** Of packets that the relay makes, in milliseconds. */
const packetTimes: readonly number[] = [10, 20, 30, 40, 60];

/** Whether what this leg is told goes through the relay. The called leg decides. */
function isRelayed(call: Call, leg: Leg): boolean {
  if (call.conference !== undefined) return true;
  return (leg === call.caller ? heardLeg(call) : leg)?.relay !== undefined;
}

/** What a leg is told in place of the other end's own description: an offer, or the answer to its own. */
export function asTold(
  world: World,
  call: Call,
  leg: Leg,
  told: MediaDescription,
  kind: 'offer' | 'answer',
): MediaDescription {
  if (!isRelayed(call, leg)) return told;
  leg.relay ??= relayedLeg(heardLeg(call)?.relay?.reason ?? 'configured', false);
  const { relay } = leg;
  const written: MediaDescription = {
    streams: told.streams.map((stream, at) =>
      inFormats(world, call, leg, ofRelay(world, call, relay, stream, at), at, kind),
    ),
    attributes: told.attributes.filter(isEndToEnd),
  };
  // The relay's keys belong to it: whoever sends one back, in whatever call, is refused.
  world.keys.claim(world.now, call.id, `relay towards ${leg.id}`, written);
  return written;
}

/** A stream of the relay's as the leg can answer it, or with what it has agreed on by it. */
function inFormats(world: World, call: Call, leg: Leg, stream: MediaStream, at: number, kind: 'offer' | 'answer') {
  const own = leg.relay?.streams[at];
  if (own === undefined || !isActive(stream)) return stream;
  const withDigits =
    kind === 'offer' ? digitsOffered(call, leg, own, stream) : digitsAnswered(call, leg, own, stream, at);
  if (!isTranscoded(call, leg)) return withDigits;
  if (kind === 'offer') return withOwnFormats(world, call, leg, own, withDigits);
  own.speaks = spoken(withDigits.formats);
  return withDigits;
}

function ofRelay(world: World, call: Call, relay: RelayedLeg, stream: MediaStream, at: number): MediaStream {
  if (!isActive(stream)) return stream;
  const own = isRtp(stream) ? sideOf(world, call, relay, at) : undefined;
  if (own === undefined) return refusedStream(stream);
  const { receivesWith: _, mayBeSwapped: __, ...ofOther } = stream;
  const attributes = stream.attributes.filter(isEndToEnd);
  const rest = { ...ofOther, address: own.address, port: own.port, isOfRelay: true as const, attributes };
  if (relay.isClear || !isSecure(stream)) return { ...rest, transport: 'RTP/AVP', keys: [] };
  const keys = stream.keys.flatMap((key) => {
    if (key.suite === undefined) return [];
    const { tag, suiteName, suite } = key;
    return [{ ...keyOf(world, own.own, suite.name), tag, suiteName }];
  });
  return { ...rest, keys };
}

/**
 * What a leg has said, as call control takes it: an end without SRTP seems to have keys where the other has them. For an
 * answer `answered` is the offer that it was told.
 */
export function asSaid(
  world: World,
  call: Call,
  leg: Leg,
  description: MediaDescription,
  answered: MediaDescription | undefined,
): MediaDescription {
  const { relay } = leg;
  if (relay === undefined) return description;
  const understood = answered === undefined ? description : inFormatsOffered(world, call, leg, description, answered);
  if (!relay.isClear) return understood;
  const streams = understood.streams.map((stream, at) => {
    const own = relay.streams[at] ?? sideOf(world, call, relay, at);
    if (!isActive(stream) || stream.transport !== 'RTP/AVP' || own === undefined) return { ...stream, keys: [] };
    if (answered === undefined) {
      const keys = world.settings.suites.map((suite, place) => ({
        ...keyOf(world, own.standIns, suite),
        tag: place + 1,
      }));
      return { ...stream, transport: 'RTP/SAVP', keys };
    }
    const offered = answered.streams[at];
    const [key] = offered?.keys ?? [];
    if (offered === undefined || key?.suite === undefined) return { ...stream, keys: [] };
    const { tag, suiteName, suite } = key;
    const keys = [{ ...keyOf(world, own.standIns, suite.name), tag, suiteName }];
    return { ...stream, transport: offered.transport, keys };
  });
  return { ...description, streams };
}

function inFormatsOffered(
  world: World,
  call: Call,
  leg: Leg,
  answer: MediaDescription,
  answered: MediaDescription,
): MediaDescription {
  const { relay } = leg;
  if (relay === undefined) return answer;
  const streams = answer.streams.map((stream, at) => {
    const own = isTranscoded(call, leg) ? sideOf(world, call, relay, at) : relay.streams[at];
    if (own === undefined) return stream;
    const understood = isTranscoded(call, leg) ? asAnswered(own, answered.streams[at], stream) : stream;
    return withoutDigits(own, answered.streams[at], stream, understood);
  });
  return { ...answer, streams };
}

/**
 * Takes the relay's sides for what two legs are about to agree on, if it goes over the relay. Undefined where they are to be
 * had; no call is set up whose media would have nowhere to go.
 */
export function takeSides(world: World, call: Call, leg: Leg, offer: MediaDescription): MediaFault | undefined {
  if (leg.relay === undefined) return undefined;
  // Who is to be joined with the called later gets a side then.
  const legs = world.owns(call, call.caller) ? [call.caller, leg] : [leg];
  if (legs[0] === call.caller) call.caller.relay ??= relayedLeg(leg.relay.reason, false);
  for (const [at, stream] of offer.streams.entries()) {
    if (!isActive(stream) || !isRtp(stream)) continue;
    const all = legs.map(({ relay }) => relay && sideOf(world, call, relay, at));
    if (all.every((side) => side !== undefined)) continue;
    leaveRelay(world, leg);
    const warning = 'No port of the media relay is free';
    return { cause: 'switching-equipment-congestion', warning, security: false };
  }
  return undefined;
}

/** Takes the relay's sides for what a leg has agreed on with the manager itself. False where none is to be had. */
export function takeOwnSides(world: World, call: Call, { relay }: Leg, told: MediaDescription): boolean {
  if (relay === undefined) return false;
  return told.streams.every((stream, at) => !isActive(stream) || sideOf(world, call, relay, at) !== undefined);
}

/** Whether a change of what a leg says is nothing to the other: the relay alone has to know of addresses and keys. */
export function isForRelayAlone(call: Call, before: MediaDescription, after: MediaDescription): boolean {
  return (
    call.connected?.relay !== undefined &&
    before.streams.length === after.streams.length &&
    before.streams.every((stream, at) => {
      const other = after.streams[at];
      const isSame =
        other !== undefined && stream.direction === other.direction && isSecure(stream) === isSecure(other);
      return isSame && isActive(stream) === isActive(other);
    })
  );
}

/** The same, for an end that has none: RTP. */
export function withoutKeys(description: MediaDescription): MediaDescription {
  const clear = (stream: MediaStream): MediaStream =>
    isRtp(stream) ? { ...stream, transport: 'RTP/AVP', keys: [] } : stream;
  return { ...description, streams: description.streams.map(clear) };
}

/** Tells the relay what has changed for the two who hear each other. */
export function tellRelay(world: World, call: Call): void {
  const called = heardLeg(call);
  const { caller } = call;
  if (call.conference !== undefined || call.announcing !== undefined) {
    tellAlone(world, call, caller);
    return;
  }
  if (called?.relay === undefined || caller.relay === undefined) return;
  const { told, early } = called;
  const calledMedia = called.media ?? early;
  const callerMedia = caller.media ?? (told !== undefined && early !== undefined ? chosenFrom(told, early) : undefined);
  if (calledMedia === undefined || callerMedia === undefined) return;
  for (const [at, towardsCaller] of caller.relay.streams.entries()) {
    const towardsCalled = called.relay.streams[at];
    if (towardsCaller === undefined || towardsCalled === undefined) continue;
    const sides = [
      tellSide(world, call, caller, towardsCaller, callerMedia.streams[at]),
      tellSide(world, call, called, towardsCalled, calledMedia.streams[at]),
    ];
    if (!sides.every(Boolean) || towardsCaller.bridgedWith === towardsCalled.side) continue;
    towardsCaller.bridgedWith = towardsCalled.side;
    towardsCalled.bridgedWith = towardsCaller.side;
    world.emit({ kind: 'relay-bridge', one: towardsCaller.side, other: towardsCalled.side });
  }
  noteTranscoding(world, call);
}

/** Tells the relay what has changed for one who is alone with its sound. */
export function tellAlone(world: World, call: Call, leg: Leg): void {
  for (const [at, own] of leg.relay?.streams.entries() ?? []) {
    if (own !== undefined) tellSide(world, call, leg, own, leg.media?.streams[at]);
  }
}

/** Tells the relay what has changed of one side. False where nothing can flow there. */
function tellSide(world: World, call: Call, leg: Leg, own: RelayedStream, stream: MediaStream | undefined): boolean {
  if (stream === undefined || !isActive(stream)) return false;
  const [receive] = stream.keys;
  const isClear = leg.relay?.isClear === true || receive === undefined;
  const send = receive?.suite === undefined ? undefined : (stream.receivesWith ?? own.own.get(receive.suite.name));
  // Half of a side is never clear, and under `require` none is.
  if (isClear ? call.policy === 'require' : receive === undefined || send === undefined) return false;
  const { direction, address, port } = stream;
  const { conference } = call;
  // What an end plays to the one it holds is nothing for all the others.
  const takes = direction === 'sendrecv' || (direction === 'sendonly' && conference === undefined);
  const gives = direction === 'sendrecv' || direction === 'recvonly';
  const swapped =
    stream.receivesWith !== undefined && stream.mayBeSwapped === true ? { mayBeSwapped: true as const } : {};
  const keys = isClear || receive === undefined || send === undefined ? undefined : { receive, send, ...swapped };
  const fingerprints =
    keys === undefined ? '' : [...keyFingerprints(keys.receive), ...keyFingerprints(keys.send)].join();
  const source = behindNat(leg, stream);
  const plays = gives ? soundFor(world, call, leg, own, stream) : undefined;
  const announces =
    call.announcing !== undefined ? stream.formats.flatMap((one) => voiceFormatOf(one) ?? [])[0] : undefined;
  const format = stream.formats[0] && voiceFormatOf(stream.formats[0]);
  const mixes = conference && format && { conference: conference.id, format };
  const speaks =
    isTranscoded(call, leg) && own.speaks ? { ...own.speaks, milliseconds: packetTime(stream) } : undefined;
  const said = [
    address,
    port,
    takes,
    gives,
    fingerprints,
    JSON.stringify([plays, announces, mixes, speaks, own.digits]),
  ].join(' ');
  if (said === own.said) return true;
  own.said = said;
  world.emit({
    kind: 'relay-side',
    side: own.side,
    remote: { address, port },
    takes,
    gives,
    clockRate: stream.formats[0]?.clockRate || 8_000,
    ...(keys === undefined ? {} : { keys }),
    ...(speaks === undefined ? {} : { speaks }),
    ...(own.digits === undefined ? {} : { digits: own.digits }),
    ...(plays === undefined ? {} : { plays }),
    ...(announces === undefined ? {} : { announces }),
    ...(mixes === undefined ? {} : { mixes }),
    ...(source === undefined ? {} : { clearSource: source }),
  });
  return true;
}

/** The leg's media go over the relay no longer, or it has ended: its sides are closed and their keys forgotten. */
export function leaveRelay(world: World, leg: Leg): void {
  closeSides(world, leg.relay);
  if (leg.relay?.isClear === true) leg.withStandIns = leg.media;
  leg.relay = undefined;
}

/** The leg is not transcoded after all, and leaves the relay where that was all it was for. */
export function leaveTranscoder(world: World, leg: Leg): void {
  const { relay } = leg;
  if (relay === undefined) return;
  relay.transcodes = false;
  world.transcoders.delete(relay);
  if (relay.reason === 'transcoding') leaveRelay(world, leg);
}

/** Closes the sides that a leg has, or had in a call that it has left for good. */
export function closeSides(world: World, relay: RelayedLeg | undefined): void {
  if (relay !== undefined) world.transcoders.delete(relay);
  for (const stream of relay?.streams ?? []) {
    if (stream !== undefined) world.emit({ kind: 'relay-close', side: stream.side });
  }
}

/**
 * The address that a leg's signalling comes from, where its media cannot come from the one that it names: that is a private
 * one (RFC 1918, RFC 6598), and its signalling comes from another. A gateway of H.323 may well have two addresses.
 */
export function behindNat(leg: Leg, { address }: MediaStream): string | undefined {
  if (leg.protection.protocol === 'h323') return undefined;
  const source = hostOf(leg.protection.remoteAddress);
  return source !== undefined && source !== address && isPrivate(address) ? source : undefined;
}

function isPrivate(address: string): boolean {
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(address);
}

/** Milliseconds of a packet to an end that wants no others (RFC 8866 §6.4); 20 where it does not say, or what nobody has. */
function packetTime({ attributes }: MediaStream): number {
  const wanted = Number(attributes.find(({ name }) => name.toLowerCase() === 'ptime')?.value);
  return packetTimes.includes(wanted) ? wanted : 20;
}

function isRtp({ transport }: MediaStream): boolean {
  return transport === 'RTP/AVP' || transport === 'RTP/SAVP';
}

function isEndToEnd({ name }: MediaAttribute): boolean {
  return !attributesOfTransport.has(name.toLowerCase());
}

/** The relay's end for the stream at this place; all of a call, and of a conference, are beside each other. */
function sideOf(world: World, call: Call, relay: RelayedLeg, at: number): RelayedStream | undefined {
  const known = relay.streams[at];
  if (known !== undefined) return known;
  const others = [...(call.conference?.members ?? [])].map(({ caller }) => caller);
  const legs = [call.caller, ...call.called, ...others];
  const beside = legs.flatMap((leg) => leg.relay?.streams ?? []).find(Boolean)?.side;
  const allocated = world.ports.relay?.allocate(beside);
  if (allocated === undefined) return undefined;
  const nothing = { formats: undefined, speaks: undefined, digits: undefined, bridgedWith: undefined };
  const stream: RelayedStream = { ...allocated, ...nothing, own: new Map(), standIns: new Map(), said: '' };
  relay.streams[at] = stream;
  return stream;
}

/** A key of the relay's own for a suite; made once, for as long as the leg has this partner. */
function keyOf(world: World, keys: Map<SdesSuiteName, MediaKey>, suite: SdesSuiteName): MediaKey {
  const known = keys.get(suite);
  if (known !== undefined) return known;
  const material = generateMasterKey(world.ports.random, suite);
  const made: MediaKey = {
    kind: 'crypto',
    tag: 1,
    suiteName: suite,
    suite: sdesSuites[suite],
    keys: [{ material, lifetime: undefined, mki: undefined }],
    sessionParameters: [],
  };
  keys.set(suite, made);
  return made;
}
