import { createSrtpReceiver, createSrtpSender } from '../src/index.ts';
import { nodeCrypto } from '../src/node/index.ts';

const options = {
  profile: 'AES_CM_128_HMAC_SHA1_32',
  crypto: nodeCrypto,
  masterKeys: [{ key: new Uint8Array(16).fill(1), salt: new Uint8Array(14).fill(2) }],
} as const;

/** A packet that libsrtp protected, and lists of operations. */
export function corpus(): Uint8Array[] {
  const packet = '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb';
  return [
    Uint8Array.from(packet.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
    Uint8Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? i : i % 7)),
    Uint8Array.from({ length: 256 }, (_, i) => (i * 37) & 0xff),
  ];
}

/**
 * The input as a packet, and as a list of operations on a sender and a receiver: protect a sequence number, deliver
 * it now, again, or damaged. Nothing damaged may pass and nothing may pass twice.
 */
export function fuzz(data: Uint8Array): void {
  const out = new Uint8Array(Math.max(data.byteLength, 64));
  const receiver = createSrtpReceiver(options);
  for (const outcome of [receiver.unprotect(data, out), receiver.unprotectRtcp(data, out)]) {
    // A 32-bit tag is guessed once in four thousand million tries; a fuzzer without the key does not see it.
    if (typeof outcome === 'number') throw new Error('a packet that nobody protected was accepted');
  }
  if (receiver.streamCount !== 0) throw new Error('a refused packet left state behind');
  operate(data);
}

function operate(data: Uint8Array): void {
  const sender = createSrtpSender(options);
  const receiver = createSrtpReceiver({ ...options, maximumStreams: 4 });
  const accepted = new Set<string>();
  const out = new Uint8Array(64);
  let sequenceNumber = 0;
  for (let at = 0; at + 1 < Math.min(data.byteLength, 256); at += 2) {
    const operation = data[at] as number;
    const argument = data[at + 1] as number;
    sequenceNumber += 1 + argument * (operation & 0x40 ? 100 : 1);
    const packet = new Uint8Array(20);
    packet.set([0x80, 0, (sequenceNumber >> 8) & 0xff, sequenceNumber & 0xff]);
    packet[11] = operation & 0x03;
    const protectedOctets = new Uint8Array(24);
    try {
      sender.protect(packet, protectedOctets);
    } catch {
      continue; // an index that lies behind for this SSRC: refusing it is right
    }
    if (operation & 0x10) {
      const damaged = protectedOctets.slice();
      damaged[argument % damaged.length] = (damaged[argument % damaged.length] as number) ^ (1 + (operation & 0x0f));
      if (typeof receiver.unprotect(damaged, out) === 'number') throw new Error('a damaged packet was accepted');
    }
    for (let delivery = 0; delivery < 1 + ((operation >> 2) & 1); delivery++) {
      if (typeof receiver.unprotect(protectedOctets, out) !== 'number') continue;
      const identity = protectedOctets.join();
      if (accepted.has(identity)) throw new Error('a packet was accepted twice');
      accepted.add(identity);
    }
  }
}
