import fc from 'fast-check';
import { test } from 'vitest';
import { fuzz as fuzzJitterBuffer } from '../fuzz/jitter-buffer.ts';
import { fuzz as fuzzPacket } from '../fuzz/packet.ts';
import { fuzz as fuzzRtcp } from '../fuzz/rtcp.ts';
import { fuzz as fuzzVoiceCodec } from '../fuzz/voice-codec.ts';
import { fuzz as fuzzWav } from '../fuzz/wav.ts';

test.each([
  ['packet', fuzzPacket],
  ['rtcp', fuzzRtcp],
  ['jitter-buffer', fuzzJitterBuffer],
  ['voice-codec', fuzzVoiceCodec],
  ['wav', fuzzWav],
])('the fuzz target %s holds on random input', (_, fuzz) => {
  const rtpLike = fc
    .uint8Array({ minLength: 12, maxLength: 64 })
    .map((data) => data.with(0, 0x80 | ((data[0] ?? 0) % 64)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 1000 }), rtpLike), (data) => fuzz(data)),
    { numRuns: 300 },
  );
});
