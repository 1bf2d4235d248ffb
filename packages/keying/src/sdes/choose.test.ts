import { createCipheriv, createHmac } from 'node:crypto';
import { Redacted } from '@trustline/base';
import { createSrtpReceiver, createSrtpSender } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import { describe, expect, test } from 'vitest';
import kdr from '../../vectors/kdr-derived.json' with { type: 'json' };
import type { CryptoAttribute } from './attribute.ts';
import {
  answerFor,
  type CryptoChoice,
  checkAnswer,
  chooseCrypto,
  keyDerivationRateOf,
  masterKeysOf,
  offerLine,
  type SdesPolicy,
} from './choose.ts';
import { generateMasterKey, keyFingerprint } from './master-key.ts';
import { serializeCryptoAttribute } from './serialize.ts';
import { sdesSuites } from './suites.ts';

const policy: SdesPolicy = { suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] };
const key = 'PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR';
const line = (tag: number, suite = 'AES_CM_128_HMAC_SHA1_80', rest = '') => `${tag} ${suite} inline:${key}${rest}`;
const ownKey = new Redacted(Uint8Array.from({ length: 30 }, (_, i) => i + 1));

function chosen(choice: CryptoChoice) {
  if (choice.kind !== 'chosen') throw new Error(JSON.stringify(choice.refused));
  return choice;
}

describe('choosing from an offer (RFC 4568 §5.1.2)', () => {
  test('takes the first line it can use and gives a reason for every line passed over', () => {
    const choice = chosen(
      chooseCrypto(
        [
          'rubbish',
          line(1, 'F8_128_HMAC_SHA1_80'),
          line(2, 'SEED_CTR_128_HMAC_SHA1_80'),
          line(3, 'AES_CM_128_HMAC_SHA1_32', ' UNENCRYPTED_SRTP'),
          line(3),
          line(4, 'AES_CM_128_HMAC_SHA1_32', '|2^20|1:4'),
          line(5),
        ],
        policy,
      ),
    );
    expect([choice.attribute.tag, choice.profile]).toEqual([4, 'AES_CM_128_HMAC_SHA1_32']);
    expect(choice.refused.map(({ code, tag }) => [code, tag])).toEqual([
      ['sdes.bad-tag', undefined],
      ['sdes.suite-not-allowed', 1],
      ['sdes.suite-not-supported', 2],
      ['sdes.unencrypted-refused', 3],
      ['sdes.duplicate-tag', 3],
    ]);
  });

  test.each([
    [' UNENCRYPTED_SRTP', 'sdes.unencrypted-refused'],
    [' UNENCRYPTED_SRTCP', 'sdes.unencrypted-refused'],
    [' UNAUTHENTICATED_SRTP', 'sdes.unauthenticated-refused'],
    [' unencrypted_srtp', 'sdes.unencrypted-refused'],
    [' -UNENCRYPTED_SRTP', 'sdes.unencrypted-refused'],
    [' -Unencrypted_Srtcp', 'sdes.unencrypted-refused'],
    [' Unauthenticated_SRTP', 'sdes.unauthenticated-refused'],
    [' -unauthenticated_srtp', 'sdes.unauthenticated-refused'],
    [' -UNAUTHENTICATED_SRTCP', 'sdes.session-parameter-not-supported'],
    [' KDR=25', 'sdes.bad-session-parameter'],
    [' KDR=', 'sdes.bad-session-parameter'],
    [` FEC_KEY=inline:${key}`, 'sdes.session-parameter-not-supported'],
    [' SOMETHING=new', 'sdes.session-parameter-not-supported'],
  ])('refuses%s (RFC 4568 §6.3)', (parameters, code) => {
    const choice = chooseCrypto([line(1, 'AES_CM_128_HMAC_SHA1_80', parameters)], policy);
    expect(choice).toMatchObject({ kind: 'none', refused: [{ code, tag: 1 }] });
  });

  test.each([' -SOMETHING=new', ' WSH=128', ' FEC_ORDER=FEC_SRTP'])('lets%s pass', (parameters) => {
    expect(chooseCrypto([line(1, 'AES_CM_128_HMAC_SHA1_80', parameters)], policy).kind).toBe('chosen');
  });

  test('refuses a suite that the policy does not allow', () => {
    const choice = chooseCrypto([line(1)], { suites: ['AES_CM_128_HMAC_SHA1_32'] });
    expect(choice).toMatchObject({ kind: 'none', refused: [{ code: 'sdes.suite-not-allowed' }] });
  });

  test('looks at 32 lines and says that there were more', () => {
    const lines = Array.from({ length: 40 }, (_, tag) => line(tag, 'F8_128_HMAC_SHA1_80'));
    const choice = chooseCrypto([...lines, line(99)], policy);
    expect(choice.kind).toBe('none');
    expect(choice.refused.at(-1)?.code).toBe('sdes.too-large');
    expect(choice.refused).toHaveLength(33);
  });

  test('takes the weaker line only when asked to, and repeats its parameters in the answer', () => {
    const choice = chosen(
      chooseCrypto([line(1, 'AES_CM_128_HMAC_SHA1_80', ' UNENCRYPTED_SRTCP WSH=128')], {
        ...policy,
        allowUnencrypted: true,
      }),
    );
    expect(serializeCryptoAttribute(answerFor(choice, ownKey))).toMatch(
      /^1 AES_CM_128_HMAC_SHA1_80 \S+ UNENCRYPTED_SRTCP$/,
    );
  });
});

describe('answering and checking answers', () => {
  const offer: readonly CryptoAttribute[] = [
    offerLine(1, 'AES_CM_128_HMAC_SHA1_80', ownKey),
    offerLine(2, 'AES_CM_128_HMAC_SHA1_32', generateMasterKey(seeded(3), 'AES_CM_128_HMAC_SHA1_32')),
  ];
  const offered = offer.map(serializeCryptoAttribute);

  test('the answer keeps tag and suite and brings a key of its own (RFC 4568 §5.1.2)', () => {
    const choice = chosen(chooseCrypto(offered, { suites: ['AES_CM_128_HMAC_SHA1_32'] }));
    const answer = answerFor(choice, generateMasterKey(seeded(9), 'AES_CM_128_HMAC_SHA1_32'));
    expect([answer.tag, answer.suiteName]).toEqual([2, 'AES_CM_128_HMAC_SHA1_32']);
    const accepted = checkAnswer(offer, [serializeCryptoAttribute(answer)], policy);
    expect(accepted).toMatchObject({ kind: 'accepted', offered: offer[1], answered: { profile: answer.suiteName } });
  });

  test('refuses to answer with the key that was offered', () => {
    const choice = chosen(chooseCrypto(offered, policy));
    expect(() => answerFor(choice, ownKey)).toThrow(expect.objectContaining({ code: 'keying.key-reused' }));
  });

  test.each([
    ['no line', [], 'sdes.no-answer'],
    ['two lines', [line(1), line(2)], 'sdes.several-answers'],
    ['a tag that was not offered', [line(3)], 'sdes.answer-not-offered'],
    ['a suite that was offered under another tag', [line(1, 'AES_CM_128_HMAC_SHA1_32')], 'sdes.answer-not-offered'],
    ['an unencrypted line', [line(1, 'AES_CM_128_HMAC_SHA1_80', ' UNENCRYPTED_SRTP')], 'sdes.answer-not-offered'],
    ['unencrypted in lower case', [line(1, 'AES_CM_128_HMAC_SHA1_80', ' unencrypted_srtp')], 'sdes.answer-not-offered'],
    ['unauthenticated and a dash', [line(1, undefined, ' -Unauthenticated_SRTP')], 'sdes.answer-not-offered'],
    ['our own key', [offered[0] ?? ''], 'sdes.key-reflected'],
    ['rubbish', ['1 AES'], 'sdes.bad-syntax'],
  ])('refuses an answer with %s (RFC 4568 §5.1.3)', (_, answer, code) => {
    expect(checkAnswer(offer, answer, policy)).toMatchObject({ kind: 'rejected', code });
  });

  test('both ends can talk with what was agreed', () => {
    const choice = chosen(chooseCrypto(offered, policy));
    const theirs = createSrtpReceiver({
      profile: choice.profile,
      crypto: nodeCrypto,
      masterKeys: masterKeysOf(choice),
    });
    const ours = createSrtpSender({
      profile: 'AES_CM_128_HMAC_SHA1_80',
      crypto: nodeCrypto,
      masterKeys: [{ key: ownKey.reveal().slice(0, 16), salt: ownKey.reveal().slice(16) }],
    });
    const packet = new Uint8Array(40);
    packet[0] = 0x80;
    const out = new Uint8Array(60);
    expect(theirs.unprotect(out.slice(0, ours.protect(packet, out)), out)).toBe(40);
  });

  test('MKI and lifetime of a line reach SRTP', () => {
    const choice = chosen(chooseCrypto([line(1, 'AES_CM_128_HMAC_SHA1_80', '|2^20|258:4')], policy));
    expect(masterKeysOf(choice)).toMatchObject([{ lifetime: 2 ** 20, mki: Uint8Array.of(0, 0, 1, 2) }]);
  });
});

describe('the key derivation rate (RFC 4568 §6.3.1)', () => {
  test.each(Array.from({ length: 25 }, (_, exponent) => exponent))('KDR=%d is 2 to that power', (exponent) => {
    const choice = chosen(chooseCrypto([line(1, undefined, ` KDR=${exponent}`)], policy));
    expect(keyDerivationRateOf(choice.attribute)).toBe(2 ** exponent);
    expect(serializeCryptoAttribute(choice.attribute)).toMatch(new RegExp(` KDR=${exponent}$`));
    const ours = offerLine(1, 'AES_CM_128_HMAC_SHA1_80', ownKey, { keyDerivationRate: 2 ** exponent });
    expect(serializeCryptoAttribute(ours)).toMatch(new RegExp(` KDR=${exponent}$`));
    expect(keyDerivationRateOf(ours)).toBe(2 ** exponent);
  });

  test('none stands for never, and is not written', () => {
    const ours = offerLine(1, 'AES_CM_128_HMAC_SHA1_80', ownKey, { keyDerivationRate: 0 });
    expect([keyDerivationRateOf(ours), ours.sessionParameters]).toEqual([0, []]);
  });

  test('an end whose SRTP derives keys only once refuses the line, and takes the next', () => {
    const once = { ...policy, allowKeyDerivationRate: false };
    const choice = chosen(chooseCrypto([line(1, undefined, ' kdr=4'), line(2)], once));
    expect(choice.attribute.tag).toBe(2);
    expect(choice.refused).toMatchObject([{ code: 'sdes.session-parameter-not-supported', tag: 1 }]);
    const offer = [offerLine(1, 'AES_CM_128_HMAC_SHA1_80', ownKey)];
    expect(checkAnswer(offer, [line(1, undefined, ' KDR=4')], once)).toMatchObject({
      code: 'sdes.session-parameter-not-supported',
    });
  });

  test('each end declares its own: an answer does not repeat that of the offer, and may have another', () => {
    const offer = [offerLine(1, 'AES_CM_128_HMAC_SHA1_80', ownKey, { keyDerivationRate: 256 })];
    const choice = chosen(chooseCrypto(offer.map(serializeCryptoAttribute), policy));
    const key = generateMasterKey(seeded(9), 'AES_CM_128_HMAC_SHA1_80');
    expect(keyDerivationRateOf(answerFor(choice, key))).toBe(0);
    const answer = answerFor(choice, key, { keyDerivationRate: 4 });
    const accepted = checkAnswer(offer, [serializeCryptoAttribute(answer)], policy);
    if (accepted.kind === 'rejected') throw new Error(accepted.reason);
    expect([keyDerivationRateOf(accepted.offered), keyDerivationRateOf(accepted.answered.attribute)]).toEqual([256, 4]);
  });

  test.each([3, -1, 0.5, 2 ** 25, Number.NaN])('a rate of %d cannot be written', (keyDerivationRate) => {
    expect(() => offerLine(1, 'AES_CM_128_HMAC_SHA1_80', ownKey, { keyDerivationRate })).toThrow(
      expect.objectContaining({ code: 'keying.invalid-key-derivation-rate' }),
    );
  });

  test.each(kdr.vectors)('a line with rate $kdr reaches SRTP, at index $index', ({ kdr: rate, index, ke, ka, ks }) => {
    const material = new Redacted(Uint8Array.from(Buffer.from(kdr.masterKey + kdr.masterSalt, 'hex')));
    const offer = offerLine(1, 'AES_CM_128_HMAC_SHA1_80', material, { keyDerivationRate: rate });
    const choice = chosen(chooseCrypto([serializeCryptoAttribute(offer)], policy));
    const sender = createSrtpSender({
      profile: choice.profile,
      crypto: nodeCrypto,
      masterKeys: masterKeysOf(choice),
      keyDerivationRate: keyDerivationRateOf(choice.attribute),
    });
    const place = Number.parseInt(index, 16);
    const packet = Uint8Array.of(0x80, 0, (place >> 8) & 0xff, place & 0xff, ...new Array(8).fill(0), 1, 2, 3, 4, 5);
    sender.setRolloverCounter(0, Math.floor(place / 0x10000));
    const sealed = new Uint8Array(packet.length + 10);
    sender.protect(packet, sealed);
    expect(Buffer.from(sealed).toString('hex')).toBe(protectedBy({ ke, ka, ks }, packet, place));
  });
});

/** SRTP of one packet under given session keys (RFC 3711 §4.1.1, §4.2.1), for an SSRC of 0. */
function protectedBy({ ke, ka, ks }: { ke: string; ka: string; ks: string }, packet: Uint8Array, index: number) {
  const position = Buffer.alloc(8);
  position.writeBigUInt64BE(BigInt(index));
  const counter = Buffer.concat([Buffer.from(ks, 'hex'), Buffer.alloc(2)]);
  for (let at = 0; at < 6; at++) counter[8 + at] = (counter[8 + at] as number) ^ (position[2 + at] as number);
  const cipher = createCipheriv('aes-128-ctr', Buffer.from(ke, 'hex'), counter);
  const sealed = Buffer.concat([packet.subarray(0, 12), cipher.update(packet.subarray(12))]);
  const tag = createHmac('sha1', Buffer.from(ka, 'hex')).update(sealed).update(position.subarray(2, 6)).digest();
  return Buffer.concat([sealed, tag.subarray(0, 10)]).toString('hex');
}

describe('master keys', () => {
  test('are as long as the suite wants', () => {
    expect(generateMasterKey(seeded(1), 'AES_CM_128_HMAC_SHA1_80').reveal()).toHaveLength(30);
    expect(generateMasterKey(seeded(1), 'AEAD_AES_256_GCM').reveal()).toHaveLength(44);
  });

  test.each([() => new Uint8Array(30), () => new Uint8Array(3).fill(1)])(
    'refuse a dead source of randomness',
    (dead) => {
      expect(() => generateMasterKey(dead, 'AES_CM_128_HMAC_SHA1_80')).toThrow(
        expect.objectContaining({ code: 'keying.no-randomness' }),
      );
    },
  );

  test('the fingerprint recognises a key, also under another salt, and does not hold it', () => {
    const withSalt = (salt: number) => new Redacted(Uint8Array.from({ length: 30 }, (_, i) => (i < 16 ? i : salt)));
    expect(keyFingerprint(withSalt(1))).toBe(keyFingerprint(withSalt(2)));
    expect(keyFingerprint(withSalt(1))).not.toBe(keyFingerprint(ownKey));
    expect(keyFingerprint(withSalt(1))).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** Not random at all, which a test wants. */
function seeded(seed: number): (length: number) => Uint8Array {
  return (length) => Uint8Array.from({ length }, (_, i) => seed + i);
}

test('a copy of a generated key can be cleared, whatever kind of octets the randomness is', () => {
  const own = generateMasterKey((length) => Buffer.alloc(length, 7), 'AES_CM_128_HMAC_SHA1_80');
  const attribute = offerLine(1, 'AES_CM_128_HMAC_SHA1_80', own);
  const [copy] = masterKeysOf({
    attribute,
    suite: sdesSuites.AES_CM_128_HMAC_SHA1_80,
    profile: 'AES_CM_128_HMAC_SHA1_80',
  });
  copy?.key.fill(0);
  copy?.salt.fill(0);
  expect(own.reveal()).toEqual(new Uint8Array(30).fill(7));
});
