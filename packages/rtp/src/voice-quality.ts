/**
 * An estimate of how a call sounds: the E-model of ITU-T G.107 with everything but delay, loss and codec at its
 * default.
 */

/** Equipment impairment and packet-loss robustness of G.113 appendix I. */
const codecs = {
  /** With concealment as in G.711 appendix I. */
  'G.711': { impairment: 0, lossRobustness: 25.1 },
  'G.711-without-concealment': { impairment: 0, lossRobustness: 4.3 },
  'G.729A': { impairment: 11, lossRobustness: 19 },
} as const;

export type VoiceQualityCodec = keyof typeof codecs;

/** Transmission rating of a connection with every parameter at its default (G.107 §7.7). */
const DEFAULT_RATING = 93.2;
/** Beyond this one-way delay conversation itself begins to suffer. */
const NOTICEABLE_DELAY_MILLISECONDS = 177.3;

export interface VoiceQualityInput {
  /** Mouth to ear, one way: half the round trip plus packet time plus jitter buffer. */
  readonly oneWayDelayMilliseconds: number;
  /** Lost or discarded share of the packets, 0 to 1. */
  readonly lossRatio: number;
  /** How much longer bursts of loss are than random loss would make them; 1 (random) by default. */
  readonly burstRatio?: number;
  /** `G.711` (with concealment) by default. */
  readonly codec?: VoiceQualityCodec;
}

export interface VoiceQuality {
  /** Transmission rating factor R, 0 to 100. */
  readonly rating: number;
  /** Estimated mean opinion score, 1 to 4.5 (G.107 annex B). */
  readonly meanOpinionScore: number;
}

export function estimateVoiceQuality(input: VoiceQualityInput): VoiceQuality {
  const { impairment, lossRobustness } = codecs[input.codec ?? 'G.711'];
  const delay = Math.max(0, input.oneWayDelayMilliseconds);
  const lossPercent = 100 * Math.min(1, Math.max(0, input.lossRatio));
  const burstRatio = Math.max(1, input.burstRatio ?? 1);

  // Id, in the piecewise linear form of Cole and Rosenbluth that fits G.107 at its defaults
  const delayImpairment = 0.024 * delay + 0.11 * Math.max(0, delay - NOTICEABLE_DELAY_MILLISECONDS);
  // Ie,eff = Ie + (95 − Ie) · Ppl / (Ppl / BurstR + Bpl), G.107 §7.5
  const effectiveImpairment =
    impairment + ((95 - impairment) * lossPercent) / (lossPercent / burstRatio + lossRobustness);
  const rating = Math.min(100, Math.max(0, DEFAULT_RATING - delayImpairment - effectiveImpairment));
  const score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
  return { rating, meanOpinionScore: Math.min(4.5, Math.max(1, score)) };
}
