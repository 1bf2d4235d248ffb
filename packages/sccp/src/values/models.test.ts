import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DeviceType } from './device-types.ts';
import { keysOfModel } from './models.ts';

const page = readFileSync(new URL('../../../../docs/skinny.md', import.meta.url), 'utf8');
const rows = page
  .slice(page.indexOf('## Models'))
  .split('\n')
  .filter((line) => /^\| .*\[/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** No phones: gateways, and modules beside one. */
const others = /^(StationVGC|VGCGateway|.*AddOn.*)$/;
const phones = Object.entries(DeviceType).filter(([name]) => !others.test(name));

function typesIn(cell: string): readonly number[] {
  return [...cell.replace(/\[.*?\]/g, '').matchAll(/\d+/g)].map(([number]) => Number(number));
}

describe('the table of models in docs/skinny.md', () => {
  test('has each phone that we know once', () => {
    const told = rows.flatMap(([, type = '']) => typesIn(type));
    expect(told.toSorted((a, b) => a - b)).toEqual(phones.map(([, type]) => type).toSorted((a, b) => a - b));
  });

  test('has the models of which the reference gives the type', () => {
    const known = [8, 7, 115, 434, 435, 404, 436, 30006, 119, 437, 307, 369];
    expect(known.filter((type) => !rows.some(([, cell = '']) => typesIn(cell).includes(type)))).toEqual([]);
  });

  test('says in every cell who says so, or that nobody does', () => {
    const bare = rows.flatMap(([model, ...cells]) =>
      cells
        .filter((cell) => !/\[(R|C2?|D|I)\b/.test(cell) && !/^(unknown|none known)/.test(cell))
        .map((cell) => `${model}: ${cell}`),
    );
    expect(bare).toEqual([]);
  });

  test('gives the keys that phones are configured with', () => {
    for (const [model, type = '', , lines = ''] of rows) {
      const [own] = typesIn(lines);
      for (const of of typesIn(type)) {
        const expected = own === undefined ? undefined : { own, takesModules: /^\d+\+/.test(lines) };
        expect(keysOfModel(of), `${model}: ${lines}`).toEqual(expected);
      }
    }
  });
});
