import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { IpsecError } from '../error.ts';
import type { GuardedPeer } from '../guard/ruleset.ts';
import {
  decodeAnswer,
  encodeRequest,
  type HelperAnswer,
  type HelperRequest,
  type HelperStatus,
  LineReader,
  type ProbeResult,
  type Way,
} from '../helper/protocol.ts';
import type { GuardReading } from '../proof.ts';
import type { GuardAccess } from './guard-keeper.ts';

/** Long enough for the script of a thousand gateways on a busy machine. */
const ANSWER_TIMEOUT_MS = 5_000;

/** The device of kernel-libipsec. */
export const TUNNEL_DEVICE = 'ipsec0';

/** The two sockets of a helper. */
export function helperSockets(folder: string): { readonly control: string; readonly vici: string } {
  return { control: join(folder, 'helper.socket'), vici: join(folder, 'vici.socket') };
}

interface Waiting {
  readonly resolve: (answer: HelperAnswer) => void;
  readonly reject: (error: IpsecError) => void;
  readonly timer: NodeJS.Timeout;
}

/** The helper as the manager sees it. The connection is made when it is first needed, and anew after it was lost. */
export class HelperClient implements GuardAccess {
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #socket: Promise<Socket> | undefined;
  #nextId = 1;

  /** `folder` is that of the helper's sockets. */
  constructor(folder: string) {
    this.#path = helperSockets(folder).control;
  }

  /** Throws `ipsec.helper-gone`. */
  async status(): Promise<HelperStatus> {
    const answer = await this.#ask({ do: 'status' });
    if (answer.is !== 'status') throw unexpected();
    return answer.status;
  }

  async protect(peers: readonly GuardedPeer[]): Promise<void> {
    await this.#ask({ do: 'protect', peers });
  }

  async release(connection: string): Promise<void> {
    await this.#ask({ do: 'release', connection });
  }

  async read(): Promise<GuardReading> {
    try {
      const answer = await this.#ask({ do: 'read' });
      if (answer.is !== 'reading') throw unexpected();
      return answer.reading;
    } catch (error) {
      return { inPlace: false, problem: error instanceof Error ? error.message : 'it cannot be read' };
    }
  }

  /** The devices by which packets would leave between these, as `devicesTowards` gives them. Never throws. */
  async routes(ways: readonly Way[]): Promise<readonly (string | null)[] | undefined> {
    try {
      const answer = await this.#ask({ do: 'routes', ways });
      if (answer.is === 'routes' && answer.devices?.length === ways.length) return answer.devices;
    } catch (error) {
      if (!(error instanceof IpsecError)) throw error;
    }
    return undefined;
  }

  /** Sends a packet in the clear around the tunnel of this gateway, and says whether it left. */
  async probe(connection: string): Promise<ProbeResult> {
    const answer = await this.#ask({ do: 'probe', connection });
    if (answer.is !== 'probed') throw unexpected();
    return answer.result;
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.then(
      (one) => one.destroy(),
      () => {},
    );
    this.#failAll(gone(this.#path));
  }

  async #ask(content: HelperRequest): Promise<HelperAnswer> {
    this.#socket ??= this.#open();
    const socket = await this.#socket;
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<HelperAnswer>();
    // Answers come in order: after one that did not come none can be waited for.
    const timer = setTimeout(() => socket.destroy(), ANSWER_TIMEOUT_MS).unref();
    this.#waiting.set(id, { resolve, reject, timer });
    socket.write(encodeRequest({ id, content }));
    const answer = await promise;
    if (answer.is === 'refused') throw answer.error;
    return answer;
  }

  async #open(): Promise<Socket> {
    const socket = connect(this.#path);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('connect', resolve);
    socket.once('error', (cause) => {
      this.#socket = undefined;
      reject(gone(this.#path, cause));
    });
    await promise;
    // It keeps no program alive that has nothing else to do.
    socket.unref();
    const lines = new LineReader();
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      try {
        for (const line of lines.push(chunk)) this.#take(line);
      } catch {
        socket.destroy();
      }
    });
    socket.on('close', () => {
      this.#socket = undefined;
      this.#failAll(gone(this.#path));
    });
    return socket;
  }

  #take(line: string): void {
    const { id, content } = decodeAnswer(line);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    waiting?.resolve(content);
  }

  #failAll(error: IpsecError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of waiting) {
      clearTimeout(timer);
      reject(error);
    }
  }
}

function gone(path: string, cause?: Error): IpsecError {
  return new IpsecError('ipsec.helper-gone', `No IPsec helper answers at ${path}`, {
    nextStep:
      'start it as root: `trustline ipsec helper`, or `systemctl start trustline-ipsec`; check that this user is of its group',
    ...(cause === undefined ? {} : { cause }),
  });
}

function unexpected(): IpsecError {
  return new IpsecError('ipsec.helper-malformed', 'The IPsec helper answered something else', {
    nextStep: 'run the helper and the manager from the same version of Trustline',
  });
}
