/**
 * The discrete Fourier transform of complex values in place: `real` and `imaginary` have the same length, a power
 * of two. The inverse is the transform of the conjugate, divided by the length; callers that need it do so.
 */
export function fourierTransform(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length;
  reorder(real, imaginary);
  // Twiddle factors of the last stage; earlier stages take every second, fourth, ... of them.
  const cosines = Float64Array.from({ length: length / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / length));
  const sines = Float64Array.from({ length: length / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
  for (let half = 1; half < length; half *= 2) {
    const stride = length / (2 * half);
    for (let start = 0; start < length; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const [upper, lower] = [start + k, start + k + half];
        const c = cosines[k * stride] as number;
        const s = sines[k * stride] as number;
        const re = (real[lower] as number) * c - (imaginary[lower] as number) * s;
        const im = (real[lower] as number) * s + (imaginary[lower] as number) * c;
        real[lower] = (real[upper] as number) - re;
        imaginary[lower] = (imaginary[upper] as number) - im;
        real[upper] = (real[upper] as number) + re;
        imaginary[upper] = (imaginary[upper] as number) + im;
      }
    }
  }
}

/** Puts every value at the place whose index has its bits in reverse. */
function reorder(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length;
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    const [re, im] = [real[i] as number, imaginary[i] as number];
    real[i] = real[j] as number;
    imaginary[i] = imaginary[j] as number;
    real[j] = re;
    imaginary[j] = im;
  }
}
