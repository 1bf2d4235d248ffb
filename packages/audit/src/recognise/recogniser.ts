import type { FlowKey, TransportAddress } from '@trustline/capture';
import { KeyHunt } from '../keys/key-hunt.ts';
import { clear, type Exposure } from '../model/exposure.ts';
import type { Observations } from '../model/observations.ts';
import type { ConnectionReader, DatagramReader, Recognition, SignallingProtocolReaders } from '../signalling/reader.ts';
import type { ConnectionEnds, ConnectionObserver } from '../traffic/connections.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { DatagramObserver, TrafficObserver } from '../traffic/traffic.ts';
import { type ConnectionCandidate, ConnectionRecognition } from './connection.ts';
import { type DatagramCandidate, DatagramFlow, type MediaWatch } from './datagrams.ts';
import type { ProtocolTally } from './tally.ts';

/** Opens what a secure connection carries, where its octets could be decrypted; `onRecognised` hears what that is. */
export type OpenWithin = (exposure: Exposure, onRecognised: (name: string) => void) => ConnectionReader;

/** Something that carries other protocols within it: TLS. */
export interface SecureConnectionReaders {
  readonly name: string;
  recogniseConnection(octets: Uint8Array): Recognition;
  /** The same of octets that begin anywhere. */
  recogniseWithin?(octets: Uint8Array): Recognition;
  openConnection(ends: ConnectionEnds, within: OpenWithin): ConnectionReader;
}

/** Something in datagrams that carries no signalling of calls: STUN, DTLS, IKE, ESP. */
export interface SecureDatagramReaders {
  readonly name: string;
  recogniseDatagram(octets: Uint8Array, key: FlowKey): boolean;
  readonly reader: DatagramReader;
  /** The protocol above IP (IANA) that is of it alone. */
  readonly protocol?: number;
  /** The name of one that is asked before media are, in a flow where this was recognised. */
  readonly opensWayFor?: string;
}

/** Where media goes. */
export interface MediaWatcher {
  watch(key: FlowKey): MediaWatch;
}

export interface RecogniserParts {
  readonly observations: Observations;
  readonly signalling: readonly SignallingProtocolReaders[];
  readonly secureConnections: readonly SecureConnectionReaders[];
  readonly secureDatagrams: readonly SecureDatagramReaders[];
  readonly media: MediaWatcher;
  readonly tally: ProtocolTally;
}

/** Layers of secure connections within each other that are followed. */
const MOST_LAYERS = 4;

/** Finds out what each flow and each connection carries, by what it says and not by its ports, and gives it to who reads that. */
export class Recogniser implements TrafficObserver {
  readonly #parts: RecogniserParts;
  readonly #connections: readonly ConnectionCandidate[];
  readonly #datagrams: readonly DatagramCandidate[];

  constructor(parts: RecogniserParts) {
    this.#parts = parts;
    this.#connections = [...parts.secureConnections.map((one) => this.#secure(one)), ...this.#signallingConnections()];
    this.#datagrams = [
      ...parts.secureDatagrams.map((one) => this.#secureDatagrams(one)),
      ...this.#signallingDatagrams(),
    ];
  }

  /** The capture is over. */
  end(): void {
    for (const { reader } of this.#datagrams) reader.end?.();
  }

  openDatagrams(key: FlowKey, _place: PacketPlace): DatagramObserver {
    const { media, tally } = this.#parts;
    return new DatagramFlow(key, {
      candidates: this.#datagrams,
      media: media.watch(key),
      mediaCount: tally.of('rtp'),
      unknown: tally.of('other datagrams'),
      hunt: this.#hunt(key.source, key.destination, clear),
    });
  }

  openFragments({ source, destination }: FlowKey): DatagramObserver {
    const hunt = this.#hunt(source, destination, clear);
    return { datagram: (octets, place) => hunt.piece(octets, place) };
  }

  openConnection(ends: ConnectionEnds, _place: PacketPlace): ConnectionObserver {
    return this.#recognise(ends, clear, 0);
  }

  #recognise(
    ends: ConnectionEnds,
    exposure: Exposure,
    depth: number,
    onRecognised?: (name: string) => void,
  ): ConnectionRecognition {
    const hunts = {
      client: this.#hunt(ends.client, ends.server, exposure),
      server: this.#hunt(ends.server, ends.client, exposure),
    };
    const candidates = depth >= MOST_LAYERS ? [] : this.#connections;
    return new ConnectionRecognition(candidates, { ends, exposure, depth, hunts }, (name) => {
      this.#parts.tally.of(name).connections++;
      onRecognised?.(name);
    });
  }

  #hunt(from: TransportAddress, to: TransportAddress, exposure: Exposure): KeyHunt {
    return new KeyHunt(this.#parts.observations.strayKeys, from, to, exposure);
  }

  #secure({
    name,
    recogniseConnection,
    recogniseWithin,
    openConnection,
  }: SecureConnectionReaders): ConnectionCandidate {
    return {
      name,
      recogniseConnection,
      ...(recogniseWithin === undefined ? {} : { recogniseWithin }),
      openConnection: (ends, _exposure, depth) =>
        openConnection(ends, (exposure, onRecognised) => this.#recognise(ends, exposure, depth + 1, onRecognised)),
    };
  }

  *#signallingConnections(): Generator<ConnectionCandidate> {
    const { signalling, observations } = this.#parts;
    for (const readers of signalling) {
      const { name } = readers;
      if (readers.recogniseConnection === undefined || readers.openConnection === undefined) continue;
      yield {
        name,
        recogniseConnection: (octets) => readers.recogniseConnection?.(octets) ?? 'no',
        openConnection: ({ client, server }, exposure) =>
          readers.openConnection?.({ observations, exposure, client, server }) ?? silent,
      };
    }
  }

  #secureDatagrams(readers: SecureDatagramReaders): DatagramCandidate {
    return {
      count: this.#parts.tally.of(readers.name),
      recogniseDatagram: (octets, key) => readers.recogniseDatagram(octets, key),
      reader: readers.reader,
      protocol: readers.protocol,
      opensWayFor: readers.opensWayFor,
    };
  }

  *#signallingDatagrams(): Generator<DatagramCandidate> {
    const { signalling, observations, tally } = this.#parts;
    for (const readers of signalling) {
      const reader = readers.openDatagrams?.({ observations, exposure: clear });
      if (reader === undefined || readers.recogniseDatagram === undefined) continue;
      yield {
        count: tally.of(readers.name),
        recogniseDatagram: (octets, { source, destination }) =>
          readers.recogniseDatagram?.(octets) === true || reader.expects?.(source, destination, octets) === true,
        reader,
      };
    }
  }
}

const silent: ConnectionReader = { data: () => {}, gap: () => {}, ended: () => {} };
