import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import nodeOptions from '../../node-options.json' with { type: 'json' };

const program = fileURLToPath(new URL('./hostile-traffic.fixture.ts', import.meta.url));
const isFull = process.env['TRUSTLINE_FULL'] === '1';

interface Outcome {
  readonly packets: number;
  readonly calls: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly limits: readonly string[];
  readonly megabytes: number;
}

function audit(...asked: readonly (readonly [kind: string, packets: number])[]): Outcome {
  return JSON.parse(
    execFileSync(process.execPath, [...nodeOptions, program, ...asked.flat().map(String)], { encoding: 'utf8' }),
  );
}

describe('traffic that was made to fill memory takes no more of it than is stated, over what the program has at its start', () => {
  test.each([
    ['flows', isFull ? 1_000_000 : 70_000, 300],
    ['connections', isFull ? 300_000 : 30_000, 400],
    ['fragments', isFull ? 500_000 : 15_000, 150],
  ] as const)('%s: %i packets, %i MB; what was left out is said', (kind, packets, most) => {
    const { limits, megabytes, calls } = audit([kind, packets]);
    expect(megabytes).toBeLessThan(most);
    expect(calls).toBe(0);
    expect(limits.join()).toMatch(/were given up|were not whole/);
  });

  test('messages, frames and sources without an end: 150 MB', () => {
    const { megabytes, counts } = audit(
      ['segments of one octet', isFull ? 500_000 : 20_000],
      ['segments that contradict each other', isFull ? 500_000 : 20_000],
      ['one message without an end', isFull ? 50_000 : 8_000],
      ['a frame of 2^63 octets', isFull ? 50_000 : 8_000],
      ['many sources at one port', isFull ? 100_000 : 20_000],
    );
    expect(megabytes).toBeLessThan(150);
    expect(counts['protected']).toBe(0);
  });

  test('each of many calls is judged, and each of many streams is heard, in the call that described it', () => {
    const [calls, streams] = isFull ? [100_000, 40_000] : [2_000, 1_000];
    const { counts, megabytes } = audit(['calls', calls], ['streams', 10 * streams]);
    expect(counts).toMatchObject({ 'metadata-only': calls - streams, heard: streams });
    expect(megabytes).toBeLessThan(isFull ? 1_700 : 150);
  });
});
