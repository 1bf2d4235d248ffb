import { expect, test } from 'vitest';
import { TftpAdmission } from './admission.ts';
import { defaultTftpLimits } from './limits.ts';

const limits = { ...defaultTftpLimits, transfers: 3, transfersPerAddress: 2 };

test('a repeated request begins no second transfer, until the first is over', () => {
  const admission = new TftpAdmission(limits);
  const peer = { address: '192.0.2.1', port: 7 };
  expect(admission.admit(peer)).toBe('admitted');
  expect(admission.admit(peer)).toBe('repeated');
  admission.release(peer);
  admission.release(peer);
  expect(admission.running).toBe(0);
  expect(admission.admit(peer)).toBe('admitted');
});

test('transfers are limited in all and per address, and a place that is left is given again', () => {
  const admission = new TftpAdmission(limits);
  const at = (address: string, port: number) => ({ address, port });
  expect(admission.admit(at('a', 1))).toBe('admitted');
  expect(admission.admit(at('a', 2))).toBe('admitted');
  expect(admission.admit(at('a', 3))).toBe('full');
  expect(admission.admit(at('b', 1))).toBe('admitted');
  expect(admission.admit(at('c', 1))).toBe('full');
  admission.release(at('a', 1));
  expect(admission.admit(at('c', 1))).toBe('admitted');
});
