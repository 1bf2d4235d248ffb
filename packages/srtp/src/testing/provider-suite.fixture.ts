/** What every provider has to do, in one suite that all of them pass. */
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import rfc3711 from '../../vectors/rfc3711-b.json' with { type: 'json' };
import rfc6188 from '../../vectors/rfc6188-7.json' with { type: 'json' };
import rfc7714 from '../../vectors/rfc7714-16-17.json' with { type: 'json' };
import type { PacketCipher, SrtpCryptoProvider } from '../crypto-provider.ts';
import { F8Encryption } from '../f8.ts';
import { hexadecimal, octets } from './octets.ts';

const counterModeVectors = [rfc3711.aesCm, rfc6188.aes256Cm, rfc6188.aes192Cm];
/** Around the block, the five blocks that the kernel makes together, the block of SHA-1, and what is longest. */
const lengths = [
  0, 1, 15, 16, 17, 31, 47, 48, 79, 80, 81, 95, 107, 108, 109, 159, 160, 161, 500, 1200, 1500, 9000, 65_400,
];
const indices = [0, 1, 65_535, 65_536, 2 ** 31 - 1, 2 ** 32 + 7, 2 ** 47, 2 ** 48 - 1];

/** @param make a provider that nobody else uses */
export function describeProvider(name: string, make: () => SrtpCryptoProvider): void {
  describe(`${name} as a crypto provider`, () => {
    const provider = make();

    test.each(counterModeVectors)('AES in counter mode, $section of the RFC (RFC 3711 B.2, RFC 6188 §7)', (vector) => {
      const cipher = provider.createCounterModeCipher(octets(vector.sessionKey));
      const iv = octets(`${vector.sessionSalt}0000`);
      const keystream = new Uint8Array(0xff02 * 16);
      cipher.apply(iv, keystream, 0, keystream.length, keystream, 0);
      for (const [block, expected] of Object.entries(vector.keystream)) {
        const at = 16 * Number.parseInt(block, 16);
        expect(hexadecimal(keystream.subarray(at, at + 16))).toBe(expected);
      }
      cipher.close();
    });

    test('AES in f8-mode (RFC 3711 B.1)', () => {
      const { key, saltKey, rtpHeader, roc, plaintext, ciphertext } = rfc3711.f8;
      const f8 = new F8Encryption(provider, octets(key), octets(saltKey), 'rtp');
      const packet = octets(rtpHeader + plaintext);
      const index = Number.parseInt(roc, 16) * 0x10000 + Number.parseInt(rtpHeader.slice(4, 8), 16);
      f8.crypt(packet, 12, packet.length, packet, 0, index);
      expect(hexadecimal(packet.subarray(12))).toBe(ciphertext);
    });

    test.each(['aes-128', 'aes-192', 'aes-256'])('%s a block at a time, as node:crypto', (algorithm) => {
      const key = randomBytes(Number(algorithm.slice(4)) / 8);
      const cipher = provider.createBlockCipher(key);
      const block = randomBytes(16);
      const out = new Uint8Array(16);
      cipher.encrypt(block, out);
      expect(out).toEqual(new Uint8Array(createCipheriv(`${algorithm}-ecb`, key, null).update(block)));
      cipher.encrypt(out, out);
      cipher.close();
    });

    test('HMAC-SHA1 of RFC 2202 and of every length around a block, as node:crypto', () => {
      const digest = new Uint8Array(20);
      const jefe = provider.createHmacSha1(new TextEncoder().encode('Jefe'));
      jefe.sign(new TextEncoder().encode('what do ya want for nothing?'), 28, new Uint8Array(0), digest);
      expect(hexadecimal(digest)).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79');
      const key = randomBytes(20);
      const hmac = provider.createHmacSha1(key);
      for (let length = 0; length < 200; length++) {
        const message = randomBytes(length);
        const trailer = randomBytes(length % 2 === 0 ? 4 : 0);
        hmac.sign(message, length, trailer, digest);
        const expected = createHmac('sha1', key).update(message).update(trailer).digest('hex');
        expect(hexadecimal(digest), `length ${length}`).toBe(expected);
      }
    });

    test.each(rfc7714.srtp)('SRTP packet of RFC 7714 §$section', ({ key, rtp, srtp }) => {
      const salt = octets(rfc7714.salt);
      const cipher = provider.createGaloisPacketCipher({ encryptionKey: octets(key), salt, protocol: 'rtp' });
      const packet = octets(rtp);
      const ssrc = 0x5501a0b2;
      const index = Number.parseInt(rtp.slice(4, 8), 16);
      const { text, digest } = protectedBy(cipher, packet, 12, ssrc, index, 0);
      expect(text + digest).toBe(srtp);
      expectOpened(cipher, octets(text), 12, ssrc, index, 0, digest, packet);
    });

    test.each(rfc7714.srtpTagOnly)('tag alone of RFC 7714 §$section', ({ key, aad, tag }) => {
      const salt = octets(rfc7714.salt);
      const cipher = provider.createGaloisPacketCipher({ encryptionKey: octets(key), salt, protocol: 'rtp' });
      const packet = octets(aad);
      const index = Number.parseInt(aad.slice(4, 8), 16);
      expect(protectedBy(cipher, packet, packet.length, 0x5501a0b2, index, 0)).toEqual({ text: aad, digest: tag });
    });

    test.each(rfc7714.srtcp)('SRTCP packet of RFC 7714 §$section', ({ key, rtcp, srtcp, encrypt }) => {
      const salt = octets(rfc7714.salt);
      const cipher = provider.createGaloisPacketCipher({ encryptionKey: octets(key), salt, protocol: 'rtcp' });
      const packet = octets(rtcp);
      const index = Number.parseInt(rfc7714.srtcpIndex, 16);
      const word = encrypt ? 0x8000_0000 + index : index;
      const clear = encrypt ? 8 : packet.length;
      const { text, digest } = protectedBy(cipher, packet, clear, 0x4d617273, index, word);
      expect(text + digest + word.toString(16).padStart(8, '0')).toBe(srtcp);
      expectOpened(cipher, octets(text), clear, 0x4d617273, index, word, digest, packet);
    });

    test('packets of every length, with and without a part that stays clear, as node:crypto', () => {
      const encryptionKey = randomBytes(16);
      const authenticationKey = randomBytes(20);
      const salt = randomBytes(14);
      const mode = provider.createCounterModePacketCipher({ protocol: 'rtp', encryptionKey, salt, authenticationKey });
      const galois = { encryptionKey, salt: salt.subarray(0, 12), protocol: 'rtcp' } as const;
      const gcm = provider.createGaloisPacketCipher(galois);
      for (const [turn, length] of lengths.entries()) {
        for (const clear of [0, 8, 12, 16, 20, 33]) {
          const packet = randomBytes(clear + length);
          const ssrc = randomBytes(4).readUInt32BE();
          const index = indices[turn % indices.length] as number;
          const trailer = randomBytes(4);
          const made = protectedBy(mode, packet, clear, ssrc, index, trailer.readUInt32BE());
          const iv = xorOf(Buffer.concat([salt, Buffer.alloc(2)]), (BigInt(ssrc) << 64n) ^ (BigInt(index) << 16n), 16);
          const cm = createCipheriv('aes-128-ctr', encryptionKey, iv).update(packet.subarray(clear));
          const text = Buffer.concat([packet.subarray(0, clear), cm]);
          expect(made.text, `${clear}+${length}`).toBe(text.toString('hex'));
          expect(made.digest).toBe(createHmac('sha1', authenticationKey).update(text).update(trailer).digest('hex'));
          expectOpened(mode, text, clear, ssrc, index, trailer.readUInt32BE(), made.digest, packet);

          const sealed = protectedBy(gcm, packet, clear, ssrc, index, trailer.readUInt32BE());
          const nonce = xorOf(salt.subarray(0, 12), (BigInt(ssrc) << 48n) ^ BigInt(index), 12);
          const cipher = createCipheriv('aes-128-gcm', encryptionKey, nonce);
          cipher.setAAD(Buffer.concat([packet.subarray(0, clear), trailer]));
          const encrypted = Buffer.concat([packet.subarray(0, clear), cipher.update(packet.subarray(clear))]);
          cipher.final();
          expect(sealed.text, `${clear}+${length}`).toBe(encrypted.toString('hex'));
          expect(sealed.digest).toBe(cipher.getAuthTag().toString('hex'));
          expectOpened(gcm, encrypted, clear, ssrc, index, trailer.readUInt32BE(), sealed.digest, packet);
        }
      }
      mode.close();
      gcm.close();
    });

    test.each(['counter mode', 'GCM'])('keystream made ahead changes no packet, in order and out of it: %s', (kind) => {
      const keys = { encryptionKey: randomBytes(16), salt: randomBytes(14), authenticationKey: randomBytes(20) };
      const cipher =
        kind === 'GCM'
          ? provider.createGaloisPacketCipher({ ...keys, salt: keys.salt.subarray(0, 12), protocol: 'rtp' })
          : provider.createCounterModePacketCipher({ protocol: 'rtp', ...keys });
      const keystream = cipher.createKeystream(7);
      const order = Array.from(
        { length: 400 },
        (_, at) => 65_400 + at + (at % 7 === 0 ? 3 : 0) - (at % 11 === 0 ? 5 : 0),
      );
      for (const [turn, index] of order.entries()) {
        const packet = randomBytes(12 + ((turn * 13) % 300));
        const { digestLength } = cipher;
        const out = new Uint8Array(packet.length + digestLength);
        cipher.protect(packet, 12, packet.length, out, keystream, 7, index, 1, packet.length, digestLength);
        const plain = protectedBy(cipher, packet, 12, 7, index, 1);
        expect(hexadecimal(out), `turn ${turn}`).toBe(plain.text + plain.digest);
      }
      keystream?.close();
      const packet = randomBytes(100);
      const after = new Uint8Array(110);
      cipher.protect(packet, 12, 100, after, keystream, 7, 70_000, 1, 100, 10);
      expect(hexadecimal(after.subarray(0, 100))).toBe(protectedBy(cipher, packet, 12, 7, 70_000, 1).text);
      cipher.close();
    });

    test('many packet ciphers at once keep apart, and closing one leaves the others', () => {
      const made = Array.from({ length: 300 }, (_, at) => {
        const keys = { encryptionKey: randomBytes(16), salt: randomBytes(14), authenticationKey: randomBytes(20) };
        const cipher = provider.createCounterModePacketCipher({ protocol: 'rtp', ...keys });
        const packet = randomBytes(172);
        return { cipher, packet, first: protectedBy(cipher, packet, 12, at, at, at), at };
      });
      for (const { cipher } of made.filter(({ at }) => at % 3 === 0)) cipher.close();
      for (const { cipher, packet, first, at } of made.filter((one) => one.at % 3 !== 0)) {
        expect(protectedBy(cipher, packet, 12, at, at, at)).toEqual(first);
      }
    });

    test('lanes give what packets one by one give, whatever their lengths and keys', () => {
      const lanes = provider.createPacketLanes?.(40);
      if (lanes === undefined) return; // this provider offers none
      const jobs = Array.from({ length: 40 }, (_, at) => {
        const keys = { encryptionKey: randomBytes(16), salt: randomBytes(14), authenticationKey: randomBytes(20) };
        const cipher = provider.createCounterModePacketCipher({ protocol: 'rtp', ...keys });
        const packet = randomBytes([12, 50, 172, 172, 300, 1500, 3000][at % 7] as number);
        return { cipher, packet, at };
      });
      for (const count of [1, 3, 4, 5, 40]) {
        const some = jobs.slice(0, count);
        for (const { cipher, packet, at } of some) {
          expect(lanes.accepts(cipher)).toBe(true);
          const keystream = at % 2 === 0 ? undefined : cipher.createKeystream(at);
          lanes.addToProtect(at, cipher, packet, 12, packet.length, keystream, at, 70_000 + at, 1 + at);
        }
        lanes.run(count);
        const made = some.map(({ cipher, packet, at }) => {
          const out = new Uint8Array(packet.length + 23);
          const gap = at % 3; // an MKI may stand between
          lanes.read(at, out, packet.length + gap, 20);
          const expected = protectedBy(cipher, packet, 12, at, 70_000 + at, 1 + at);
          expect(hexadecimal(out.subarray(0, packet.length))).toBe(expected.text);
          expect(hexadecimal(out.subarray(packet.length + gap, packet.length + gap + 20))).toBe(expected.digest);
          return { text: out.slice(0, packet.length), digest: expected.digest };
        });
        for (const { cipher, packet, at } of some) {
          lanes.addToOpen(at, cipher, made[at]?.text as Uint8Array, 12, packet.length, at, 70_000 + at, 1 + at);
        }
        lanes.run(count);
        for (const { packet, at } of some) {
          const [digest, opened] = [new Uint8Array(20), new Uint8Array(packet.length)];
          lanes.readDigest(at, digest);
          expect(hexadecimal(digest)).toBe(made[at]?.digest);
          lanes.open(at, opened, undefined, 70_000 + at);
          expect(hexadecimal(opened)).toBe(hexadecimal(packet));
        }
      }
      lanes.close();
    });
  });
}

function protectedBy(
  cipher: PacketCipher,
  packet: Uint8Array,
  clear: number,
  ssrc: number,
  index: number,
  trailer: number,
): { readonly text: string; readonly digest: string } {
  const { digestLength } = cipher;
  const out = new Uint8Array(packet.length + 7 + digestLength);
  cipher.protect(packet, clear, packet.length, out, undefined, ssrc, index, trailer, packet.length + 7, digestLength);
  const text = out.subarray(0, packet.length);
  const again = new Uint8Array(packet.length);
  cipher.crypt(packet, clear, packet.length, again, undefined, ssrc, index);
  expect(again).toEqual(text);
  return { text: hexadecimal(text), digest: hexadecimal(out.subarray(packet.length + 7)) };
}

function expectOpened(
  cipher: PacketCipher,
  text: Uint8Array,
  clear: number,
  ssrc: number,
  index: number,
  trailer: number,
  digest: string,
  packet: Uint8Array,
): void {
  const computed = new Uint8Array(cipher.digestLength);
  cipher.digest(text, clear, text.length, undefined, ssrc, index, trailer, computed);
  expect(hexadecimal(computed)).toBe(digest);
  const opened = new Uint8Array(text.length);
  cipher.open(text, clear, text.length, opened, undefined, ssrc, index);
  expect(hexadecimal(opened)).toBe(hexadecimal(packet));
}

function xorOf(bytes: Uint8Array, value: bigint, length: number): Buffer {
  const sum = BigInt(`0x${Buffer.from(bytes).toString('hex')}`) ^ value;
  return Buffer.from(sum.toString(16).padStart(2 * length, '0'), 'hex');
}
