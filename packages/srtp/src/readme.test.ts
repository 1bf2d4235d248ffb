import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// README
import { createSrtpReceiver, createSrtpSender, SrtpError } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import { expect, test } from 'vitest';

// README END
const random = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1);
const rtpPacket = Uint8Array.from({ length: 172 }, (_, i) => (i === 0 ? 0x80 : i));

test('the example of the README does what it says', () => {
  const heard: Uint8Array[] = [];
  const send = (datagram: Uint8Array) => receive(datagram);
  const decode = (packet: Uint8Array) => heard.push(packet.slice());
  // README
  const options = {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    crypto: nodeCrypto,
    masterKeys: [{ key: random(16), salt: random(14) }], // each direction has its own
  } as const;
  const sender = createSrtpSender(options); // at the one end
  const receiver = createSrtpReceiver(options); // at the other
  const buffer = new Uint8Array(2048);

  function transmit(packet: Uint8Array): void {
    const length = sender.protect(packet, buffer); // throws SrtpError on misuse, for instance an index used twice
    send(buffer.slice(0, length));
  }

  function receive(datagram: Uint8Array): void {
    const outcome = receiver.unprotect(datagram, datagram); // in place; never throws at what the network sent
    if (typeof outcome === 'number') decode(datagram.subarray(0, outcome));
    else receiver.rejections[outcome]; // 'replayed', 'authentication-failed', …: counted for you
  }
  // README END
  transmit(rtpPacket);
  expect(heard).toEqual([rtpPacket]);
  expect(() => transmit(rtpPacket)).toThrow(SrtpError);
});

test('the README shows the code that ran', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const source = readFileSync(import.meta.filename, 'utf8');
  const shown = [...source.matchAll(/^( *)\/\/ README\n(.*?)^ *\/\/ README END$/gms)].map(
    ([, indent = '', code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim(),
  );
  expect(shown).toHaveLength(2);
  for (const code of shown) expect(readme).toContain(code);
});
