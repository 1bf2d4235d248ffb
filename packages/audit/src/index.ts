export { type Correlation, correlateAtBestLag } from './signal/correlate.ts';
export { detectDtmfTones, type ToneDigit } from './signal/dtmf-tones.ts';
export { MAXIMUM_TONE_LEVEL, toneLevel } from './signal/tone.ts';
export { type HeardFlow, Tap, type TapOptions } from './tap/tap.ts';
export type { TapKey } from './tap/unprotect.ts';
