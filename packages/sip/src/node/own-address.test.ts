import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { isWildcard, ownAddressTowards } from './own-address.ts';

test('a peer on loopback sees loopback, one in a network of ours the address there', () => {
  expect(ownAddressTowards('127.0.0.1')).toBe('127.0.0.1');
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])) {
    if (family === 'IPv4') expect(ownAddressTowards(address)).toBe(address);
  }
});

test('no peer ever sees the address of every interface', () => {
  for (const remote of ['203.0.113.9', '2001:db8::9', '127.0.0.1']) {
    expect(isWildcard(ownAddressTowards(remote))).toBe(false);
  }
});
