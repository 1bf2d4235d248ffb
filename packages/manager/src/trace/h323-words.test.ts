import { Redacted } from '@trustline/base';
import { encodeSrtpKey, h245Codec, srtpCapability } from '@trustline/h323';
import { expect, test } from 'vitest';
import { capturedCalls } from '../legs/h323/captured-gateway.fixture.ts';
import { h323Words } from './h323-words.ts';

const key = { key: new Redacted(new Uint8Array(16).fill(0xa5)), salt: new Redacted(new Uint8Array(14).fill(0xa5)) };

test('a call of other stacks reads as a ladder, and none of its messages says a key', () => {
  const call = capturedCalls().get('opal-h2358-srtp-slowstart-tunnelled') ?? [];
  const said = call.map(({ octets }) => h323Words(octets));
  expect(said[0]).toMatchObject({ words: 'Setup 2000: terminalCapabilitySet, masterSlaveDetermination', reason: null });
  expect(said.flatMap(({ media }) => media ?? [])).toEqual([
    'g711Ulaw64k, AES_CM_128_HMAC_SHA1_80, key hidden',
    'g711Ulaw64k, AES_CM_128_HMAC_SHA1_80, key hidden',
  ]);
  expect(said.at(-1)).toMatchObject({
    words: 'ReleaseComplete: endSessionCommand',
    reason: expect.stringMatching(/^\d+, /),
  });
  expect(said.some(({ isIdle }) => isIdle)).toBe(true);
  const busy = capturedCalls().get('asterisk-busy-releasecomplete') ?? [];
  expect(busy.map(({ octets }) => h323Words(octets).words)).toEqual(['Setup 2002', 'ReleaseComplete']);
});

test('H.245 on a connection of its own', () => {
  const encoded = h245Codec.encode({
    kind: 'request',
    value: {
      kind: 'openLogicalChannel',
      value: {
        forwardLogicalChannelNumber: 1,
        forwardLogicalChannelParameters: {
          dataType: {
            kind: 'h235Media',
            value: {
              encryptionAuthenticationAndIntegrity: {
                genericH235SecurityCapability: srtpCapability(['AES_CM_128_HMAC_SHA1_32']),
              },
              mediaType: { kind: 'audioData', value: { kind: 'g711Alaw64k', value: 20 } },
            },
          },
          multiplexParameters: { kind: 'h2250LogicalChannelParameters', value: { sessionID: 1 } },
        },
        encryptionSync: { synchFlag: 0, h235Key: encodeSrtpKey(key, 'direct') },
      },
    },
  });
  const said = h323Words(encoded);
  expect(said).toMatchObject({
    words: 'H.245 openLogicalChannel',
    media: 'g711Alaw64k, AES_CM_128_HMAC_SHA1_32, key hidden',
  });
  expect(JSON.stringify(said)).not.toMatch(/a5a5|165,165/);
  expect(h323Words(Uint8Array.of(0x08, 2)).words).toBe('H.245 that cannot be read');
});
