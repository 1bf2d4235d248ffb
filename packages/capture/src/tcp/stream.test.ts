import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamBudget, TcpStream } from './stream.ts';

const [FIN, SYN, RST] = [1, 2, 4];

/** A stream, and what it told: octets as text, gaps as `<n>`, its end as `|`. */
function stream(budget = new StreamBudget()) {
  const said = { text: '' };
  const tcp = new TcpStream(
    {
      data: (octets) => {
        said.text += String.fromCharCode(...octets);
      },
      gap: (octets) => {
        said.text += `<${octets}>`;
      },
      ended: () => {
        said.text += '|';
      },
    },
    budget,
  );
  return { tcp, said };
}
const text = (characters: string) => Uint8Array.from(characters, (character) => character.charCodeAt(0));

test('RFC 9293 §3.4: begins after SYN, goes on over the end of the numbers, ends with FIN', () => {
  const { tcp, said } = stream();
  tcp.segment(0xffff_fffd, SYN, text(''));
  tcp.segment(0xffff_fffe, 0, text('abc'));
  tcp.segment(1, FIN, text('de'));
  expect(said.text).toBe('abcde|');
  expect(tcp.hasEnded).toBe(true);
  tcp.segment(3, 0, text('x'));
  expect(said.text).toBe('abcde|');
});

test('joined in the middle, it begins with what is seen first', () => {
  const { tcp, said } = stream();
  tcp.segment(5_000, 0, text('in the middle'));
  expect(said.text).toBe('in the middle');
});

test('what is sent again to say something else is not heard, given on or not', () => {
  const { tcp, said } = stream();
  tcp.segment(100, 0, text('abc'));
  tcp.segment(100, 0, text('XYZde'));
  expect(said.text).toBe('abcde');
  tcp.segment(107, 0, text('hi'));
  tcp.segment(105, 0, text('fgXYj'));
  expect(said.text).toBe('abcdefghij');
});

describe('what the capture lacks is a gap', () => {
  test('once the receiver has acknowledged it three times', () => {
    const { tcp, said } = stream();
    tcp.segment(0, 0, text('abc'));
    tcp.segment(10, 0, text('klm'));
    for (let times = 0; times < 2; times++) tcp.acknowledged(13);
    expect(said.text).toBe('abc');
    tcp.acknowledged(13);
    expect(said.text).toBe('abc<7>klm');
    tcp.segment(3, 0, text('defghij'));
    expect(said.text).toBe('abc<7>klm');
  });

  test('once too much waits for it', () => {
    const { tcp, said } = stream();
    tcp.segment(0, 0, text('a'));
    for (let at = 0; at < 300; at++) tcp.segment(2 + 1_000 * at, 0, new Uint8Array(1_000).fill(0x62));
    expect(said.text.startsWith('a<1>bbb')).toBe(true);
    tcp.end();
    expect(said.text).toBe(`a<1>${'b'.repeat(300_000)}|`);
  });

  test('at the end of the capture, at a reset, and before FIN', () => {
    const ends: readonly ((tcp: TcpStream) => void)[] = [(tcp) => tcp.end(), (tcp) => tcp.segment(9, RST, text(''))];
    for (const end of ends) {
      const { tcp, said } = stream();
      tcp.segment(0, 0, text('abc'));
      tcp.segment(5, 0, text('fg'));
      end(tcp);
      expect(said.text).toBe('abc<2>fg|');
    }
    const { tcp, said } = stream();
    tcp.segment(0, 0, text('abc'));
    tcp.segment(7, FIN, text(''));
    for (let times = 0; times < 3; times++) tcp.acknowledged(8);
    expect(said.text).toBe('abc<4>|');
  });

  test('what all streams hold together is bounded', () => {
    const budget = new StreamBudget(10_000);
    const streams = Array.from({ length: 100 }, () => stream(budget));
    for (const { tcp } of streams) {
      tcp.segment(0, 0, text('a'));
      tcp.segment(2, 0, new Uint8Array(1_000));
    }
    expect(budget.used).toBeLessThanOrEqual(11_000);
    for (const { tcp } of streams) tcp.end();
    expect(budget.used).toBe(0);
  });
});

const source = Array.from({ length: 500 }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
const pieces = fc
  .array(fc.tuple(fc.nat(499), fc.integer({ min: 1, max: 60 })), { maxLength: 40 })
  .map((some) => some.map(([from, length]) => ({ from, octets: source.slice(from, from + length) })));

test('however it is cut, repeated and mixed, all of it comes once and in order', () => {
  fc.assert(
    fc.property(pieces, fc.nat(0xffff_ffff), (some, start) => {
      const { tcp, said } = stream();
      tcp.segment(start, SYN, text(''));
      const rest = Array.from({ length: 50 }, (_, at) => ({
        from: 10 * at,
        octets: source.slice(10 * at, 10 * at + 10),
      }));
      for (const { from, octets } of [...some, ...rest]) tcp.segment((start + 1 + from) >>> 0, 0, text(octets));
      tcp.segment((start + 501) >>> 0, FIN, text(''));
      expect(said.text).toBe(`${source}|`);
    }),
  );
});

test('whatever is missing, what is there comes in order, with gaps of the right length between', () => {
  fc.assert(
    fc.property(pieces, (some) => {
      const { tcp, said } = stream();
      tcp.segment(0xffff_ffff, SYN, text(''));
      for (const { from, octets } of some) tcp.segment(from, 0, text(octets));
      tcp.end();
      let at = 0;
      for (const [, gap, octets] of said.text.matchAll(/<(\d+)>|([a-z]+)/g)) {
        if (gap !== undefined) at += Number(gap);
        else {
          expect(octets).toBe(source.slice(at, at + (octets ?? '').length));
          at += (octets ?? '').length;
        }
      }
      expect(at).toBe(Math.max(0, ...some.map(({ from, octets }) => from + octets.length)));
    }),
  );
});
