import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hexadecimal } from '@trustline/base';
import { missingPrograms } from '@trustline/testing/node';
import { describe, expect, test } from 'vitest';
import { EspReader } from './esp-reader.ts';

const fixture = fileURLToPath(new URL('./esp.fixture.py', import.meta.url));

describe.skipIf(missingPrograms('scapy'))('ESP as Scapy makes it', () => {
  const rows = execFileSync('/usr/bin/python3', [fixture], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.split(',') as [string, string, string, string, string]);
  const kinds = [...new Set(rows.map(([suite, mode, name]) => `${suite},${mode},${name}`))];

  test.each(kinds)('%s', (kind) => {
    const reader = new EspReader();
    const found: string[] = [];
    const ends = kind.includes('tunnel') ? ['198.51.100.1', '198.51.100.2'] : ['192.0.2.1', '192.0.2.2'];
    const sent = rows.filter(([suite, mode, name]) => `${suite},${mode},${name}` === kind);
    for (const [at, [, , , esp]] of sent.entries()) {
      const place = { number: at + 1, microseconds: 0 };
      const octets = new Uint8Array(Buffer.from(esp, 'hex'));
      for (const inner of reader.packet(octets, ends[0] ?? '', ends[1] ?? '', place))
        found.push(hexadecimal(inner.octets));
    }
    const isNull = kind.startsWith('NULL');
    expect(reader.facts()).toMatchObject([
      { spi: '00001234', packets: 20, verdict: isNull ? 'null-encryption' : 'no-null-encryption' },
    ]);
    expect(found).toHaveLength(isNull ? 20 : 0);
    // In transport mode the header of IP is made anew: what follows it is what was sent.
    const from = kind.includes('tunnel') ? 0 : 40;
    for (const octets of found) expect(octets.slice(from)).toBe(sent[0]?.[4].slice(from));
  });
});
