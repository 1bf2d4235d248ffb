import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSrtpBatch, createSrtpReceiver, createSrtpSender, loadWasmCrypto, SrtpError } from '@trustline/srtp';
import { hybridCrypto } from '@trustline/srtp/node';
import { describe, expect, test } from 'vitest';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const masterKeys = [{ key: random(16), salt: random(14) }];
const other = { key: random(16), salt: random(14) };
const packetOf = (ssrc: number, sequenceNumber: number) => {
  const packet = Uint8Array.from({ length: 172 }, (_, at) => (at === 0 ? 0x80 : at));
  new DataView(packet.buffer).setUint16(2, sequenceNumber);
  new DataView(packet.buffer).setUint32(8, ssrc);
  return packet;
};
const firstOctets = (packet: Uint8Array) => packet.slice(0, 12).join();

describe('the examples of the README do what they say', () => {
  test('protect', () => {
    const sent: Uint8Array[] = [];
    const send = (datagram: Uint8Array) => sent.push(datagram.slice());
    // README
    const sender = createSrtpSender({
      profile: 'AES_CM_128_HMAC_SHA1_80',
      crypto: hybridCrypto(),
      masterKeys, // [{ key: 16 octets, salt: 14 octets }], of this direction alone
    });
    const out = new Uint8Array(2048);

    function transmit(packet: Uint8Array): void {
      const length = sender.protect(packet, out); // throws SrtpError on misuse, for instance an index used twice
      send(out.subarray(0, length));
    }
    // README END
    transmit(packetOf(1, 1));
    expect(sent[0]).toHaveLength(182);
    expect(() => transmit(packetOf(1, 1))).toThrow(SrtpError);
  });

  test('receive many SSRC', () => {
    const far = { profile: 'AEAD_AES_128_GCM', crypto: hybridCrypto(), masterKeys: gcmKeys() } as const;
    const sender = createSrtpSender({ ...far, maximumStreams: 300 });
    const heard: string[] = [];
    const decode = (packet: Uint8Array) => heard.push(firstOctets(packet));
    // README
    const receiver = createSrtpReceiver({
      profile: 'AEAD_AES_128_GCM',
      crypto: hybridCrypto(),
      masterKeys: gcmKeys(),
      maximumStreams: 500, // the one authenticated least recently goes first
      replayWindow: 1024, // packets; 128 unless said
    });

    function receive(datagram: Uint8Array): void {
      const outcome = receiver.unprotect(datagram, datagram); // in place; never throws at what the network sent
      if (typeof outcome === 'number') decode(datagram.subarray(0, outcome));
      else receiver.rejections[outcome]; // 'replayed', 'authentication-failed', …: counted for you
    }
    // README END
    const out = new Uint8Array(256);
    for (let ssrc = 0; ssrc < 300; ssrc++) {
      const datagram = out.slice(0, sender.protect(packetOf(ssrc, 7), out));
      const again = datagram.slice();
      receive(datagram);
      receive(again);
    }
    expect(heard).toEqual(Array.from({ length: 300 }, (_, ssrc) => firstOctets(packetOf(ssrc, 7))));
    expect([receiver.streamCount, receiver.rejections.replayed]).toEqual([300, 300]);
  });

  test('change the key by MKI', () => {
    const [first] = masterKeys;
    if (first === undefined) throw new Error('there is a key');
    const asked: number[] = [];
    const agreeOnNewKey = (remaining: number) => asked.push(remaining);
    const transmit = (datagram: Uint8Array) => received.push(receiver.unprotect(datagram, new Uint8Array(300)));
    const received: (number | string)[] = [];
    // README
    const options = {
      profile: 'AES_CM_128_HMAC_SHA1_80',
      crypto: hybridCrypto(),
      masterKeys: [
        { ...first, mki: Uint8Array.of(1), lifetime: 2 ** 20 },
        { ...other, mki: Uint8Array.of(2), lifetime: 2 ** 20 },
      ],
    } as const;
    const sender = createSrtpSender({
      ...options,
      keyWarningAt: 2 ** 20 - 3, // soon, to see it
      onKeyWarning: ({ remaining }) => {
        agreeOnNewKey(remaining);
        sender.useMasterKey(Uint8Array.of(2)); // the next packet goes out under the other key
      },
    });
    const receiver = createSrtpReceiver(options); // finds the key of each packet by its MKI
    // README END
    const out = new Uint8Array(256);
    for (let at = 0; at < 6; at++) transmit(out.slice(0, sender.protect(packetOf(1, at), out)));
    expect(received).toEqual([172, 172, 172, 172, 172, 172]);
    expect(asked).toEqual([2 ** 20 - 3, 2 ** 20 - 3]);
    expect(out[172]).toBe(2);
  });

  test('in a browser', async () => {
    const heard: string[] = [];
    const play = (packet: Uint8Array) => heard.push(firstOctets(packet));
    // README
    const wasm = await loadWasmCrypto(); // WebAssembly, compiled without blocking the page
    const receiver = createSrtpReceiver({ profile: 'AES_CM_128_HMAC_SHA1_80', crypto: wasm, masterKeys });

    function onMessage({ data }: { readonly data: ArrayBuffer }): void {
      const packet = new Uint8Array(data);
      const outcome = receiver.unprotect(packet, packet);
      if (typeof outcome === 'number') play(packet.subarray(0, outcome));
    }
    // README END
    const sender = createSrtpSender({ profile: 'AES_CM_128_HMAC_SHA1_80', crypto: wasm, masterKeys });
    const out = new Uint8Array(256);
    const length = sender.protect(packetOf(1, 1), out);
    onMessage({ data: out.buffer.slice(0, length) });
    expect(heard).toEqual([firstOctets(packetOf(1, 1))]);
  });

  test('relay many streams', () => {
    const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: hybridCrypto() } as const;
    const calls = Array.from({ length: 100 }, () => {
      const [from, to] = [random(16), random(16)].map((key) => ({ key, salt: random(14) }));
      if (from === undefined || to === undefined) throw new Error('there are keys');
      return {
        far: createSrtpSender({ ...options, masterKeys: [from] }),
        receiver: createSrtpReceiver({ ...options, masterKeys: [from] }),
        sender: createSrtpSender({ ...options, masterKeys: [to] }),
        near: createSrtpReceiver({ ...options, masterKeys: [to] }),
      };
    });
    const arrived = calls.map(({ far, receiver, sender, near }, at) => {
      const out = new Uint8Array(300);
      const datagram = out.slice(0, far.protect(packetOf(at, at), out));
      return { datagram, receiver, sender, near, out };
    });
    const delivered: (number | string)[] = [];
    const send = ({ near, out }: (typeof arrived)[number], length: number) =>
      delivered.push(near.unprotect(out.slice(0, length), new Uint8Array(300)));
    // README
    const batch = createSrtpBatch({ crypto: hybridCrypto(), capacity: 128 });

    /** All that arrived since the last time: opened under one key, protected under another. */
    function relay(): void {
      for (const { receiver, datagram } of arrived) batch.unprotect(receiver, datagram, datagram);
      batch.flush();
      const good = arrived.flatMap((one, at) => {
        const outcome = batch.outcome(at);
        return typeof outcome === 'number' ? [{ one, packet: one.datagram.subarray(0, outcome) }] : [];
      });
      for (const { one, packet } of good) batch.protect(one.sender, packet, one.out);
      batch.flush();
      for (const [at, { one }] of good.entries()) send(one, Number(batch.outcome(at)));
    }
    // README END
    relay();
    expect(delivered).toEqual(Array.from({ length: 100 }, () => 172));
  });
});

function gcmKeys() {
  return masterKeys.map(({ key, salt }) => ({ key, salt: salt.subarray(0, 12) }));
}

test('the README shows the code that ran', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const source = readFileSync(import.meta.filename, 'utf8');
  const shown = [...source.matchAll(/^( *)\/\/ README\n(.*?)^ *\/\/ README END$/gms)].map(
    ([, indent = '', code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim(),
  );
  expect(shown).toHaveLength(5);
  for (const code of shown) expect(readme).toContain(code);
});
