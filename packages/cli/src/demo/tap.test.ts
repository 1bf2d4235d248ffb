import { speechLike } from '@trustline/phone';
import { nodeCrypto } from '@trustline/srtp/node';
import { describe, expect, test } from 'vitest';
import { brokenCrypto } from './broken-crypto.ts';
import { capturedAt, datagramsOf, type LineOptions } from './line.fixture.ts';
import { eachEnd, limits, MAXIMUM_LAG_SECONDS, SPEECH_SECONDS } from './plan.ts';
import { compare, hear, likeness } from './tap.ts';

const ports = { caller: 40_000, called: 41_000 };
const at = (port: number) => ({ address: '127.0.0.1', port });
const master = (seed: number) => ({
  key: Uint8Array.from({ length: 16 }, (_, index) => seed + index),
  salt: Uint8Array.from({ length: 14 }, (_, index) => 2 * seed + index),
});
const keys = eachEnd((end) => master(ports[end] % 251));
const lines = eachEnd((end): LineOptions => {
  const [source, destination] = end === 'caller' ? [ports.caller, ports.called] : [ports.called, ports.caller];
  return {
    speech: speechLike(SPEECH_SECONDS, source).samples,
    source: at(source),
    destination: at(destination),
    digits: [4, 7, 1, 1],
    srtp: { crypto: nodeCrypto, ...keys[end] },
  };
});
const tapKeys = [keys.caller, keys.called].map(({ key, salt }) => ({
  profile: 'AES_CM_128_HMAC_SHA1_80' as const,
  masterKey: key,
  masterSalt: salt,
}));

function listen(packets: Parameters<typeof hear>[0], said: typeof lines, withKeys: Parameters<typeof hear>[1]) {
  const directions = eachEnd((end) => ({ ...said[end], maximumLagSeconds: MAXIMUM_LAG_SECONDS }));
  return compare(hear(packets, withKeys), directions);
}

/** The call as captured at both ends, its lines changed. */
function call(change: (line: LineOptions) => LineOptions = (line) => line, interfaces = ['caller', 'called']) {
  return [lines.caller, lines.called].flatMap((line) => {
    const datagrams = datagramsOf(change(line));
    return interfaces.flatMap((name) => capturedAt(name, datagrams, line));
  });
}

describe('a tap on an encrypted call', () => {
  test('hears nothing without keys, over at least five seconds of each direction, and sees no digit', () => {
    for (const tapped of Object.values(listen(call(), lines, []))) {
      expect(tapped.highest).toBeLessThan(limits.unheard);
      expect(tapped.seconds).toBeGreaterThanOrEqual(limits.seconds);
      expect(tapped).toMatchObject({ digits: '', opened: 0, interfaces: ['called', 'caller'] });
      expect(tapped.packets).toBeGreaterThan(400);
    }
  });

  test('hears every word and digit with the keys, at both ends', () => {
    for (const tapped of Object.values(listen(call(), lines, tapKeys))) {
      expect(tapped.lowest).toBeGreaterThan(limits.heard);
      expect(tapped).toMatchObject({ digits: '4711', opened: 2 });
    }
  });

  test('hears all of it where the cipher does nothing, though the packets look protected', () => {
    const sabotaged = call((line) => ({ ...line, srtp: { crypto: brokenCrypto, ...master(1) } }));
    for (const tapped of Object.values(listen(sabotaged, lines, []))) expect(tapped.highest).toBeGreaterThan(0.95);
  });

  test('is not taken in by one second that slipped out in the clear', () => {
    const leaky = call((line) => ({ ...line, clearFrom: SPEECH_SECONDS * 50 - 50, digits: [] }));
    for (const tapped of Object.values(listen(leaky, lines, [])))
      expect(tapped.highest).toBeGreaterThan(limits.unheard);
  });
});

test('a tap on a clear call hears every word and every digit', () => {
  for (const tapped of Object.values(
    listen(
      call(({ srtp: _, ...line }) => line),
      lines,
      [],
    ),
  )) {
    expect(tapped.lowest).toBeGreaterThan(limits.heard);
    expect(tapped.digits).toBe('4711');
  }
});

test('a tap that captured nothing, or at one end only, says so', () => {
  expect(listen([], lines, []).caller).toMatchObject({ interfaces: [], packets: 0, seconds: 0, lowest: 0 });
  expect(listen(call(undefined, ['caller']), lines, []).called.interfaces).toEqual(['caller']);
});

test('likeness follows a delay that changes in the middle of the speech', () => {
  const { speech } = lines.caller;
  const half = speech.length / 2;
  const played = new Int16Array(speech.length + 4_000);
  played.set(speech.subarray(0, half), 1_000);
  played.set(speech.subarray(half), half + 1_094);
  expect(likeness(speech, played)).toBeGreaterThan(0.95);
  expect(likeness(speech, lines.called.speech)).toBeLessThan(0.3);
});
