import { chmodSync, chownSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { IpsecError } from '../error.ts';
import type { GuardedPeer } from '../guard/ruleset.ts';
import {
  decodePeers,
  decodeRequest,
  encodeAnswer,
  type HelperAnswer,
  type HelperRequest,
  LineReader,
  type Way,
} from '../helper/protocol.ts';
import { ViciRelay } from '../helper/relay.ts';
import type { EspStack } from '../tunnel-configuration.ts';
import { lockFolder } from './folder-lock.ts';
import { GuardKeeper } from './guard-keeper.ts';
import { helperSockets, TUNNEL_DEVICE } from './helper-client.ts';
import { IkeDaemon } from './ike-daemon.ts';
import { probeClear } from './probe.ts';
import { devicesTowards } from './routes.ts';
import { ViciConnection } from './vici-connection.ts';

const MAX_CONNECTIONS = 32;
/** Between two looks of its own at the guard: it is put back though no manager asks. */
const GUARD_LOOK_MS = 1_000;
const firstRestart = 1_000;
const longestRestart = 30_000;

export interface IpsecHelperOptions {
  /** Where its two sockets are; made with mode 0750. The daemon has a folder within it that only its owner may read. */
  readonly folder: string;
  /** What was closed last; closed again at the next start, before anything else. */
  readonly stateFile: string;
  readonly stack: EspStack;
  /** The table of nft. */
  readonly table: string;
  /** The group whose members may use the sockets; that of the process where it is not given. */
  readonly group?: number;
  /** What an administrator should read. */
  readonly say: (sentence: string) => void;
}

/**
 * What has to be done with the rights of the administrator, and no more: it runs the IKE daemon of ours, keeps the guard,
 * and offers both to the manager by two Unix sockets, which only members of one group may open. The guard is closed before
 * the daemon starts, and stays when this ends.
 */
export class IpsecHelper {
  readonly #options: IpsecHelperOptions;
  readonly #guard: GuardKeeper;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #daemonFolder: string;
  #unlock: (() => Promise<void>) | undefined;
  #daemon: IkeDaemon | undefined;
  #restartIn = firstRestart;
  #restart: NodeJS.Timeout | undefined;
  #guardTimer: NodeJS.Timeout | undefined;
  /** What is wrong with the guard and was said: once until it is right. */
  #wrong: string | undefined;
  /** When a manager asked for a reading last. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #secondProblem: string | undefined;
  #stopped = false;

  private constructor(options: IpsecHelperOptions) {
    this.#options = options;
    this.#guard = new GuardKeeper({ table: options.table, stack: options.stack, tunnelDevice: TUNNEL_DEVICE });
    this.#daemonFolder = join(options.folder, 'daemon');
  }

  /** Throws `IpsecError` where another uses the folder, or the guard or the daemon cannot be started; a guard that was closed stays. */
  static async start(options: IpsecHelperOptions): Promise<IpsecHelper> {
    const helper = new IpsecHelper(options);
    try {
      await mkdir(options.folder, { recursive: true, mode: 0o750 });
      helper.#unlock = await lockFolder(options.folder);
      await chmod(options.folder, 0o750);
      if (options.group !== undefined) await chown(options.folder, process.getuid?.() ?? 0, options.group);
      await helper.#guard.protect(await readState(options.stateFile));
      await helper.#startDaemon();
      await helper.#serve();
      helper.#lookAgain();
      return helper;
    } catch (error) {
      await helper.stop();
      throw error;
    }
  }

  /** Ends the daemon and the sockets; the guard stays, so that nothing gets by. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    clearTimeout(this.#guardTimer);
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.#daemon?.stop();
    this.#guard.close();
    await this.#unlock?.();
  }

  async #startDaemon(): Promise<void> {
    const daemon = await IkeDaemon.start({ directory: this.#daemonFolder, stack: this.#options.stack });
    this.#daemon = daemon;
    this.#restartIn = firstRestart;
    daemon.onEnded = (reason) => {
      this.#daemon = undefined;
      this.#options.say(`The IKE daemon is gone: ${reason}. It is started again; until then nothing is protected.`);
      this.#restartLater();
    };
  }

  #restartLater(): void {
    if (this.#stopped) return;
    this.#restart = setTimeout(() => {
      this.#startDaemon().catch((error: Error) => {
        this.#options.say(`The IKE daemon does not start: ${error.message}`);
        this.#restartLater();
      });
    }, this.#restartIn);
    this.#restartIn = Math.min(longestRestart, this.#restartIn * 2);
  }

  async #serve(): Promise<void> {
    const { control, vici } = helperSockets(this.#options.folder);
    await this.#listen(control, (socket) => this.#control(socket));
    await this.#listen(vici, (socket) => this.#relay(socket));
  }

  async #listen(path: string, take: (socket: Socket) => void): Promise<void> {
    await rm(path, { force: true });
    const server = createServer((socket) => {
      if (this.#sockets.size >= MAX_CONNECTIONS) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      // What went wrong is said by the close that follows.
      socket.on('error', () => {});
      take(socket);
    });
    this.#servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(path, () => {
      // Before anybody can have been told of it: the folder lets nobody else pass anyway.
      chmodSync(path, 0o660);
      if (this.#options.group !== undefined) chownSync(path, process.getuid?.() ?? 0, this.#options.group);
      resolve();
    });
    await promise;
  }

  #control(socket: Socket): void {
    const lines = new LineReader();
    // One after the other, as they came: who asks for much waits for itself.
    let turn: Promise<unknown> = Promise.resolve();
    socket.on('data', (chunk) => {
      try {
        for (const line of lines.push(chunk)) {
          const { id, content } = decodeRequest(line);
          turn = turn.then(async () => {
            const answer = await this.#answer(content);
            if (socket.writable) socket.write(encodeAnswer({ id, content: answer }));
          });
        }
      } catch (error) {
        this.#options.say(error instanceof IpsecError ? error.message : String(error));
        socket.destroy();
      }
    });
  }

  async #answer(request: HelperRequest): Promise<HelperAnswer> {
    try {
      return await this.#do(request);
    } catch (error) {
      const typed =
        error instanceof IpsecError ? error : new IpsecError('ipsec.guard', `The guard cannot be changed: ${error}`);
      this.#options.say(typed.message);
      return { is: 'refused', error: typed };
    }
  }

  async #do(request: HelperRequest): Promise<HelperAnswer> {
    const { stack, table } = this.#options;
    switch (request.do) {
      case 'status': {
        const daemonRuns = this.#daemon !== undefined;
        return { is: 'status', status: { stack, tunnelDevice: TUNNEL_DEVICE, daemonRuns } };
      }
      case 'read': {
        this.#lookedAt = performance.now();
        const reading = await this.#guard.read();
        // Who asked is told that it was gone, and does not wait for it.
        if (!reading.inPlace) void this.#repair(reading.problem);
        return { is: 'reading', reading };
      }
      case 'routes':
        return await this.#routes(request.ways);
      case 'protect':
        await this.#guard.protect(request.peers);
        await this.#keepState();
        return { is: 'done' };
      case 'release':
        await this.#assertUnloaded(request.connection);
        await this.#guard.release(request.connection);
        await this.#keepState();
        return { is: 'done' };
      case 'probe': {
        const peer = this.#guard.peers.find(({ connection }) => connection === request.connection);
        if (peer === undefined) throw notGuarded(request.connection);
        const result = await probeClear(this.#guard, { stack, table, tunnelDevice: TUNNEL_DEVICE }, peer);
        return { is: 'probed', result };
      }
    }
  }

  #lookAgain(): void {
    if (this.#stopped) return;
    this.#guardTimer = setTimeout(() => void this.#lookAtGuard().finally(() => this.#lookAgain()), GUARD_LOOK_MS);
  }

  async #lookAtGuard(): Promise<void> {
    // A manager that looks as often spares it.
    if (this.#guard.hasSecond && performance.now() - this.#lookedAt < GUARD_LOOK_MS) return;
    const reading = await this.#guard.read();
    if (this.#stopped) return;
    if (!reading.inPlace) await this.#repair(reading.problem);
    else if (!this.#guard.hasSecond) await this.#holdAgain();
  }

  /** Without it the guard is in place all the same: that is said once, and tried again. */
  async #holdAgain(): Promise<void> {
    await this.#guard.repair().catch(() => {});
    const { secondProblem } = this.#guard;
    if (secondProblem === undefined || secondProblem === this.#secondProblem) return;
    this.#secondProblem = secondProblem;
    this.#options.say(
      `The guard has no second table, which a firewall that is loaded anew would leave: ${secondProblem}`,
    );
  }

  /** A firewall that is loaded anew takes the guard away with everything else. */
  async #repair(problem: string): Promise<void> {
    if (this.#wrong !== problem) {
      this.#options.say(`The guard is not as it was: ${problem}. It is put in place again.`);
    }
    this.#wrong = problem;
    try {
      await this.#guard.repair();
      this.#wrong = undefined;
    } catch (error) {
      if (!(error instanceof IpsecError)) throw error;
      this.#wrong = error.message;
    }
  }

  async #routes(ways: readonly Way[]): Promise<HelperAnswer> {
    const devices = await devicesTowards(ways);
    return devices === undefined ? { is: 'routes' } : { is: 'routes', devices };
  }

  /** The guard is taken away last: not while the daemon still has the connection. */
  async #assertUnloaded(name: string): Promise<void> {
    if (this.#daemon === undefined) throw stillLoaded(name, 'the IKE daemon does not answer');
    const connection = await ViciConnection.open(this.#daemon.viciSocket);
    try {
      const { streamed } = await connection.request('list-conns', { ike: name }, { stream: 'list-conn' });
      if (streamed.length > 0) throw stillLoaded(name, 'the IKE daemon still has it');
    } finally {
      connection.close();
    }
  }

  async #keepState(): Promise<void> {
    const { stateFile } = this.#options;
    await mkdir(dirname(stateFile), { recursive: true, mode: 0o700 });
    const next = `${stateFile}.next`;
    await writeFile(next, `${JSON.stringify({ peers: this.#guard.peers })}\n`, { mode: 0o600 });
    await rename(next, stateFile);
  }

  #relay(client: Socket): void {
    const { viciSocket } = this.#daemon ?? {};
    if (viciSocket === undefined) {
      client.destroy();
      return;
    }
    const relay = new ViciRelay();
    const daemon = connect(viciSocket);
    daemon.on('error', () => {});
    daemon.on('close', () => client.destroy());
    daemon.on('data', (chunk) => client.write(chunk));
    client.on('close', () => daemon.destroy());
    client.on('data', (chunk) => {
      try {
        const { forward, refused, answers } = relay.receive(chunk);
        for (const octets of forward) daemon.write(octets);
        for (const octets of answers) client.write(octets);
        for (const name of refused) this.#options.say(`A command of VICI was refused, ${JSON.stringify(name)}.`);
      } catch (error) {
        this.#options.say(error instanceof IpsecError ? error.message : String(error));
        client.destroy();
      }
    });
  }
}

async function readState(file: string): Promise<readonly GuardedPeer[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? [] : decodePeers(text);
}

function stillLoaded(name: string, why: string): IpsecError {
  return new IpsecError('ipsec.guard', `The guard of ${name} stays closed: ${why}`, {
    nextStep: 'unload its connection first; the guard is taken away last',
  });
}

function notGuarded(name: string): IpsecError {
  return new IpsecError('ipsec.setting', `${name} is not a guarded gateway`, { nextStep: 'add its tunnel' });
}
