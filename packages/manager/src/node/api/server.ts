import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { z } from 'zod';
import { apiPrefix, onlyAsks, statedReason } from '../../api/contract.ts';
import { requestFaults } from '../../api/request-faults.ts';
import { type Actor, actorText } from '../../api/roles.ts';
import { ManagerError } from '../../error.ts';
import { localUser } from '../local-user.ts';
import { onBehalfOf } from '../operations/attribution.ts';
import type { Services } from '../operations/services.ts';
import type { ManagerPart } from '../parts.ts';
import { isStream, sendError, sendJson, sendStream } from './answers.ts';
import { assertMayUse } from './permission.ts';
import { done, type Route, routes } from './routes.ts';

/** The largest request: an import of certificate chains fits many times over. */
const largestBody = 1_048_576;
/** Time a request may take to arrive, in milliseconds. */
const requestTimeout = 30_000;

/** Time that answers in progress have to end when the manager stops, in milliseconds. */
const closingTime = 2_000;

/**
 * Answers the requests of the interface, whatever socket they came by; `stopping` ends those that go on and on.
 *
 * @param whoAsks looked up for every request, since a role may be taken while a connection stays
 */
export function apiHandler(
  services: Services,
  stopping: AbortSignal,
  whoAsks: (request: IncomingMessage) => Promise<Actor>,
): RequestListener {
  return (request, response) => {
    answer(services, request, response, stopping, whoAsks).catch((error: unknown) => {
      sendError(response, error, (sentence) => services.log.error(sentence));
    });
  };
}

/** The interface on a local socket, mode 0600: who may open it is the owner, and needs no other proof. */
export function createLocalApi(services: Services): ManagerPart {
  const path = services.loaded.apiSocket;
  const stopping = new AbortController();
  // Node.js tells no peer's user; the mode of the socket lets in nobody but the user of this process, and root.
  const owner: Actor = { kind: 'local', user: localUser() };
  const handle = apiHandler(services, stopping.signal, async () => owner);
  const server = createServer({ requestTimeout }, handle);
  return {
    async start() {
      // The lock of the data folder says that no other manager is here; a socket file may be left by a killed one.
      if (await someoneListens(path)) {
        throw new ManagerError('manager.listener-failed', `Another process listens on ${path}.`, {
          nextStep: 'Set api.socket to another path.',
        });
      }
      rmSync(path, { force: true });
      // Bound with no access for others from the first moment, not only after the chmod.
      const mask = process.umask(0o177);
      try {
        await listen(server, path);
      } finally {
        process.umask(mask);
      }
      chmodSync(path, 0o600);
    },
    stop: () => closeServer(server, stopping),
  };
}

/** Stops listening; followers of events get the last of them and the end of the answer, who does not read is cut off. */
export function closeServer(
  server: Pick<Server, 'close' | 'closeAllConnections'>,
  stopping: AbortController,
): Promise<void> {
  stopping.abort();
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closingTime);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `The local socket ${path} cannot be opened: ${cause.message}`;
      const nextStep = 'Set api.socket to a path that this user may write.';
      reject(new ManagerError('manager.listener-failed', message, { nextStep, cause }));
    });
    server.listen(path, resolve);
  });
}

function someoneListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function answer(
  services: Services,
  request: IncomingMessage,
  response: ServerResponse,
  stopping: AbortSignal,
  whoAsks: (request: IncomingMessage) => Promise<Actor>,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const found = findRoute(request.method ?? '', url.pathname);
  if (found === undefined) {
    throw new ManagerError('manager.not-found', `There is nothing at ${request.method} ${url.pathname}.`);
  }
  const { route, parameters } = found;
  const actor = await whoAsks(request);
  await assertMayUse(services, actor, route);
  if (url.searchParams.has(onlyAsks)) return sendJson(response, 200, done(services));
  const body = route.body === undefined ? undefined : validate(route.body, await readBody(request));
  const reason = url.searchParams.get('reason') ?? '';
  if (reason !== '') validate(statedReason, reason);
  const attribution = { actor: actorText(actor), ...(reason === '' ? {} : { statedReason: reason }) };
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, stopping]);
  const input = { parameters, query: url.searchParams, body, signal };
  const result = await onBehalfOf(attribution, () => route.handle(services, input));
  if (isStream(result)) return sendStream(response, result);
  sendJson(response, 200, result);
}

function findRoute(method: string, path: string): { readonly route: Route; readonly parameters: string[] } | undefined {
  if (!path.startsWith(`${apiPrefix}/`)) return undefined;
  const given = path.slice(apiPrefix.length).split('/');
  for (const route of routes) {
    const wanted = route.path.split('/');
    if (route.method !== method || wanted.length !== given.length) continue;
    if (!wanted.every((part, index) => part.startsWith(':') || part === given[index])) continue;
    const parameters = given.filter((_, index) => wanted[index]?.startsWith(':')).map(decode);
    return { route, parameters };
  }
  return undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // names nothing that is there, and is answered so
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > largestBody) {
      throw new ManagerError('manager.request-too-large', `A request is at most ${largestBody} octets long.`);
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new ManagerError('manager.request-invalid', 'The request is not JSON.', { cause });
  }
}

function validate(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { message, nextStep } = requestFaults(schema, parsed.error, value);
  throw new ManagerError('manager.request-invalid', message, nextStep === undefined ? {} : { nextStep });
}
