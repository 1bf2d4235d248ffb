import { element, type PageElement } from '../element.ts';

/** Bars of a picture at most: more would be thinner than a pixel on a phone. */
const MOST_BARS = 200;
const HEIGHT = 64;

/** The picture of a sound: for each stretch of time a bar as high as its peak (0..255). */
export function waveform(peaks: readonly number[], says: string | null, kind = ''): PageElement {
  const bars = Math.min(MOST_BARS, peaks.length);
  let d = '';
  for (let bar = 0; bar < bars; bar++) {
    const start = Math.floor((bar * peaks.length) / bars);
    const end = Math.max(start + 1, Math.floor(((bar + 1) * peaks.length) / bars));
    const peak = Math.max(...peaks.slice(start, end));
    const half = Math.max(0.75, (Math.min(255, peak) / 255) * (HEIGHT / 2 - 1));
    d += `M${bar * 3} ${(HEIGHT / 2 - half).toFixed(1)}h2v${(2 * half).toFixed(1)}h-2z`;
  }
  return element(
    'svg',
    {
      class: `waveform ${kind}`.trim(),
      viewBox: `0 0 ${Math.max(1, bars * 3 - 1)} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      ...(says === null ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': says }),
    },
    element('path', { d }),
  );
}
