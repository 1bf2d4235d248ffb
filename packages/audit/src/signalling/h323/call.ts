import type { TransportAddress } from '@trustline/capture';
import { fastStartCodec, type H245 } from '@trustline/h323';
import type { CallLeg, LegEnd, MediaCodec, MediaDescription, Party, SignallingPath } from '../../model/leg.ts';
import type { MediaKey } from '../../model/media-key.ts';
import type { Observations } from '../../model/observations.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { learnParty, otherEnd } from '../party.ts';
import { type ChannelContent, contentOf } from './codecs.ts';
import { type ChannelProtection, keysOf, protectionOf, unknownProtection } from './protection.ts';
import { mediaAddress, textOf } from './words.ts';

/** Channels of one call that are remembered, and proposals of fast connect that are read of one message. */
const MOST_CHANNELS = 64;
const MOST_PROPOSALS = 64;

/** Where a message stood and which way it went. */
export interface Where {
  readonly path: SignallingPath;
  readonly place: PacketPlace;
}

/** A channel that one end opens towards the other: what of it the acknowledgement, which has the address, does not say. */
export interface Channel {
  readonly content: ChannelContent;
  readonly protection: ChannelProtection;
  readonly keys: readonly MediaKey[];
  readonly place: PacketPlace;
  /** Where the other end said that it receives it. */
  receives?: TransportAddress;
  rtcp?: TransportAddress;
}

type Opened = Pick<Channel, 'content' | 'protection' | 'keys' | 'receives' | 'rtcp'> & { readonly place: PacketPlace };

/** One call of H.323, by whatever connections its messages come. */
export class H323Call {
  readonly leg: CallLeg;
  /** Addresses of the two ends, as far as messages of call signalling came from them. */
  readonly hosts: { caller?: string; called?: string } = {};
  readonly #observations: Observations;
  /** By who opened them, and their number. */
  readonly #channels = new Map<string, Channel>();
  /** What each end last said of each kind of media that it takes. */
  readonly #latest = new Map<string, MediaDescription>();
  /** Keys of proposals of fast connect for what an end is to receive, before it says where. */
  readonly #proposed: { caller: readonly MediaKey[]; called: readonly MediaKey[] } = { caller: [], called: [] };
  readonly #events: { caller?: MediaCodec; called?: MediaCodec } = {};

  constructor(leg: CallLeg, observations: Observations) {
    this.leg = leg;
    this.#observations = observations;
  }

  learn(end: LegEnd, party: Party): void {
    learnParty(this.leg, end, party);
  }

  /** A line of the ladder. */
  tell({ path, place }: Where, name: string, detail?: string, carriesKey = false): void {
    this.leg.message({ place, path, name, carriesKey, ...(detail === undefined ? {} : { detail }) });
  }

  digits(end: LegEnd, digits: string, how: 'h245-user-input' | 'q931-keypad', { path, place }: Where): void {
    if (digits !== '') this.leg.digit({ place, how, end, digits: digits.slice(0, 64), exposure: path.exposure });
  }

  /** An end opens a channel; it has a key where one could be read. */
  opens(end: LegEnd, number: number, channel: Channel): void {
    const name = `${end} ${number}`;
    this.#abandon(name);
    const [oldest] = this.#channels.keys();
    if (this.#channels.size >= MOST_CHANNELS && oldest !== undefined) this.#abandon(oldest);
    this.#channels.set(name, channel);
  }

  channel(openedBy: LegEnd, number: number): Channel | undefined {
    return this.#channels.get(`${openedBy} ${number}`);
  }

  /** An end says where it receives a channel of the other, which may have come before the capture began. */
  acknowledges(
    end: LegEnd,
    number: number,
    receives: TransportAddress,
    rtcp: TransportAddress | undefined,
    dynamicPayloadType: number | undefined,
    sync: H245.EncryptionSync | undefined,
    { path, place }: Where,
  ): void {
    const channel = this.channel(otherEnd(end), number);
    const protection = channel?.protection ?? unknownProtection;
    const own = keysOf(sync, protection, { kind: 'signalling', how: 'h235.8', place, exposure: path.exposure });
    const content = channel?.content ?? { kind: 'audio', codecs: [], words: 'unknown' };
    if (channel !== undefined) channel.receives = receives;
    if (channel !== undefined && rtcp !== undefined) channel.rtcp = rtcp;
    this.describe(end, {
      place,
      content: withPayloadType(content, dynamicPayloadType),
      protection,
      // One stack protects what goes to an end with the key that this end sent, in its acknowledgement; others with the opener's.
      keys: distinct([...own, ...(channel?.keys ?? [])]),
      receives,
      ...(rtcp === undefined ? {} : { rtcp }),
    });
  }

  /** A new key for a channel that is open. */
  rekeys(end: LegEnd, number: number, keys: readonly MediaKey[], place: PacketPlace): void {
    // The master of H.245 says it, of its own channels and of the other's.
    for (const opener of [end, otherEnd(end)]) {
      const channel = this.channel(opener, number);
      if (channel !== undefined) this.describe(otherEnd(opener), { ...channel, keys, place });
    }
  }

  /** The channel is closed, or nobody will say where it is received: a key that was given for it lay open all the same. */
  closes(openedBy: LegEnd, number: number): void {
    this.#abandon(`${openedBy} ${number}`);
  }

  /** No more comes. */
  end(): void {
    for (const name of [...this.#channels.keys()]) this.#abandon(name);
    for (const end of ['caller', 'called'] as const) {
      const [first] = this.#proposed[end];
      if (first === undefined || this.#latest.has(`${end} audio`)) continue;
      const place = first.source.kind === 'given' ? this.leg.last : first.source.place;
      const content: ChannelContent = { kind: 'audio', codecs: [], words: 'unknown' };
      this.describe(end, {
        place,
        content,
        protection: unknownProtection,
        keys: this.#proposed[end],
        receives: this.#nowhere(end),
      });
      this.#proposed[end] = [];
    }
  }

  #nowhere(end: LegEnd): TransportAddress {
    return { address: this.hosts[end] ?? '0.0.0.0', port: 0 };
  }

  #abandon(name: string): void {
    const channel = this.#channels.get(name);
    this.#channels.delete(name);
    if (channel === undefined || channel.receives !== undefined || channel.keys.length === 0) return;
    const end = name.startsWith('caller') ? 'called' : 'caller';
    this.describe(end, { ...channel, receives: this.#nowhere(end) });
  }

  /** What the end can take: telephone-events come with a payload type that it chose. */
  takesEvents(end: LegEnd, payloadType: number): void {
    this.#events[end] = { payloadType, name: 'telephone-event', clockRate: 8_000 };
    const latest = this.#latest.get(`${end} audio`);
    if (latest === undefined || latest.codecs.some((codec) => codec.payloadType === payloadType)) return;
    this.#observe(end, { ...latest, codecs: [...latest.codecs, this.#events[end]] });
  }

  /** Proposals of fast connect, or which of them are taken. Returns the words for them, and whether a key stands in one. */
  fastStart(end: LegEnd, elements: readonly Uint8Array[], { path, place }: Where): readonly [string, boolean] {
    const opened = new Map<string, Opened & { readonly end: LegEnd }>();
    let hasKey = false;
    for (const element of elements.slice(0, MOST_PROPOSALS)) {
      const decoded = fastStartCodec.decode(element);
      if (!decoded.ok) continue;
      const proposal = fastChannel(decoded.value);
      if (proposal === undefined) continue;
      const { dataType, parameters, sender, sync } = proposal;
      const content = contentOf(dataType, parameters.dynamicRTPPayloadType);
      const protection = protectionOf(dataType);
      const keys = keysOf(sync, protection, { kind: 'signalling', how: 'h235.8', place, exposure: path.exposure });
      if (keys.length > 0) hasKey = true;
      const receiver = otherEnd(sender);
      const receives = mediaAddress(parameters.mediaChannel);
      // Each end says where it receives; where it thinks that the other does is not to be relied on.
      if (receives === undefined || receiver !== end) {
        this.#proposedKeys(receiver, keys, place);
        continue;
      }
      const rtcp = mediaAddress(parameters.mediaControlChannel);
      const name = `${content.kind} ${textOf(receives)}`;
      const before = opened.get(name);
      opened.set(name, {
        place,
        end: receiver,
        content: { ...content, codecs: [...(before?.content.codecs ?? []), ...content.codecs] },
        protection: joined(before?.protection, protection),
        keys: distinct([...(before?.keys ?? []), ...keys, ...this.#proposed[receiver]]),
        receives,
        ...(rtcp === undefined ? {} : { rtcp }),
      });
    }
    for (const one of opened.values()) this.describe(one.end, one);
    const words = [...opened.values()].map(
      ({ content, receives }) => `receives ${content.kind} at ${receives === undefined ? '' : textOf(receives)}`,
    );
    return [['fastStart', ...words].join(', '), hasKey];
  }

  #proposedKeys(receiver: LegEnd, keys: readonly MediaKey[], place: PacketPlace): void {
    if (keys.length === 0) return;
    this.#proposed[receiver] = distinct([...this.#proposed[receiver], ...keys]).slice(0, MOST_PROPOSALS);
    const latest = this.#latest.get(`${receiver} audio`);
    if (latest === undefined) return;
    this.#observe(receiver, { ...latest, place, keys: distinct([...latest.keys, ...keys]) });
  }

  describe(end: LegEnd, { place, content, protection, keys, receives, rtcp }: Opened): void {
    if (receives === undefined) return;
    const { keying, suites } = protection;
    const isSecure = keys.length > 0 || keying.some((one) => one === 'h235.8' || one === 'dtls-srtp');
    const events = content.kind === 'audio' ? this.#events[end] : undefined;
    this.#observe(end, {
      place,
      end,
      kind: content.kind,
      receives,
      ...(rtcp === undefined ? {} : { rtcp }),
      profile: isSecure
        ? 'RTP/SAVP'
        : keying.includes('none')
          ? 'RTP/AVP'
          : keying[0] === 'h235.6'
            ? 'H.235.6'
            : 'unknown',
      direction: 'sendrecv',
      codecs: events === undefined ? content.codecs : [...content.codecs, events],
      keying: keys.length > 0 && !keying.includes('h235.8') ? ['h235.8'] : keying,
      keys,
      keysProtect: 'what-it-receives',
      suites,
    });
  }

  #observe(end: LegEnd, description: MediaDescription): void {
    this.#latest.set(`${end} ${description.kind}`, description);
    this.#observations.describe(this.leg, description);
  }
}

function fastChannel({
  forwardLogicalChannelParameters,
  reverseLogicalChannelParameters,
  encryptionSync,
}: H245.OpenLogicalChannel) {
  const { dataType, multiplexParameters } = forwardLogicalChannelParameters;
  // H.323 §8.1.7.1: what the caller is to receive stands as the reverse of a channel that carries nothing.
  const reverse = reverseLogicalChannelParameters;
  if (reverse !== undefined && reverse.multiplexParameters?.kind === 'h2250LogicalChannelParameters') {
    return {
      sender: 'called' as LegEnd,
      dataType: reverse.dataType,
      parameters: reverse.multiplexParameters.value,
      sync: encryptionSync,
    };
  }
  if (dataType.kind === 'nullData' || multiplexParameters.kind !== 'h2250LogicalChannelParameters') return undefined;
  return { sender: 'caller' as LegEnd, dataType, parameters: multiplexParameters.value, sync: encryptionSync };
}

function joined(
  before: ChannelProtection | undefined,
  { keying, suites, offered }: ChannelProtection,
): ChannelProtection {
  if (before === undefined) return { keying, suites, offered };
  return {
    keying: [...new Set([...before.keying, ...keying])],
    suites: [...new Set([...before.suites, ...suites])],
    offered: [...before.offered, ...offered],
  };
}

/** The acknowledgement may choose another payload type than the channel had. */
function withPayloadType(content: ChannelContent, payloadType: number | undefined): ChannelContent {
  const [first] = content.codecs;
  if (payloadType === undefined || payloadType < 96 || first === undefined) return content;
  if (content.codecs.some((codec) => codec.payloadType === payloadType)) return content;
  return { ...content, codecs: [{ ...first, payloadType }, ...content.codecs] };
}

/** One of each: both ends may have given the same key. */
function distinct(keys: readonly MediaKey[]): readonly MediaKey[] {
  const seen = new Set<string>();
  return keys.filter(({ profile, masterKey, masterSalt }) => {
    const name = `${profile} ${masterKey} ${masterSalt}`;
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
}
