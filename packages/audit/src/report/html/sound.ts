/** What a WAV file of a report holds: mono, 16 bit. */
export interface Sound {
  readonly rate: number;
  readonly samples: Int16Array;
}

const PCM = 1;
const MU_LAW = 7;

/** Reads mono WAV of 16 bit PCM or mu-law (ITU-T G.711), as reports include it; undefined where it is neither. */
export function readSound(octets: Uint8Array): Sound | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (octets.length < 12 || name(octets, 0) !== 'RIFF' || name(octets, 8) !== 'WAVE') return undefined;
  let format: { readonly kind: number; readonly rate: number } | undefined;
  for (let at = 12; at + 8 <= octets.length; ) {
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name(octets, at) === 'fmt ' && start + 16 <= octets.length) {
      if (view.getUint16(start + 2, true) !== 1) return undefined;
      format = { kind: view.getUint16(start, true), rate: view.getUint32(start + 4, true) };
    }
    if (name(octets, at) === 'data') {
      if (format === undefined || format.rate === 0) return undefined;
      const end = Math.min(octets.length, start + length);
      if (format.kind === PCM) return { rate: format.rate, samples: fromLinear(view, start, end) };
      if (format.kind === MU_LAW) return { rate: format.rate, samples: fromMuLaw(octets.subarray(start, end)) };
      return undefined;
    }
    at = start + length + (length & 1);
  }
  return undefined;
}

function name(octets: Uint8Array, at: number): string {
  return String.fromCharCode(...octets.subarray(at, at + 4));
}

function fromLinear(view: DataView, start: number, end: number): Int16Array {
  const samples = new Int16Array((end - start) >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(start + 2 * i, true);
  return samples;
}

function fromMuLaw(octets: Uint8Array): Int16Array {
  return Int16Array.from(octets, (octet) => {
    const code = ~octet & 0xff;
    const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
    return code & 0x80 ? -magnitude : magnitude;
  });
}

/** The same sound as 16 bit PCM, which every browser plays. */
export function writeSound({ rate, samples }: Sound): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(octets.buffer);
  const words = [0x46464952, 36 + 2 * samples.length, 0x45564157, 0x20746d66, 16, 0x10001, rate, 2 * rate, 0x100002];
  for (const [index, word] of [...words, 0x61746164, 2 * samples.length].entries()) {
    view.setUint32(4 * index, word, true);
  }
  for (let i = 0; i < samples.length; i++) view.setInt16(44 + 2 * i, samples[i] as number, true);
  return octets;
}
