import { createHash, randomBytes } from 'node:crypto';
import { Redacted } from '@trustline/base';
import { expect, test } from 'vitest';
import { openString, STRING_KEY_LENGTH, STRING_NONCE_LENGTH, sealString } from './sealed-string.ts';

const newKey = () => new Redacted(new Uint8Array(randomBytes(STRING_KEY_LENGTH)));
const key = newKey();
const sealedFor = { device: 'SEP001122334455', operation: 'one' };
const digits = '5551202777';
const nonce = (turn: number) => createHash('sha256').update(String(turn)).digest().subarray(0, STRING_NONCE_LENGTH);
const sealed = sealString(key, sealedFor, new Redacted(digits), nonce(0));

test('what was sealed opens by its key, and says nothing of itself', () => {
  expect(openString(key, sealedFor, sealed)?.reveal()).toBe(digits);
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain(digits);
  expect(sealString(key, sealedFor, new Redacted(digits), nonce(1))).not.toBe(sealed);
});

test('it opens for no other device, no other operation, no other key and not when it was altered', () => {
  expect(openString(key, { ...sealedFor, device: 'SEP001122334456' }, sealed)).toBeUndefined();
  expect(openString(key, { ...sealedFor, operation: 'two' }, sealed)).toBeUndefined();
  expect(openString(newKey(), sealedFor, sealed)).toBeUndefined();
  const octets = Buffer.from(sealed, 'base64');
  for (let at = 0; at < octets.byteLength; at += 1) {
    const altered = Buffer.from(octets);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(openString(key, sealedFor, altered.toString('base64'))).toBeUndefined();
    expect(openString(key, sealedFor, octets.subarray(0, at).toString('base64'))).toBeUndefined();
  }
});

test('digits in the clear are none that were sealed', () => {
  expect(openString(key, sealedFor, digits)).toBeUndefined();
  expect(openString(key, sealedFor, '')).toBeUndefined();
});
