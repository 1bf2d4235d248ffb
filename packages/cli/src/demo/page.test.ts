import { describe, expect, test } from 'vitest';
import { clearRun, encryptedRun, skinnyRun } from './measurement.fixture.ts';
import { PAGE_WIDTH, pageOf, styleOf } from './page.ts';
import { judge } from './verdict.ts';

const plain = styleOf(false);

describe('the page', () => {
  test.each([
    ['encrypted', encryptedRun],
    ['clear', clearRun],
    ['Skinny', skinnyRun],
  ])('of an %s run fits a terminal, and its columns stand under each other', (_, run) => {
    const lines = pageOf(run, judge(run), plain).split('\n');
    expect(lines.filter((line) => line.length > PAGE_WIDTH)).toEqual([]);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
    const head = lines.find((line) => line.includes('wanted')) ?? '';
    const column = head.indexOf('wanted');
    const rows = lines.filter((line) => /^(ok|NO) {2}/.test(line));
    expect(rows).toHaveLength(judge(run).length);
    for (const row of rows) expect(row.slice(column - 1, column + 1), row).toMatch(/^ \S$/);
  });

  test('says which checks failed, and that the run was sabotaged', () => {
    const run = { ...encryptedRun, sabotage: 'keys' as const, level: 'authenticated' as const };
    const page = pageOf(run, judge(run), plain);
    expect(page).toContain('SABOTAGED: the tap was handed the keys.');
    expect(page).toMatch(/\nNO {2}level/);
    expect(page).toContain('FAILED: 1 of 13 checks does not hold: level.');
    expect(page).not.toContain('PASSED');
  });

  test('has colours only where they are asked for', () => {
    expect(pageOf(encryptedRun, judge(encryptedRun), plain)).not.toContain('\u001b');
    expect(pageOf(encryptedRun, judge(encryptedRun), styleOf(true))).toContain('\u001b[32mok');
  });
});
