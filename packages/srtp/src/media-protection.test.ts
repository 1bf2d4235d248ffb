import { nodeCrypto } from '@trustline/srtp/node';
import { expect, test } from 'vitest';
import { type DirectionKeys, KEY_CHANGE_GRACE, MediaProtection } from './media-protection.ts';

function keys(seed: number): DirectionKeys {
  return {
    profile: 'AES_CM_128_HMAC_SHA1_32',
    masterKeys: [{ key: new Uint8Array(16).fill(seed), salt: new Uint8Array(14).fill(seed + 1) }],
    keyDerivationRate: 0,
    fingerprint: `test ${seed}`,
  };
}

/** The same keys, with session keys that change. */
function derived(seed: number, keyDerivationRate: number): DirectionKeys {
  return { ...keys(seed), keyDerivationRate, fingerprint: `test ${seed} ${keyDerivationRate}` };
}

function packet(sequence: number): Uint8Array {
  return Uint8Array.of(0x80, 8, sequence >> 8, sequence & 0xff, 0, 0, 0, sequence, 1, 2, 3, 4, 42, 43, 44);
}

function sealed(sender: MediaProtection, sequence: number): Uint8Array {
  const out = new Uint8Array(100);
  return out.slice(0, sender.protect('rtp', packet(sequence), out));
}

function pair(): { sender: MediaProtection; receiver: MediaProtection; out: Uint8Array } {
  const [sender, receiver] = [new MediaProtection(nodeCrypto), new MediaProtection(nodeCrypto)];
  sender.useKeys(0, { send: keys(1), receive: keys(2) });
  receiver.useKeys(0, { send: keys(2), receive: keys(1) });
  return { sender, receiver, out: new Uint8Array(100) };
}

test('the same keys again go on where they were: what was replayed stays replayed (RFC 3711 §3.3.2)', () => {
  const { sender, receiver, out } = pair();
  const first = sealed(sender, 1);
  expect(receiver.unprotect(0, 'rtp', first, out)).toBe(15);
  receiver.useKeys(10, { send: keys(2), receive: keys(1) });
  expect(receiver.unprotect(10, 'rtp', first, out)).toBe('replayed');
});

test('after a change the keys before are taken for a while, and then no more', () => {
  const { sender, receiver, out } = pair();
  const [early, late] = [sealed(sender, 1), sealed(sender, 2)];
  receiver.useKeys(1_000, { send: keys(2), receive: keys(5) });
  expect(receiver.unprotect(1_500, 'rtp', early, out)).toBe(15);
  expect(receiver.unprotect(1_500, 'rtp', early, out)).toBe('authentication-failed');
  expect(receiver.unprotect(1_000 + KEY_CHANGE_GRACE, 'rtp', late, out)).toBe('authentication-failed');
  expect(receiver.rejections).toEqual({ 'authentication-failed': 2 });
});

test('each direction derives its keys at the rate of its own line (RFC 4568 §6.3.1)', () => {
  const out = new Uint8Array(100);
  const [sender, receiver, deaf] = [1, 2, 3].map(() => new MediaProtection(nodeCrypto)) as [
    MediaProtection,
    MediaProtection,
    MediaProtection,
  ];
  sender.useKeys(0, { send: derived(1, 2), receive: derived(2, 0) });
  receiver.useKeys(0, { send: derived(2, 0), receive: derived(1, 2) });
  deaf.useKeys(0, { send: derived(2, 0), receive: derived(1, 0) });
  const outcomes = [0, 1, 2, 3, 4].map((sequence) => {
    const one = sealed(sender, sequence);
    return [receiver.unprotect(0, 'rtp', one, out), deaf.unprotect(0, 'rtp', one, out)];
  });
  expect(outcomes.map(([taken]) => taken)).toEqual([15, 15, 15, 15, 15]);
  expect(outcomes.map(([, refused]) => refused)).toEqual([15, 15, ...Array(3).fill('authentication-failed')]);
  expect(sender.unprotect(0, 'rtp', sealed(receiver, 1), out)).toBe(15);
});

test('without keys nothing is sent and nothing is taken', () => {
  const bare = new MediaProtection(nodeCrypto);
  expect(() => bare.protect('rtp', packet(1), new Uint8Array(100))).toThrow('no keys');
  expect(bare.unprotect(0, 'rtp', packet(1), new Uint8Array(100))).toBe('closed');
  const { sender } = pair();
  sender.close();
  expect(sender.isProtected).toBe(false);
  expect(() => sender.protect('rtp', packet(1), new Uint8Array(100))).toThrow('no keys');
});

test('master keys may be cleared as soon as they are in use', () => {
  const { receiver, out } = pair();
  const sender = new MediaProtection(nodeCrypto);
  const [send, receive] = [keys(1), keys(2)];
  sender.useKeys(0, { send, receive });
  for (const { key, salt } of [...send.masterKeys, ...receive.masterKeys]) {
    key.fill(0);
    salt.fill(0);
  }
  expect(receiver.unprotect(0, 'rtp', sealed(sender, 9), out)).toBe(15);
});

test('H.235.8: of the keys that the far end may send with the first that verifies stays', () => {
  const { sender, out } = pair();
  const receiver = new MediaProtection(nodeCrypto);
  receiver.useKeys(0, { send: keys(2), receive: keys(8), candidates: [keys(9), keys(1)] });
  expect(receiver.receivesWith).toBeUndefined();
  const forged = sealed(sender, 1).fill(0, 12, 14);
  expect(receiver.unprotect(0, 'rtp', forged, out)).toBe('authentication-failed');
  const first = sealed(sender, 2);
  expect(receiver.unprotect(0, 'rtp', first, out)).toBe(15);
  expect(receiver.receivesWith).toBe('test 1');
  expect(receiver.unprotect(0, 'rtp', first, out)).toBe('replayed');
  const other = new MediaProtection(nodeCrypto);
  other.useKeys(0, { send: keys(9), receive: keys(2) });
  expect(receiver.unprotect(0, 'rtp', sealed(other, 3), out)).toBe('authentication-failed');
});
