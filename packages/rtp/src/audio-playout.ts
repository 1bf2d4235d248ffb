/** What a payload type of the session means. */
export type PlayoutPayload = 'PCMA' | 'PCMU' | 'comfort-noise' | 'telephone-event';

export interface AudioPlayoutOptions {
  /** By payload type number as negotiated, for instance `new Map([[8, 'PCMA'], [13, 'comfort-noise']])`. */
  readonly payloadTypes: ReadonlyMap<number, PlayoutPayload>;
  /** Samples each `play` produces; 160 (20 ms at 8 kHz) by default. */
  readonly frameSamples?: number;
  readonly minimumDelayMilliseconds?: number;
  readonly maximumDelayMilliseconds?: number;
  /** Fills with random octets, for comfort noise. */
  readonly random: (length: number) => Uint8Array;
}

/** What one frame of play-out was made of. */
export type PlayoutSource = 'received' | 'concealed' | 'comfort-noise' | 'silence';

export interface PlayoutStatistics {
  readonly delayMilliseconds: number;
  readonly targetDelayMilliseconds: number;
  readonly received: number;
  readonly late: number;
  readonly duplicate: number;
  readonly overflowed: number;
  readonly concealedFrames: number;
}

/** Jitter buffer, decoder, concealment and comfort noise in one: packets in as they arrive, even audio out. */
export declare class AudioPlayout {
  constructor(options: AudioPlayoutOptions);
  /** The payload is copied. */
  handlePacket(
    now: number,
    payloadType: number,
    sequenceNumber: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
  ): void;
  /** Call once per frame time; fills `out` with `frameSamples` samples and says what they are. */
  play(now: number, out: Int16Array): PlayoutSource;
  statistics(): PlayoutStatistics;
}
