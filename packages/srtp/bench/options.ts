import { parseArgs } from 'node:util';
import { type Direction, suites } from './contender.ts';
import type { Cell, Effort } from './measure.ts';

export const usage = `Usage: npm run bench -- srtp [options]

  --quick             few rounds: to see that it works, and roughly how fast
  --json              one JSON object on standard output instead of tables
  --profiles <names>  AES_CM_128_HMAC_SHA1_80,AEAD_AES_128_GCM unless given; or all
  --octets <numbers>  60,172,1200 unless given: of an RTP packet, header included
  --streams <numbers> 1,64,10000 unless given
  --directions <…>    protect,unprotect unless given
  --contenders <…>    only those whose names contain one of these words
  --timing            whether time tells about keys and tags, instead; with --runs <n> and --seed <n>
  --help
`;

export interface BenchOptions {
  readonly json: boolean;
  readonly effort: Effort;
  readonly cells: readonly Cell[];
  isWanted(contender: string): boolean;
}

const thorough: Effort = { rounds: 8, slices: 25, warmUpMilliseconds: 150 };
const quick: Effort = { rounds: 3, slices: 7, warmUpMilliseconds: 60 };

/** Undefined when only help was asked for. @throws {Error} in words, for an option that makes no sense */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      profiles: { type: 'string', default: 'AES_CM_128_HMAC_SHA1_80,AEAD_AES_128_GCM' },
      octets: { type: 'string', default: '60,172,1200' },
      streams: { type: 'string', default: '1,64,10000' },
      directions: { type: 'string', default: 'protect,unprotect' },
      contenders: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  const known = Object.keys(suites);
  const words = values.contenders?.toLowerCase().split(',');
  return {
    json: values.json,
    effort: values.quick ? quick : thorough,
    cells: cellsOf(
      values.profiles === 'all' ? known : oneOf('--profiles', values.profiles, known),
      oneOf('--directions', values.directions, ['protect', 'unprotect']) as Direction[],
      integers('--octets', values.octets, 12, 2048),
      integers('--streams', values.streams, 1, 100_000),
    ),
    isWanted: (contender) => words?.some((word) => contender.toLowerCase().includes(word)) ?? true,
  };
}

function cellsOf(
  profiles: readonly string[],
  directions: readonly Direction[],
  octets: readonly number[],
  streams: readonly number[],
): Cell[] {
  return profiles.flatMap((profile) =>
    directions.flatMap((direction) =>
      octets.flatMap((size) => streams.map((count) => ({ profile, direction, octets: size, streams: count }))),
    ),
  );
}

function oneOf(option: string, text: string, known: readonly string[]): string[] {
  const names = text.split(',');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${option}: ${known.join(', ')}; not ${unknown}`);
  return names;
}

function integers(option: string, text: string, least: number, most: number): number[] {
  const values = text.split(',').map(Number);
  const wrong = values.find((value) => !Number.isInteger(value) || value < least || value > most);
  if (wrong !== undefined) throw new Error(`${option}: integers from ${least} to ${most}, with commas; not ${text}`);
  return values;
}
