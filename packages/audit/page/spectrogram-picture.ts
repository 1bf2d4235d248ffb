import { spectrogramOf } from '../src/report/html/spectrogram.ts';
import { soundOf } from './player.ts';

const MOST_COLUMNS = 600;

/** From nothing to loud: the same steps of brightness, also to those who do not see colours. */
const shades = [
  [11, 10, 20],
  [62, 20, 96],
  [150, 38, 103],
  [226, 92, 50],
  [250, 178, 60],
  [252, 252, 190],
] as const;

/** Draws the sound of a stream: time from left to right, low to high from bottom to top. */
export function drawSpectrogram(canvas: HTMLCanvasElement, number: string): void {
  const sound = soundOf(number);
  const context = canvas.getContext('2d');
  if (sound === undefined || context === null) return;
  const { columns, bands, strengths } = spectrogramOf(sound, MOST_COLUMNS);
  canvas.width = columns;
  canvas.height = bands;
  const image = context.createImageData(columns, bands);
  for (let column = 0; column < columns; column++) {
    for (let band = 0; band < bands; band++) {
      const at = 4 * ((bands - 1 - band) * columns + column);
      image.data.set(shade(strengths[column * bands + band] ?? 0), at);
    }
  }
  context.putImageData(image, 0, 0);
}

function shade(strength: number): readonly number[] {
  const place = strength * (shades.length - 1);
  const below = Math.min(shades.length - 2, Math.floor(place));
  const [dark, light] = [shades[below] ?? shades[0], shades[below + 1] ?? shades[1]];
  return [...dark.map((value, part) => value + (place - below) * ((light[part] ?? value) - value)), 255];
}
