/**
 * One contender of this language in a process of its own: reads the commands of drivers/command-loop.h on standard
 * input and answers as the C drivers do. Two commands more are for ours: `allocations` and `footprint`.
 *
 *     node --expose-gc contender-process.ts <name>
 */
import { createInterface } from 'node:readline';
import { commands, type Direction, type MeteredContender } from './contender.ts';
import { allocations, footprint } from './memory.ts';
import { nodeCryptoContenders } from './node-crypto.ts';
import { ours } from './ours.ts';
import { weriftContenders } from './werift.ts';

const table = { ...ours, ...weriftContenders, ...nodeCryptoContenders };

async function run(): Promise<void> {
  const name = process.argv[2] ?? '';
  const contender = table[name]?.();
  if (contender === undefined) throw new Error(`there is no contender ${JSON.stringify(name)}`);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'quit') break;
    process.stdout.write(`${await answer(contender, line)}\n`);
  }
}

async function answer(contender: MeteredContender, line: string): Promise<string> {
  const [command, first = '', second = '', third = '', fourth = ''] = line.split(' ');
  const direction = first as Direction;
  switch (command) {
    case 'describe':
      return `Node.js ${process.version}, OpenSSL ${process.versions.openssl}`;
    case 'performs':
      return contender.performs(first) ? 'yes' : 'no';
    case 'setup':
      if (line !== commands.setup(first, Number(third), Number(fourth))) throw new Error(`an unknown key: ${second}`);
      await contender.setup(first, Number(third), Number(fourth));
      return 'ready';
    case 'check':
      return (await contender.check(Number(first))).join('\n');
    case 'slice':
      return String(await contender.slice(direction, Number(second)));
    case 'allocations':
      return JSON.stringify(await allocations(contender, direction));
    case 'footprint':
      return JSON.stringify(await footprint(contender, direction, second, Number(third)));
    default:
      throw new Error(`unknown command ${line}`);
  }
}

try {
  await run();
} catch (error) {
  process.stdout.write(`error ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
