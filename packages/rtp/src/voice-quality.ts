export interface VoiceQualityInput {
  /** Mouth to ear, one way: half the round trip plus packet time plus jitter buffer. */
  readonly oneWayDelayMilliseconds: number;
  /** Lost or discarded share of the packets, 0 to 1. */
  readonly lossRatio: number;
  /** G.113 appendix I values; G.711 with concealment by default. */
  readonly codec?: 'G.711' | 'G.711-without-concealment' | 'G.729A';
}

export interface VoiceQuality {
  /** Transmission rating factor R, 0 to 100. */
  readonly rating: number;
  /** Estimated mean opinion score, 1 to 4.5. */
  readonly meanOpinionScore: number;
}

export declare function estimateVoiceQuality(input: VoiceQualityInput): VoiceQuality;
