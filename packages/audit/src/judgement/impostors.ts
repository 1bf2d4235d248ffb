import type { TransportAddress } from '@trustline/capture';
import { endText } from '../model/end-text.ts';
import type { Finding } from '../model/report.ts';
import type { DtlsAssociation } from '../secure-transport/dtls-datagrams.ts';
import type { CallFacts } from './call-facts.ts';
import { findingOf } from './catalogue.ts';

/** Handshakes of DTLS by the ports that they went between. */
export class HandshakesByPort {
  readonly #byPort = new Map<string, DtlsAssociation[]>();

  constructor(associations: readonly DtlsAssociation[]) {
    for (const association of associations) {
      for (const end of association.ends) {
        const known = this.#byPort.get(endText(end));
        if (known === undefined) this.#byPort.set(endText(end), [association]);
        else known.push(association);
      }
    }
  }

  at(end: TransportAddress): readonly DtlsAssociation[] {
    return this.#byPort.get(endText(end)) ?? [];
  }
}

/**
 * That an end of the media's handshake shows a certificate which no description of the call announced (RFC 5763 §5): somebody
 * stands between. It is only told where both ends' descriptions were read, so that none is missing.
 */
export function* impostors(
  { legs, streams }: Pick<CallFacts, 'legs' | 'streams'>,
  handshakes: HandshakesByPort,
): Generator<Finding> {
  const announced = new Set<string>();
  const ends = new Set<string>();
  const places: TransportAddress[] = streams.flatMap(({ source, destination }) => [source, destination]);
  for (const leg of legs) {
    for (const { fingerprints = [], end, receives, candidates = [] } of leg.descriptions) {
      if (fingerprints.length === 0) continue;
      ends.add(end);
      places.push(receives, ...candidates);
      for (const fingerprint of fingerprints) announced.add(normal(fingerprint));
    }
  }
  if (ends.size < 2) return;
  const associations = new Set(places.flatMap((place) => handshakes.at(place)));
  const strangers = [...associations].flatMap(({ certificates }) =>
    certificates.filter(({ fingerprints }) => !fingerprints.some((one) => announced.has(normal(one)))),
  );
  const [first] = strangers;
  if (first === undefined) return;
  const detail = `${endText(first.end)} showed a certificate whose fingerprint no description of this call has.`;
  yield findingOf('dtls-fingerprint-mismatch', detail, [
    { packets: strangers.map(({ place }) => place.number), says: 'the certificate of the handshake' },
  ]);
}

function normal(fingerprint: string): string {
  return fingerprint.toLowerCase().replace(/\s+/, ' ');
}
