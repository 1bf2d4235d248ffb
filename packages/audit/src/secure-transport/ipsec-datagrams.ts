import { hexadecimal } from '@trustline/base';
import { type CapturedPacket, type FlowKey, linkTypes, type TransportAddress } from '@trustline/capture';
import { endText } from '../model/end-text.ts';
import type { ReportSecureConnection } from '../model/report.ts';
import type { SecureDatagramReaders } from '../recognise/recogniser.ts';
import type { PacketPlace } from '../traffic/place.ts';
import { type EspFacts, EspReader } from './ipsec/esp-reader.ts';
import { type IkeFacts, IkeReader } from './ipsec/ike-reader.ts';
import { looksLikeIke, withoutNonEspMarker } from './recognise.ts';

type Ends = Pick<FlowKey, 'source' | 'destination'>;

/** Of ESP as IP carries it (IANA). */
export const ESP_PROTOCOL = 50;
const UDP_PORT = 4_500;
/** SPI, sequence number, and the least of what is within. */
const SHORTEST_ESP = 20;
const MOST_PAIRS = 20_000;

/** IKE, and ESP by itself or in UDP where IKE was seen. What ESP carries without encryption is taken apart anew. */
export class IpsecDatagrams {
  readonly #ike = new IkeReader();
  readonly #esp = new EspReader();
  readonly #onInner: (packet: CapturedPacket) => void;
  /** Hosts between which IKE went: ESP in UDP tells itself by nothing else. */
  readonly #pairs = new Set<string>();
  readonly #ends = new Map<string, Ends>();
  readonly #inner = { linkType: linkTypes.raw, snapLength: 0, name: 'within ESP' };

  /** `onInner`: given packets that lay open within ESP. */
  constructor(onInner: (packet: CapturedPacket) => void) {
    this.#onInner = onInner;
  }

  get readers(): readonly SecureDatagramReaders[] {
    return [this.#ikeReaders, this.#espReaders];
  }

  /** Packets of further associations, for which there was no room. */
  get notKept(): number {
    return this.#ike.notKept + this.#esp.notKept;
  }

  /** Numbered on from `first`. */
  reports(first: number): readonly ReportSecureConnection[] {
    const ike = this.#ike.facts().map((facts, at) => this.#ikeReport(facts, first + at));
    return [...ike, ...this.#esp.facts().map((facts, at) => espReport(facts, first + ike.length + at))];
  }

  readonly #ikeReaders: SecureDatagramReaders = {
    name: 'ike',
    opensWayFor: 'esp',
    recogniseDatagram: (octets) => looksLikeIke(octets) === 'yes',
    reader: {
      datagram: (source, destination, octets, place) => {
        if (!this.#ike.datagram(octets, place) || this.#ends.size >= MOST_PAIRS) return;
        this.#pairs.add(pairText(source, destination));
        const spi = hexadecimal(withoutNonEspMarker(octets).subarray(0, 8));
        if (!this.#ends.has(spi)) this.#ends.set(spi, { source, destination });
      },
    },
  };

  readonly #espReaders: SecureDatagramReaders = {
    name: 'esp',
    protocol: ESP_PROTOCOL,
    recogniseDatagram: (octets, { protocol, source, destination }) => {
      if (octets.byteLength < SHORTEST_ESP) return false;
      if (protocol === ESP_PROTOCOL) return true;
      // RFC 3948 §2: no marker of zeros stands before it, and no single octet of a keep-alive is it.
      const isMarked = octets[0] === 0 && octets[1] === 0 && octets[2] === 0 && octets[3] === 0;
      if (isMarked) return false;
      // RFC 3948 gives it this port; of one that was joined late nothing else tells.
      if (source.port === UDP_PORT || destination.port === UDP_PORT) return true;
      return this.#pairs.has(pairText(source, destination));
    },
    reader: {
      datagram: (source, destination, octets, place) => {
        for (const inner of this.#esp.packet(octets, source.address, destination.address, place)) {
          this.#onInner(this.#packet(inner.octets, inner.place));
        }
      },
    },
  };

  #packet(data: Uint8Array, { number, microseconds }: PacketPlace): CapturedPacket {
    const time = microseconds === 0 ? undefined : { microseconds, nanoseconds: 0 };
    const shared = { kind: 'packet', number, time, data, originalLength: data.byteLength } as const;
    return { ...shared, interface: this.#inner, direction: undefined, comment: undefined };
  }

  #ikeReport(facts: IkeFacts, number: number): ReportSecureConnection {
    const ends = this.#ends.get(facts.initiatorSpi);
    const suite = [facts.chosen?.encryption, facts.group].flat().filter((word) => word !== undefined);
    return {
      ...blank(number, facts),
      protocol: 'ike',
      client: ends === undefined ? '' : endText(ends.source),
      server: ends === undefined ? '' : endText(ends.destination),
      version: `IKE version ${facts.version}, ${facts.mode}`,
      suite: suite.length === 0 ? null : suite.join(', '),
      weaknesses: facts.weaknesses.map(({ code, detail }) => `${code}: ${detail}`),
      opened: 'no',
    };
  }
}

function espReport(facts: EspFacts, number: number): ReportSecureConnection {
  const isNull = facts.verdict === 'null-encryption';
  return {
    ...blank(number, facts),
    protocol: 'esp',
    client: facts.source,
    server: facts.destination,
    version: null,
    suite: isNull ? 'NULL encryption' : null,
    weaknesses: isNull ? [`esp-null-encryption: SPI ${facts.spi}`] : [],
    opened: isNull ? 'null-cipher' : 'no',
    octets: facts.octets,
  };
}

function blank(
  number: number,
  { firstPlace, lastPlace }: { readonly firstPlace: PacketPlace; readonly lastPlace: PacketPlace },
) {
  return {
    number,
    forwardSecrecy: null,
    mutual: null,
    serverName: null,
    certificates: [],
    carries: null,
    firstPacket: firstPlace.number,
    lastPacket: lastPlace.number,
    octets: 0,
  };
}

function pairText(one: TransportAddress, other: TransportAddress): string {
  return one.address < other.address ? `${one.address} ${other.address}` : `${other.address} ${one.address}`;
}
