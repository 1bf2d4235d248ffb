import { addressOctets } from '@trustline/capture';
import type { PacketPlace } from '../../traffic/place.ts';
import { innerPacketOf, type NullLayout } from './esp-null.ts';

const protocols = { ipInIp: 4, ipv6: 41 } as const;

/** Packets after which a flow without any sign of NULL is no more tried (RFC 5879 §3). */
const TRIES = 16;
const MOST_FLOWS = 10_000;
/** A stranger's octets may look like a packet once: of what has no checksum to tell by, two must. */
const CONFIRMATIONS = 2;

/** A packet that ESP carried without encryption, as one of raw IP, which has the outer addresses in transport mode. */
export interface EspInnerPacket {
  readonly octets: Uint8Array;
  readonly place: PacketPlace;
}

/** The packets of one SPI in one direction. */
export interface EspFacts {
  readonly protocol: 'esp';
  /** Eight digits. */
  readonly spi: string;
  readonly source: string;
  readonly destination: string;
  /**
   * `null-encryption`: the packets within parse and check (RFC 5879). `no-null-encryption`: none of many did, so it is encrypted, or
   * is something else. `undecided`: too few were seen.
   */
  readonly verdict: 'null-encryption' | 'no-null-encryption' | 'undecided';
  readonly packets: number;
  readonly octets: number;
  readonly firstPlace: PacketPlace;
  readonly lastPlace: PacketPlace;
}

interface Flow {
  readonly spi: string;
  readonly source: string;
  readonly destination: string;
  packets: number;
  octets: number;
  failures: number;
  layout: NullLayout | undefined;
  confirmations: number;
  /** What waits for another to confirm it. */
  waiting: EspInnerPacket[];
  readonly firstPlace: PacketPlace;
  lastPlace: PacketPlace;
}

/** Reads ESP (RFC 4303), and finds the packets within where nothing encrypts them (RFC 2410). */
export class EspReader {
  readonly #flows = new Map<string, Flow>();
  notKept = 0;

  /** Takes what IP or UDP carried, and gives the packets that can be read by now. */
  packet(octets: Uint8Array, source: string, destination: string, place: PacketPlace): readonly EspInnerPacket[] {
    const flow = this.#flowOf(octets, source, destination, place);
    if (flow === undefined) return [];
    flow.packets++;
    flow.octets += octets.byteLength;
    flow.lastPlace = place;
    if (flow.layout === undefined && flow.failures >= TRIES) return [];
    const found = innerPacketOf(octets, flow.layout, addressOctets(source), addressOctets(destination));
    if (found === undefined) {
      if (flow.confirmations < CONFIRMATIONS) forget(flow);
      return [];
    }
    flow.layout = found.layout;
    flow.confirmations += found.isCertain ? CONFIRMATIONS : 1;
    const { protocol, payload } = found;
    const isWhole = protocol === protocols.ipInIp || protocol === protocols.ipv6;
    const packet = isWhole
      ? payload.slice()
      : rawPacket(addressOctets(source), addressOctets(destination), protocol, payload);
    flow.waiting.push({ octets: packet, place });
    return flow.confirmations < CONFIRMATIONS ? [] : flow.waiting.splice(0);
  }

  facts(): readonly EspFacts[] {
    return [...this.#flows.values()].map(
      ({ spi, source, destination, packets, octets, firstPlace, lastPlace, ...flow }) => ({
        protocol: 'esp',
        spi,
        source,
        destination,
        verdict:
          flow.confirmations >= CONFIRMATIONS
            ? 'null-encryption'
            : flow.failures >= TRIES
              ? 'no-null-encryption'
              : 'undecided',
        packets,
        octets,
        firstPlace,
        lastPlace,
      }),
    );
  }

  #flowOf(octets: Uint8Array, source: string, destination: string, place: PacketPlace): Flow | undefined {
    if (octets.byteLength < 8) return undefined;
    const spi = [...octets.subarray(0, 4)].map((octet) => octet.toString(16).padStart(2, '0')).join('');
    const key = `${spi} ${source} ${destination}`;
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    if (this.#flows.size >= MOST_FLOWS) {
      this.notKept++;
      return undefined;
    }
    const places = { firstPlace: place, lastPlace: place };
    const counts = { packets: 0, octets: 0, failures: 0, confirmations: 0 };
    const flow: Flow = { spi, source, destination, ...counts, layout: undefined, waiting: [], ...places };
    this.#flows.set(key, flow);
    return flow;
  }
}

function forget(flow: Flow): void {
  flow.failures++;
  flow.layout = undefined;
  flow.confirmations = 0;
  flow.waiting = [];
}

/** What transport mode carries, with a header of its own. */
function rawPacket(source: Uint8Array, destination: Uint8Array, protocol: number, payload: Uint8Array): Uint8Array {
  const isIpv6 = source.byteLength === 16;
  const header = isIpv6 ? 40 : 20;
  const packet = new Uint8Array(header + payload.byteLength);
  const view = new DataView(packet.buffer);
  packet[0] = isIpv6 ? 0x60 : 0x45;
  view.setUint16(isIpv6 ? 4 : 2, isIpv6 ? payload.byteLength : packet.byteLength);
  packet[isIpv6 ? 6 : 9] = protocol;
  packet.set(source, isIpv6 ? 8 : 12);
  packet.set(destination, isIpv6 ? 24 : 16);
  packet.set(payload, header);
  return packet;
}
