import { spawnSync } from 'node:child_process';
import { missingPrograms } from '@trustline/testing/node';
import { describe, expect, test } from 'vitest';
import { stubOf } from './phone-configuration.ts';
import { deskPhone, readFile, vector } from './samples.fixture.ts';
import { serializeConfiguration } from './write.ts';

function xmllint(
  octets: Uint8Array,
  ...options: readonly string[]
): { readonly status: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync('xmllint', ['--nonet', ...options, '-'], {
    input: octets,
    encoding: 'utf8',
  });
  return { status, out: status === 0 ? stdout : stderr };
}

describe.skipIf(missingPrograms('xmllint'))('xmllint takes what we write', () => {
  test.each([
    ['a full configuration', deskPhone],
    ['its stub', stubOf(deskPhone)],
    ['a default file', readFile(vector('default.cnf.xml'))],
  ])('%s is well-formed', (_, file) => {
    expect(xmllint(serializeConfiguration(file), '--noout')).toEqual({ status: 0, out: '' });
  });

  test('and reads the texts that we meant', () => {
    const octets = serializeConfiguration(deskPhone);
    expect(xmllint(octets, '--xpath', 'string(//line/displayName)').out).toBe('Zoë & <Ann> 🎉\n');
    expect(xmllint(octets, '--xpath', 'string(//line/authPassword)').out).toBe('canary-digest&<\n');
    expect(xmllint(octets, '--xpath', 'count(//callManager)').out).toBe('2\n');
  });

  test('and refuses one that is cut short, so that its yes means something', () => {
    expect(xmllint(serializeConfiguration(deskPhone).subarray(0, 400), '--noout').status).not.toBe(0);
  });
});
