// Writes `sha1-rounds.ts` for the build: one compression of SHA-1 (FIPS 180-4 §6.1.2) without a loop, the message
// schedule made four words at a time shortly before the rounds that need it. Written so, the two overlap in the
// processor, which takes a third off the time of a loop over a schedule made beforehand.

const LEAD = 4; // vectors of the schedule that are there before the first round

const functions = [
  (b, c, d) => `(${d} ^ (${b} & (${c} ^ ${d})))`,
  (b, c, d) => `(${b} ^ ${c} ^ ${d})`,
  (b, c, d) => `(${b} & ${c}) + (${d} & (${b} ^ ${c}))`,
  (b, c, d) => `(${b} ^ ${c} ^ ${d})`,
];

function vector(n) {
  const made =
    n < 4
      ? `look(v128.load(block, ${16 * n}), reverse)`
      : n < 8
        ? `near(w${n - 4}, w${n - 3}, w${n - 2}, w${n - 1})`
        : `far(w${n - 2}, w${n - 1}, w${n - 4}, w${n - 7}, w${n - 8})`;
  return [
    `  const w${n} = ${made};`,
    `  v128.store(SCHEDULE, i32x4.add(w${n}, v128.load(ROUND_CONSTANTS, ${16 * Math.floor(n / 5)})), ${16 * n});`,
  ];
}

export function sha1Rounds() {
  const lines = [
    "import { look } from './aes';",
    "import { REVERSE_WORDS, ROUND_CONSTANTS, SCHEDULE } from './layout';",
    "import { far, near } from './schedule';",
    'export function compressInterleaved(from: usize, block: usize, to: usize): void {',
    '  const reverse = v128.load(REVERSE_WORDS);',
  ];
  let names = ['a', 'b', 'c', 'd', 'e'];
  for (const [at, name] of names.entries()) lines.push(`  let ${name} = load<u32>(from, ${4 * at});`);
  for (let n = 0; n < LEAD; n++) lines.push(...vector(n));
  for (let round = 0; round < 80; round++) {
    const next = round / 4 + LEAD;
    if (Number.isInteger(next) && next < 20) lines.push(...vector(next));
    const [a, b, c, d, e] = names;
    // Only the rotated `a` comes late, so it is added last.
    const early = `${e} + load<u32>(SCHEDULE, ${4 * round}) + ${functions[Math.floor(round / 20)](b, c, d)}`;
    lines.push(`  ${e} = (${early}) + rotl<u32>(${a}, 5);`, `  ${b} = rotl<u32>(${b}, 30);`);
    names = [e, a, b, c, d];
  }
  for (const [at, name] of names.entries()) {
    lines.push(`  store<u32>(to, load<u32>(from, ${4 * at}) + ${name}, ${4 * at});`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}
