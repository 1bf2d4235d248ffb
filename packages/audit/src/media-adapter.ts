import type { FlowKey } from '@trustline/capture';
import type { StreamFacts } from './judgement/stream-facts.ts';
import type { RtpStreamReport } from './media/rtp-stream.ts';
import { RtpStreams } from './media/rtp-streams.ts';
import { endText } from './model/end-text.ts';
import type { MediaWatch } from './recognise/datagrams.ts';

/** Media by its headers alone: what is in it is not looked at, so nothing is said of it. */
export class MediaStreams {
  readonly #streams = new RtpStreams();

  watch(key: FlowKey): MediaWatch {
    return this.#streams.watch(key);
  }

  limits(): readonly string[] {
    return [];
  }

  facts(): readonly StreamFacts[] {
    return this.#streams.reports().map(factsOf);
  }
}

function factsOf(report: RtpStreamReport): StreamFacts {
  const { source, destination, ssrc, first, last } = report;
  return {
    source,
    destination,
    ssrc,
    kind: 'unknown',
    first,
    last,
    key: undefined,
    weaknesses: [],
    weaknessPackets: {},
    report: {
      source: endText(source),
      destination: endText(destination),
      ssrc: `0x${ssrc.toString(16).padStart(8, '0')}`,
      payloadTypes: report.payloadTypes,
      codec: null,
      firstPacket: first.number,
      lastPacket: last.number,
      start: new Date(first.microseconds / 1_000).toISOString(),
      durationSeconds: (last.microseconds - first.microseconds) / 1e6,
      packets: report.packets,
      lost: report.lost,
      repeated: report.repeated,
      late: report.late,
      octets: report.octets,
      jitterMilliseconds: report.jitter ?? null,
      state: 'unknown',
      because: 'What is in its packets was not looked at.',
      clearPackets: 0,
      openedPackets: 0,
      closedPackets: report.packets,
      key: null,
      audio: null,
      noisePeaks: null,
      digits: [],
    },
  };
}
