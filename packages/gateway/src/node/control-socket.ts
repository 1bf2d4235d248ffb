import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { TrustlineError } from '@trustline/base';
import { z } from 'zod';
import { GatewayError } from '../error.ts';
import type { NetworkCallEvent, NetworkCallRequest } from './network-call.ts';

/** Version of what goes over the socket. */
const SCHEMA = 1;
/** Requests in octets, commands that are under way at once, and how long one may take to say what it wants (ms). */
const LONGEST_REQUEST = 1_024;
const MOST_COMMANDS = 32;
const REQUEST_TIME = 2_000;

const request = z.strictObject({
  schema: z.literal(SCHEMA),
  call: z.strictObject({
    number: z.string().regex(/^\+?[0-9*#]{1,32}$/),
    calling: z
      .string()
      .regex(/^\+?[0-9*#]{1,32}$/)
      .exactOptional(),
    isAnonymous: z.boolean().exactOptional(),
    port: z.string().max(32).exactOptional(),
    digits: z
      .string()
      .regex(/^[0-9*#A-D]{1,64}$/)
      .exactOptional(),
    seconds: z.number().positive().max(86_400).exactOptional(),
  }),
});

/** What a command is told: how its call goes on, or why there is none. */
export type ControlAnswer =
  | NetworkCallEvent
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly nextStep?: string };

/** Makes a call from behind a port; the result ends it. Throws where it cannot. */
type PlaceCall = (request: NetworkCallRequest, told: (event: NetworkCallEvent) => void) => () => void;

/**
 * Where a gateway that runs is told to do something: a local socket for its owner alone (mode 0600), one line of JSON each
 * way and more lines as the call goes on. Whoever hangs up the socket hangs up the call.
 */
export class ControlSocket {
  readonly #server: Server;
  readonly #path: string;
  readonly #open = new Set<Socket>();

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** @throws {GatewayError} gateway.control-unavailable */
  static async listen(path: string, place: PlaceCall): Promise<ControlSocket> {
    if (await someoneListens(path)) {
      throw new GatewayError('gateway.control-unavailable', `Another gateway listens on ${path}`, {
        nextStep: 'Stop it, or give this one another name or folder.',
      });
    }
    const server = createServer();
    const control = new ControlSocket(server, path);
    server.on('connection', (socket) => control.#serve(socket, place));
    try {
      rmSync(path, { force: true });
      await bind(server, path);
    } catch (cause) {
      throw new GatewayError('gateway.control-unavailable', `No socket can be made at ${path}`, {
        nextStep: 'See that the folder of the document can be written, and that its path is short.',
        cause,
      });
    }
    return control;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    rmSync(this.#path, { force: true });
  }

  #serve(socket: Socket, place: PlaceCall): void {
    socket.on('error', () => {});
    if (this.#open.size >= MOST_COMMANDS) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    socket.setTimeout(REQUEST_TIME, () => socket.destroy());
    let text = '';
    let end: (() => void) | undefined;
    let isAsked = false;
    socket.on('close', () => {
      this.#open.delete(socket);
      end?.();
    });
    socket.on('data', (chunk) => {
      if (isAsked) return;
      text += chunk.toString('utf8');
      const line = text.indexOf('\n');
      if (line === -1 && text.length <= LONGEST_REQUEST) return;
      isAsked = true;
      socket.setTimeout(0);
      end = answer(socket, text.slice(0, Math.max(line, 0)), place);
    });
  }
}

/** Asks the gateway whose socket this is to make a call; the answers come until it is over, or `signal` ends it. */
export async function* askForCall(
  path: string,
  call: NetworkCallRequest,
  signal: AbortSignal,
): AsyncGenerator<ControlAnswer, void, undefined> {
  const socket = await connected(path);
  const hangUp = () => socket.destroy();
  signal.addEventListener('abort', hangUp, { once: true });
  try {
    socket.on('error', () => {});
    socket.write(`${JSON.stringify({ schema: SCHEMA, call })}\n`);
    for await (const line of linesOf(socket)) yield JSON.parse(line) as ControlAnswer;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', hangUp);
    socket.destroy();
  }
}

function answer(socket: Socket, line: string, place: PlaceCall): (() => void) | undefined {
  const say = (told: ControlAnswer) => {
    if (socket.writable) socket.write(`${JSON.stringify(told)}\n`);
    if (told.kind === 'released' || told.kind === 'refused') socket.end();
  };
  const parsed = request.safeParse(jsonOf(line));
  if (!parsed.success) {
    say({ kind: 'refused', code: 'gateway.bad-request', message: 'What is asked is not understood' });
    return undefined;
  }
  try {
    return place(parsed.data.call, say);
  } catch (error) {
    if (!(error instanceof TrustlineError)) throw error;
    const { code, message, nextStep } = error;
    say({ kind: 'refused', code, message, ...(nextStep === undefined ? {} : { nextStep }) });
    return undefined;
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string, void, undefined> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    yield* lines;
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function bind(server: Server, path: string): Promise<void> {
  // Bound with no access for others from the first moment.
  const mask = process.umask(0o177);
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  }).finally(() => process.umask(mask));
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause) =>
      reject(
        new GatewayError('gateway.not-running', `No gateway runs from this document here (${path})`, {
          nextStep: 'Start it: trustline gateway run DOCUMENT. It has to be the same machine and the same user.',
          cause,
        }),
      ),
    );
  });
}

function someoneListens(path: string): Promise<boolean> {
  return connected(path).then(
    (socket) => {
      socket.destroy();
      return true;
    },
    () => false,
  );
}
