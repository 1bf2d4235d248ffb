import { type ChildProcess, spawn } from 'node:child_process';
import { IpsecError } from '../error.ts';

const ANSWER_TIMEOUT_MS = 2_000;
/** A script for a thousand gateways takes seconds on a busy machine. */
const CHANGE_TIMEOUT_MS = 15_000;
/** A listing is some kilobytes for each gateway. */
const MAX_ANSWER = 4_194_304;

interface Waiting {
  readonly resolve: (listing: string | undefined) => void;
  readonly reject: (error: IpsecError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * An nft that stays and is asked for one table again and again: a call has to wait for each reading, and to start a
 * program for each costs ten times as much. Started when it is first asked, and anew after it failed.
 */
export class NftSession {
  readonly #command: readonly [string, ...string[]];
  /** How a listing ends. */
  readonly #end: RegExp;
  #child: ChildProcess | undefined;
  #answer = '';
  #complaint = '';
  #waiting: Waiting | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** Listings are JSON, a line each, or text for people, which ends with a brace of its own. */
  constructor(networkNamespace: string | undefined, form: 'json' | 'text' = 'json') {
    const nft = form === 'json' ? (['nft', '-j', '-i'] as const) : (['nft', '-i'] as const);
    this.#command = networkNamespace === undefined ? nft : ['ip', 'netns', 'exec', networkNamespace, ...nft];
    this.#end = form === 'json' ? /\n$/ : /(?:^|\n)\}\n$/;
  }

  /** What `list table inet` prints, or undefined where there is no such table. Throws `ipsec.guard`. */
  async list(table: string): Promise<string | undefined> {
    const turn = this.#queue.then(() => this.#ask(`list table inet ${table}`));
    this.#queue = turn.catch(() => {});
    return await turn;
  }

  /**
   * Runs a script, which is one line, and gives back what the table holds then. Throws `ipsec.guard`, and the session is to
   * be closed then: what it said of the script and what it says of the table cannot be told apart any more.
   */
  async change(script: string, table: string): Promise<string | undefined> {
    const turn = this.#queue.then(() => this.#ask(`${script}\nlist table inet ${table}`, CHANGE_TIMEOUT_MS));
    this.#queue = turn.catch(() => {});
    return await turn;
  }

  /** Whether the process is there, and with it what belongs to it. */
  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  close(): void {
    this.#fail('it was closed');
  }

  async #ask(command: string, patience = ANSWER_TIMEOUT_MS): Promise<string | undefined> {
    const child = this.#child ?? this.#start();
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail('it does not answer'), patience);
      this.#waiting = { resolve, reject, timer };
      this.#answer = '';
      this.#complaint = '';
      child.stdin?.write(`${command}\n`);
    });
  }

  #start(): ChildProcess {
    const [program, ...parameters] = this.#command;
    const child = spawn(program, parameters, { stdio: 'pipe' });
    this.#child = child;
    // What one that has ended had printed is no answer to what the next is asked.
    child.stdout.on('data', (octets) => child === this.#child && this.#take(String(octets), ''));
    child.stderr.on('data', (octets) => child === this.#child && this.#take('', String(octets)));
    child.stdin.on('error', () => {});
    child.on('error', (error) => child === this.#child && this.#fail(error.message));
    child.on('exit', () => child === this.#child && this.#fail('it ended'));
    // It must not keep a program alive that has nothing else to do.
    child.unref();
    return child;
  }

  /** A complaint is three lines, of which the last points at the place. */
  #take(answer: string, complaint: string): void {
    this.#answer += answer;
    this.#complaint += complaint;
    if (this.#answer.length + this.#complaint.length > MAX_ANSWER) this.#fail('it prints without end');
    else if (this.#end.test(this.#answer)) this.#finish((one) => one.resolve(this.#answer));
    else if (/\^\s*\n$/.test(this.#complaint)) this.#finish((one) => this.#complain(one));
  }

  #complain({ resolve, reject }: Waiting): void {
    if (this.#complaint.includes('No such file or directory')) resolve(undefined);
    else reject(unreadable(this.#complaint.split('\n')[0] ?? ''));
  }

  #finish(settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    settle(waiting);
  }

  #fail(what: string): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    this.#finish(({ reject }) => reject(unreadable(what)));
  }
}

function unreadable(what: string): IpsecError {
  return new IpsecError('ipsec.guard', `The guard cannot be read, nft: ${what}`, {
    nextStep: 'install nftables, and run this with the rights of the administrator (CAP_NET_ADMIN)',
  });
}
