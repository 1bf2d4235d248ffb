import type { SeenFax } from '../fax/fax-datagrams.ts';
import { endText } from '../model/end-text.ts';
import type { StreamFacts } from './stream-facts.ts';
import { timeText } from './times.ts';

/** What such a stream has in place of a codec. */
const FAX = 'T.38';

/** A fax as a stream of media in the clear. */
export function factsOfFax({ source, destination, packets, octets, first, last }: SeenFax): StreamFacts {
  return {
    source,
    destination,
    ssrc: 0,
    kind: 'unknown',
    first,
    last,
    key: undefined,
    weaknesses: [],
    weaknessPackets: {},
    report: {
      source: endText(source),
      destination: endText(destination),
      ssrc: '0x00000000',
      payloadTypes: [],
      codec: FAX,
      firstPacket: first.number,
      lastPacket: last.number,
      start: timeText(first),
      durationSeconds: Math.round((last.microseconds - first.microseconds) / 1_000) / 1_000,
      packets,
      lost: 0,
      repeated: 0,
      late: 0,
      octets,
      jitterMilliseconds: null,
      state: 'clear',
      because: 'Its packets are those of a fax by T.38, which encrypts nothing.',
      clearPackets: packets,
      openedPackets: 0,
      closedPackets: 0,
      key: null,
      audio: null,
      noisePeaks: null,
      digits: [],
    },
  };
}

export function isFax({ report: { codec } }: StreamFacts): boolean {
  return codec === FAX;
}
