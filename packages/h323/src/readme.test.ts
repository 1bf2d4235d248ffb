import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { expect, test } from 'vitest';
import {
  decodeH245,
  decodeSrtpKey,
  encodeSrtpKey,
  encodeTpkt,
  h245Codec,
  type SrtpMasterKey,
  srtpCapability,
  TpktReader,
} from './index.ts';

test('the example of the README carries a key', () => {
  const key = new Redacted(Uint8Array.from({ length: 16 }, (_, i) => i));
  const salt = new Redacted(Uint8Array.from({ length: 14 }, (_, i) => 100 + i));
  const installed: SrtpMasterKey[] = [];
  const install = (masterKey: SrtpMasterKey) => installed.push(masterKey);
  // README
  /** A channel of G.711 that is protected by SRTP, with its key (H.235.8). */
  const sent = h245Codec.encode({
    kind: 'request',
    value: {
      kind: 'openLogicalChannel',
      value: {
        forwardLogicalChannelNumber: 101,
        forwardLogicalChannelParameters: {
          dataType: {
            kind: 'h235Media',
            value: {
              encryptionAuthenticationAndIntegrity: {
                genericH235SecurityCapability: srtpCapability(['AES_CM_128_HMAC_SHA1_80']),
              },
              mediaType: { kind: 'audioData', value: { kind: 'g711Ulaw64k', value: 20 } },
            },
          },
          multiplexParameters: { kind: 'h2250LogicalChannelParameters', value: { sessionID: 1 } },
        },
        encryptionSync: { synchFlag: 0, h235Key: encodeSrtpKey({ key, salt }, 'direct') },
      },
    },
  });

  /** What the far end reads, however the stream is cut. */
  const reader = new TpktReader();
  reader.push(encodeTpkt(sent));
  for (let payload = reader.next(); payload !== undefined; payload = reader.next()) {
    for (const message of decodeH245(payload).messages) {
      if (message.kind !== 'request' || message.value.kind !== 'openLogicalChannel') continue;
      const { encryptionSync } = message.value.value;
      const found = encryptionSync && decodeSrtpKey(encryptionSync.h235Key);
      if (found?.ok) install(found.masterKey);
    }
  }
  // README END
  expect(installed.map((one) => [one.key.reveal(), one.salt.reveal()])).toEqual([[key.reveal(), salt.reveal()]]);
});

test('the README shows the code that ran', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const source = readFileSync(import.meta.filename, 'utf8');
  const code = /^ {2}\/\/ README\n(.*?)^ *\/\/ README END$/ms.exec(source)?.[1];
  if (code === undefined) throw new Error('the example is gone');
  expect(readme).toContain(code.replaceAll(/^ {2}/gm, '').trim());
});
