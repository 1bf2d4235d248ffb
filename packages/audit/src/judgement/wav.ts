/** A WAV file of one channel with 16 bits, in base64: what a browser plays from the report itself. */
export function wavBase64(samples: Int16Array, sampleRate: number): string {
  const octets = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(octets.buffer);
  const text = (at: number, words: string) => {
    for (let index = 0; index < words.length; index++) octets[at + index] = words.charCodeAt(index);
  };
  text(0, 'RIFF');
  view.setUint32(4, 36 + 2 * samples.length, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true); // length of the format: PCM, one channel
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  for (const [at, sample] of samples.entries()) view.setInt16(44 + 2 * at, sample, true);
  return base64(octets);
}

function base64(octets: Uint8Array): string {
  const pieces: string[] = [];
  // A multiple of three, so that pieces can be put together.
  for (let at = 0; at < octets.byteLength; at += 24_000) {
    pieces.push(btoa(String.fromCharCode(...octets.subarray(at, at + 24_000))));
  }
  return pieces.join('');
}
