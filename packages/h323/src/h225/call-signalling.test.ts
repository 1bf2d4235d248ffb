import { describe, expect, test } from 'vitest';
import { vectors } from '../vectors.fixture.ts';
import { decodeCallSignalling, encodeCallSignalling, userInformationCodec } from './call-signalling.ts';

const release = vectors.find(({ name }) => name === 'releaseComplete-normal')?.octets ?? new Uint8Array(0);
const header = [8, 2, 0x80, 0x14, 0x5a, 8, 2, 0x80, 0x90];

describe('H.225.0 §7.2.2.31', () => {
  test('a message without User-user is one', () => {
    const result = decodeCallSignalling(Uint8Array.from(header));
    if (!result.ok) throw result.error;
    expect(result.message.userInformation).toBeUndefined();
    expect([...encodeCallSignalling(result.message)]).toEqual(header);
  });

  test('User-user is written after elements with lower identifiers, wherever those of one octet stand', () => {
    const decoded = userInformationCodec.decode(release);
    if (!decoded.ok) throw decoded.error;
    const sendingComplete = { id: 0xa1, octets: new Uint8Array(0), codeset: 0 };
    const display = { id: 0x28, octets: Uint8Array.of(0x41), codeset: 0 };
    const message = {
      callReference: { value: 0x14, fromDestination: true, length: 2 },
      type: 0x5a,
      elements: [sendingComplete, display, sendingComplete],
      userInformation: decoded.value,
    } as const;
    const octets = encodeCallSignalling(message);
    expect([octets[5], octets[6], octets[9], octets.at(-1)]).toEqual([0xa1, 0x28, 0x7e, 0xa1]);
    const again = decodeCallSignalling(octets);
    expect(again.ok && again.message).toEqual(message);
  });

  test('a second User-user stays the second', () => {
    const octets = Uint8Array.from([...header, 0x7e, 0, release.byteLength + 1, 5, ...release, 0x7e, 0, 1, 9]);
    const result = decodeCallSignalling(octets);
    if (!result.ok) throw result.error;
    expect([...encodeCallSignalling(result.message)]).toEqual([...octets]);
  });

  test('what is wrong within User-user leaves the call reference, to answer by', () => {
    const wrong = [
      [...header, 0x7e, 0, 2, 5, 0x20],
      [...header, 0x7e, 0, 2, 4, 0x20],
      [...header, 0x7e, 0, 0],
    ];
    for (const octets of wrong) {
      const result = decodeCallSignalling(Uint8Array.from(octets));
      if (result.ok) throw new Error('it was read');
      expect(result.message?.callReference.value).toBe(0x14);
    }
    const outer = decodeCallSignalling(Uint8Array.of(8));
    expect(outer.ok || outer.message).toBeUndefined();
  });
});
