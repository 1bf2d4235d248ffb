import type { FlowKey, TransportAddress } from '@trustline/capture';
import { endText } from '../model/end-text.ts';
import type { Observations } from '../model/observations.ts';
import type { SecureDatagramReaders } from '../recognise/recogniser.ts';
import type { PacketPlace } from '../traffic/place.ts';
import { readUdptl } from './udptl.ts';

/** Directions in which faxes go, and ports that signalling gives to them. */
const MOST_FLOWS = 10_000;
const MOST_PORTS = 50_000;
/** Packets in sequence without which it is an accident, and where signalling says that faxes go there. */
const FEWEST = 4;
const FEWEST_WHERE_SIGNALLED = 1;
/** So far the next number may be ahead: some were lost. */
const LARGEST_STEP = 16;

/** The fax of one direction between two ports. */
export interface SeenFax {
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  readonly packets: number;
  readonly octets: number;
  readonly first: PacketPlace;
  readonly last: PacketPlace;
}

interface Fax extends SeenFax {
  readonly isSignalled: boolean;
  packets: number;
  octets: number;
  data: number;
  inSequence: number;
  sequenceNumber: number;
  last: PacketPlace;
}

/**
 * Faxes by T.38 in UDPTL: by their form, or at ports of which signalling says it. What is found lies open; where DTLS carries it
 * (RFC 7345) there is nothing to be found.
 */
export class FaxDatagrams implements SecureDatagramReaders {
  readonly name = 't38';
  readonly reader = {
    datagram: (from: TransportAddress, to: TransportAddress, octets: Uint8Array, place: PacketPlace): void =>
      this.#datagram(from, to, octets, place),
  };
  readonly #ports = new Set<string>();
  readonly #faxes = new Map<string, Fax>();

  constructor(observations: Observations) {
    observations.onDescription((_, { kind, profile, receives }) => {
      if (kind !== 'image' || !/^UDPTL$/i.test(profile) || receives.port === 0) return;
      if (this.#ports.size < MOST_PORTS) this.#ports.add(endText(receives));
    });
  }

  recogniseDatagram(octets: Uint8Array, { source, destination }: Pick<FlowKey, 'source' | 'destination'>): boolean {
    return readUdptl(octets) !== undefined || (octets.byteLength > 4 && this.#isSignalled(source, destination));
  }

  faxes(): readonly SeenFax[] {
    return [...this.#faxes.values()].filter(isFax);
  }

  #isSignalled(source: TransportAddress, destination: TransportAddress): boolean {
    return this.#ports.has(endText(destination)) || this.#ports.has(endText(source));
  }

  #datagram(source: TransportAddress, destination: TransportAddress, octets: Uint8Array, place: PacketPlace): void {
    const key = `${endText(source)} ${endText(destination)}`;
    const sequenceNumber = ((octets[0] as number) << 8) | (octets[1] as number);
    let fax = this.#faxes.get(key);
    if (fax === undefined) {
      if (this.#faxes.size >= MOST_FLOWS) return;
      const isSignalled = this.#isSignalled(source, destination);
      const none = { packets: 0, octets: 0, data: 0, inSequence: 0, sequenceNumber };
      fax = { source, destination, isSignalled, ...none, first: place, last: place };
      this.#faxes.set(key, fax);
    }
    if (((sequenceNumber - fax.sequenceNumber) & 0xffff) <= LARGEST_STEP) fax.inSequence++;
    if (readUdptl(octets)?.says === 'data') fax.data++;
    fax.sequenceNumber = sequenceNumber;
    fax.packets++;
    fax.octets += octets.byteLength;
    fax.last = place;
  }
}

function isFax({ isSignalled, packets, inSequence, data }: Fax): boolean {
  if (isSignalled) return packets >= FEWEST_WHERE_SIGNALLED;
  return packets >= FEWEST && inSequence >= 0.8 * packets && data > 0;
}
