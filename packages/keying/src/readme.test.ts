import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSrtpReceiver, createSrtpSender } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import { expect, test } from 'vitest';
import {
  answerFor,
  checkAnswer,
  chooseCrypto,
  generateMasterKey,
  keyDerivationRateOf,
  keyFingerprint,
  masterKeysOf,
  offerLine,
  type SdesPolicy,
  serializeCryptoAttribute,
} from './index.ts';

let seed = 0;
const random = (length: number) => Uint8Array.from({ length }, () => ++seed);

test('the example of the README agrees on keys', () => {
  // README
  const policy: SdesPolicy = { suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] };

  // The caller offers; each line goes into an a=crypto attribute.
  const offer = policy.suites.map((suite, i) => offerLine(i + 1, suite, generateMasterKey(random, suite)));
  const offered = offer.map(serializeCryptoAttribute);

  // The called end takes the first line it can use, with a reason for each it cannot, and answers.
  const choice = chooseCrypto(offered, policy);
  if (choice.kind === 'none') throw new Error(choice.refused.map(({ reason }) => reason).join('; '));
  const answer = answerFor(choice, generateMasterKey(random, choice.suite.name));
  const receiver = createSrtpReceiver({
    profile: choice.profile,
    crypto: nodeCrypto,
    masterKeys: masterKeysOf(choice),
    keyDerivationRate: keyDerivationRateOf(choice.attribute),
  });

  // The caller checks the answer against what it offered before it sends.
  const accepted = checkAnswer(offer, [serializeCryptoAttribute(answer)], policy);
  if (accepted.kind === 'rejected') throw new Error(accepted.reason);
  const { profile } = accepted.answered;
  const ownKeys = masterKeysOf({ ...accepted.answered, attribute: accepted.offered });
  const sender = createSrtpSender({ profile, crypto: nodeCrypto, masterKeys: ownKeys });
  // README END
  const packet = new Uint8Array(32).with(0, 0x80);
  const out = new Uint8Array(64);
  expect(receiver.unprotect(out.slice(0, sender.protect(packet, out)), out)).toBe(32);
  expect(keyFingerprint(choice.attribute.keys[0].material)).toBe(keyFingerprint(accepted.offered.keys[0].material));
});

test('the README shows the code that ran', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const source = readFileSync(import.meta.filename, 'utf8');
  const code = /^ {2}\/\/ README\n(.*?)^ *\/\/ README END$/ms.exec(source)?.[1];
  if (code === undefined) throw new Error('the example is gone');
  expect(readme).toContain(code.replaceAll(/^ {2}/gm, '').trim());
});
