import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { expect, test } from 'vitest';
import {
  decodeBody,
  EchoCancellation,
  encodeMessage,
  MediaEncryptionAlgorithm,
  type MediaEncryptionKeyInfo,
  MediaPayloadType,
  SccpFrameReader,
} from './index.ts';

test('the example of the README carries a key', () => {
  const masterKey = Uint8Array.from({ length: 16 }, (_, i) => i);
  const masterSalt = Uint8Array.from({ length: 14 }, (_, i) => 100 + i);
  const installed: MediaEncryptionKeyInfo[] = [];
  const install = (keyInfo: MediaEncryptionKeyInfo) => installed.push(keyInfo);
  // README
  const dialect = { version: 17 };

  /** What the manager sends: receive, with this key. */
  const sent = encodeMessage(
    {
      kind: 'OpenReceiveChannel',
      conferenceId: 1,
      passThroughPartyId: 7,
      milliSecondPacketSize: 20,
      compressionType: MediaPayloadType.G711Ulaw64k,
      qualifierIn: { ecValue: EchoCancellation.Off },
      callReference: 1,
      mRxMediaEncryptionKeyInfo: {
        algorithmID: MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_32,
        key: new Redacted(masterKey),
        salt: new Redacted(masterSalt),
        isMKIPresent: 0,
        keyDerivationRate: 0,
      },
    },
    dialect,
  );

  /** What the phone reads, however the stream is cut. */
  const reader = new SccpFrameReader();
  reader.push(sent);
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    const message = decodeBody(frame.messageId, frame.bytes, dialect.version, frame.start, frame.end);
    if (message.kind === 'OpenReceiveChannel') install(message.mRxMediaEncryptionKeyInfo);
  }
  // README END
  expect(installed.map(({ key, salt }) => [key.reveal(), salt.reveal()])).toEqual([[masterKey, masterSalt]]);
});

test('the README shows the code that ran', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const source = readFileSync(import.meta.filename, 'utf8');
  const code = /^ {2}\/\/ README\n(.*?)^ *\/\/ README END$/ms.exec(source)?.[1];
  if (code === undefined) throw new Error('the example is gone');
  expect(readme).toContain(code.replaceAll(/^ {2}/gm, '').trim());
});
