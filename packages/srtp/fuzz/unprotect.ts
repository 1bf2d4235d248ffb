import { createSrtpReceiver } from '../src/index.ts';
import { optionsOf } from '../src/testing/fuzz-options.fixture.ts';

/** A packet that libsrtp protected, behind two octets that choose the options. */
export function corpus(): Uint8Array[] {
  const packet = '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb';
  const extended =
    '910f1234decafbadcafebabe00000001bede000212aabbcc20dd30ee4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea';
  return [packet, extended].flatMap((hexadecimal) =>
    [0, 1, 2, 8, 0x20, 0x40].map((second) =>
      Uint8Array.from([0, second, ...(hexadecimal.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))]),
    ),
  );
}

/** The input as SRTP and as SRTCP, to a receiver that nobody sent anything: nothing of it may pass, and nothing stay. */
export function fuzz(data: Uint8Array): void {
  const options = optionsOf(data[0] ?? 0, data[1] ?? 0);
  const receiver = createSrtpReceiver({ ...options, rolloverCounterSearch: 1 });
  const packet = data.subarray(2);
  const out = new Uint8Array(Math.max(packet.byteLength, 64));
  for (const outcome of [receiver.unprotect(packet, out), receiver.unprotectRtcp(packet, out)]) {
    if (typeof outcome === 'number') throw new Error('a packet that nobody protected was accepted');
  }
  if (receiver.streamCount !== 0) throw new Error('a refused packet left state behind');
  receiver.close();
}
