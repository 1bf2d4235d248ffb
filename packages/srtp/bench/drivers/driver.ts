import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Contender, commands, type Direction } from '../contender.ts';

/** The C programs of this folder, and what each is linked with. */
const programs = {
  libsrtp: { source: 'libsrtp-driver.c', library: '-lsrtp2', packages: 'gcc and libsrtp2-dev' },
  openssl: { source: 'openssl-driver.c', library: '-lcrypto', packages: 'gcc and libssl-dev' },
} as const;

/** Compiles a driver into `folder` and returns the path of the program. @throws {Error} that names what is missing */
export function compileDriver(which: keyof typeof programs, folder: string): string {
  const { source, library, packages } = programs[which];
  const program = join(folder, which);
  const options = ['-O3', '-Wall', '-Wextra', '-Werror', '-o', program, join(import.meta.dirname, source), library];
  try {
    execFileSync('gcc', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Error(`${which}: ${packages} are needed (scripts/install-peers.sh): ${error}`);
  }
  return program;
}

/** A contender of this language as a process of its own. */
export function contenderProcess(name: string): DrivenContender {
  const host = new URL('../contender-process.ts', import.meta.url).pathname;
  return new DrivenContender(name, process.execPath, ['--expose-gc', host, name]);
}

/** Drives one program by the lines that command-loop.h describes, one request at a time. */
export class DrivenContender implements Contender {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(name: string, command: string, args: readonly string[] = []) {
    this.name = name;
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.on('error', () => undefined); // who has ended answers no more, and that is said by `ask`
  }

  /** The library and its version. */
  describe(): Promise<string> {
    return this.ask('describe');
  }

  async performs(profile: string): Promise<boolean> {
    return (await this.ask(commands.performs(profile))) === 'yes';
  }

  async setup(profile: string, streams: number, octets: number): Promise<void> {
    await this.ask(commands.setup(profile, streams, octets));
  }

  async check(count: number): Promise<readonly string[]> {
    const packets = [await this.ask(commands.check(count))];
    while (packets.length < count) packets.push(await this.line());
    return packets;
  }

  async slice(direction: Direction, packets: number): Promise<number> {
    return Number(await this.ask(commands.slice(direction, packets)));
  }

  ask(command: string): Promise<string> {
    this.child.stdin?.write(`${command}\n`);
    return this.line();
  }

  close(): void {
    this.child.stdin?.end('quit\n');
  }

  private async line(): Promise<string> {
    const next = await this.lines.next();
    if (next.done === true) throw new Error(`${this.name} ended without an answer`);
    if (next.value.startsWith('error ')) throw new Error(`${this.name}: ${next.value.slice('error '.length)}`);
    return next.value;
  }
}
