import { describe, expect, test } from 'vitest';
import { mostSources, SourceLimits, sourceOf } from './source-limits.ts';

describe('what is looked at of those who have not proved who they are', () => {
  test('one source takes its share and nothing of the others', () => {
    const limits = new SourceLimits(10, 40);
    const taken = (host: string, times: number) =>
      Array.from({ length: times }, () => limits.take(1_000, host)).filter(Boolean).length;
    expect(taken('192.0.2.1', 1_000)).toBe(10);
    expect(taken('192.0.2.2', 10)).toBe(10);
  });

  test('many sources take no more than all may, and no more memory than is set', () => {
    const limits = new SourceLimits(10, 40);
    let taken = 0;
    for (let source = 0; source < 2 * mostSources; source += 1)
      taken += limits.take(1_000, `10.${source >> 16}.${(source >> 8) & 255}.${source & 255}`) ? 1 : 0;
    expect(taken).toBe(40);
    expect(limits.size).toBe(mostSources);
  });

  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1::2:3:4:5', '2001:db8:1:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('RFC 4291 §2.5: %s counts as %s', (host, source) => {
    expect(sourceOf(host)).toBe(source);
  });
});
