import { clockRateOf, createVoiceDecoder, OpusLibrary, type VoiceCodec } from '../src/index.ts';

const codecs = Object.keys(clockRateOf) as VoiceCodec[];
const decoders = await OpusLibrary.load().then((opus) =>
  codecs.flatMap((codec) => ([8_000, 16_000] as const).map((rate) => createVoiceDecoder(codec, rate, opus))),
);

/** Opus packets of silence, in one frame and in several. */
export function corpus(): Uint8Array[] {
  return [Uint8Array.of(0, 0x78, 0xff, 0xfe), Uint8Array.of(0x0b, 0x02, 0xff, 0xfe, 0xff, 0xfe)];
}

/** Whatever comes is voice of 120 ms at most for Opus, or refused; the decoder goes on with the next. */
export function fuzz(data: Uint8Array): void {
  const [choice = 0, ...payload] = data;
  const decoder = decoders[choice % decoders.length];
  if (decoder === undefined) return;
  const samples = decoder.decode(Uint8Array.from(payload));
  if (choice % 7 === 0) decoder.lost(payload.length);
  const most = Math.max(2 * payload.length, (decoder.sampleRate * 120) / 1_000);
  if (samples !== undefined && samples.length > most) throw new Error('more than a packet can hold');
}
