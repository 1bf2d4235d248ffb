import type { FlowKey, TransportAddress } from '@trustline/capture';
import { endText } from '../model/end-text.ts';
import { clear } from '../model/exposure.ts';
import type { Observations } from '../model/observations.ts';
import type { SecureDatagramReaders } from '../recognise/recogniser.ts';
import { boundedText } from '../signalling/bounded-text.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { DatagramObserver } from '../traffic/traffic.ts';
import { looksLikeChannelData, looksLikeStun } from './recognise.ts';
import { type ChannelData, readChannelData, readStunMessage, type StunMessage } from './stun/stun-message.ts';
import { UnboundChannels } from './stun/unbound-channels.ts';

/** Clients of relays, channels and peers of theirs that are followed; what comes beyond is not looked into. */
const MOST_PAIRS = 20_000;
const MOST_PEERS = 20_000;
/** Relays within what relays carry that are followed. */
const MOST_LAYERS = 4;

/** What is known of a client and its relay. */
interface Relayed {
  client: TransportAddress;
  readonly channels: Map<number, TransportAddress>;
  isCredentialTold: boolean;
}

/**
 * STUN and TURN (RFC 8489, RFC 8656): what a relay carries for its client is given on as if it had gone between client and peer.
 */
export class TurnDatagrams implements SecureDatagramReaders {
  readonly name = 'stun';
  readonly reader = {
    datagram: (
      from: TransportAddress,
      to: TransportAddress,
      octets: Uint8Array,
      place: PacketPlace,
      isCut: boolean,
    ): void => this.#datagram(from, to, octets, place, isCut),
  };
  readonly #observations: Observations;
  readonly #open: (key: FlowKey, place: PacketPlace) => DatagramObserver;
  readonly #pairs = new Map<string, Relayed>();
  readonly #inner = new Map<string, DatagramObserver>();
  readonly #unbound = new UnboundChannels();
  #layers = 0;

  constructor(observations: Observations, open: (key: FlowKey, place: PacketPlace) => DatagramObserver) {
    this.#observations = observations;
    this.#open = open;
  }

  recogniseDatagram(octets: Uint8Array, { source, destination }: Pick<FlowKey, 'source' | 'destination'>): boolean {
    const first = octets[0] ?? 0;
    if (first < 4) return looksLikeStun(octets) === 'yes';
    if (first < 64 || first > 79 || looksLikeChannelData(octets) !== 'yes') return false;
    if (this.#pairs.has(keyOf(source, destination))) return true;
    const data = readChannelData(octets);
    return data !== undefined && this.#unbound.mayCarry(data);
  }

  #datagram(
    from: TransportAddress,
    to: TransportAddress,
    octets: Uint8Array,
    place: PacketPlace,
    isCut: boolean,
  ): void {
    const message = readStunMessage(octets);
    if (message !== undefined) {
      this.stun(from, to, message, place, isCut);
      return;
    }
    const data = readChannelData(octets);
    if (data !== undefined) this.channelData(from, to, data, place, isCut);
  }

  /** Takes a message between a client and its relay, by whatever transport. */
  stun(from: TransportAddress, to: TransportAddress, message: StunMessage, place: PacketPlace, isCut: boolean): void {
    const pair = this.#pairOf(from, to, message);
    if (pair === undefined) return;
    const { method, channel, peerAddress, data } = message;
    if (method === 'ChannelBind' && channel !== undefined && peerAddress !== undefined) {
      pair.client = message.class === 'request' ? from : to;
      if (pair.channels.size < 1_024) pair.channels.set(channel, peerAddress);
    }
    if (data !== undefined) this.#carried(from, to, pair, peerAddress, data, place, isCut);
    this.#credential(message, pair, from, to, place);
  }

  /** Takes what is in a channel between them. */
  channelData(
    from: TransportAddress,
    to: TransportAddress,
    data: ChannelData,
    place: PacketPlace,
    isCut: boolean,
  ): void {
    const carried = this.#pairs.has(keyOf(from, to))
      ? [{ payload: data.payload, place, isCut }]
      : this.#unbound.believed(`${endText(from)} ${endText(to)}`, data, place, isCut);
    const pair = carried.length === 0 ? undefined : this.#pairOf(from, to, undefined);
    if (pair === undefined) return;
    // Of a channel whose beginning was not captured the peer is not known: the relay stands for it.
    const peer = pair.channels.get(data.channel);
    for (const one of carried) this.#carried(from, to, pair, peer, one.payload, one.place, one.isCut);
  }

  #pairOf(from: TransportAddress, to: TransportAddress, message: StunMessage | undefined): Relayed | undefined {
    const key = keyOf(from, to);
    const known = this.#pairs.get(key);
    if (known !== undefined || this.#pairs.size >= MOST_PAIRS) return known;
    const isFromClient = message === undefined || message.class === 'request' || message.method === 'Send';
    const pair = { client: isFromClient ? from : to, channels: new Map(), isCredentialTold: false };
    this.#pairs.set(key, pair);
    return pair;
  }

  #carried(
    from: TransportAddress,
    to: TransportAddress,
    { client }: Relayed,
    peer: TransportAddress | undefined,
    payload: Uint8Array,
    place: PacketPlace,
    isCut: boolean,
  ): void {
    const isFromClient = from.address === client.address && from.port === client.port;
    const [source, destination] = isFromClient ? [from, peer ?? to] : [peer ?? from, to];
    const key = `${endText(source)} ${endText(destination)}`;
    let inner = this.#inner.get(key);
    if (inner === undefined) {
      if (this.#inner.size >= MOST_PEERS) return;
      inner = this.#open({ source, destination, protocol: 17, tunnel: 0, interface: 0 }, place);
      this.#inner.set(key, inner);
    }
    if (this.#layers >= MOST_LAYERS) return;
    this.#layers++;
    inner.datagram(payload, place, isCut);
    this.#layers--;
  }

  /** A password of a relay can be guessed from the code that proves it; those of ICE are drawn at random. */
  #credential(
    { credential }: StunMessage,
    pair: Relayed,
    from: TransportAddress,
    to: TransportAddress,
    place: PacketPlace,
  ): void {
    if (credential?.kind !== 'long-term' || pair.isCredentialTold) return;
    pair.isCredentialTold = true;
    this.#observations.disclose({
      kind: 'crackable-digest',
      place,
      protocol: 'turn',
      from,
      to,
      exposure: clear,
      subject: boundedText(credential.username) ?? '',
      detail: `${credential.mac} of a password for the relay, in realm ${boundedText(credential.realm) ?? ''}`,
    });
  }
}

function keyOf(one: TransportAddress, other: TransportAddress): string {
  const [a, b] = [endText(one), endText(other)];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
