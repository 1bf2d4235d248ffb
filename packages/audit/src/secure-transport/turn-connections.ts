import type { SecureConnectionReaders } from '../recognise/recogniser.ts';
import type { ConnectionReader, Recognition } from '../signalling/reader.ts';
import type { ConnectionEnds, ConnectionSide } from '../traffic/connections.ts';
import type { PacketPlace } from '../traffic/place.ts';
import { looksLikeStun } from './recognise.ts';
import { StunStream } from './stun/stun-stream.ts';
import type { TurnDatagrams } from './turn-datagrams.ts';

/** TURN by TCP (RFC 8656 §2.1): messages of STUN and channels one after the other, whose media goes on as that of datagrams. */
export function turnConnections(turn: TurnDatagrams): SecureConnectionReaders {
  return {
    name: turn.name,
    recogniseConnection: looksLikeTurnStream,
    openConnection: (ends) => new TurnConnection(turn, ends),
  };
}

/** A message of STUN; or media in a channel, and the head of what follows it, of a connection that was joined late. */
function looksLikeTurnStream(octets: Uint8Array): Recognition {
  const asStun = looksLikeStun(octets, true);
  const [first = 0, , high = 0, low = 0, payload = 0] = octets;
  if (asStun !== 'no' || first >> 4 !== 4) return asStun;
  if (octets.byteLength < 5) return 'more';
  const length = (high << 8) | low;
  // RTP or RTCP, which begins with its version.
  if (payload >> 6 !== 2 || length < 8) return 'no';
  const next = octets[4 + length + (-length & 3)];
  if (next === undefined) return octets.byteLength < 4 + length ? 'more' : 'yes';
  return next >> 4 === 4 || next >> 6 === 0 ? 'yes' : 'no';
}

class TurnConnection implements ConnectionReader {
  readonly #streams: Record<ConnectionSide, StunStream>;
  readonly #streamOf: (from: ConnectionSide) => StunStream;
  #place: PacketPlace = { number: 0, microseconds: 0 };

  constructor(turn: TurnDatagrams, { client, server }: ConnectionEnds) {
    this.#streamOf = (from) => {
      const [source, destination] = from === 'client' ? [client, server] : [server, client];
      return new StunStream((message) => {
        if (message.kind === 'channel-data') turn.channelData(source, destination, message, this.#place, false);
        else turn.stun(source, destination, message, this.#place, false);
      });
    };
    this.#streams = { client: this.#streamOf('client'), server: this.#streamOf('server') };
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    this.#place = place;
    // After a gap a segment may begin with a message again.
    if (this.#streams[from].isLost && looksLikeTurnStream(octets) === 'yes') this.#streams[from] = this.#streamOf(from);
    this.#streams[from].push(octets);
  }

  gap(from: ConnectionSide): void {
    this.#streams[from].lose();
  }

  ended(): void {}
}
