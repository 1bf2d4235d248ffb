import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { metricsText, metricsType } from '../../api/metrics.ts';
import { version } from '../../version.ts';
import type { Services } from '../operations/services.ts';
import { status } from '../operations/status.ts';
import type { ManagerPart } from '../parts.ts';
import { type BoundAddress, boundAddress, listening } from './listening.ts';
import { closeServer } from './server.ts';

export interface MetricsListener extends ManagerPart {
  /** As bound; undefined while it is not. */
  listener(): BoundAddress | undefined;
}

/**
 * `/health` and `/metrics` by plain HTTP, for the programs that watch machines. They carry no proof of who they are, so
 * they see numbers, and nothing of which one may recognise a person.
 */
export function createMetrics(services: Services, address: BoundAddress): MetricsListener {
  const stopping = new AbortController();
  const events = new Map<string, number>();
  const unsubscribe = services.journal.subscribe(({ content }) => {
    if (content.kind === 'event') events.set(content.event.kind, (events.get(content.event.kind) ?? 0) + 1);
  });
  const server: Server = createServer((request, response) => {
    answer(services, events, request, response).catch((error: Error) => {
      services.log.error(`A request for metrics failed: ${error.stack}`);
      response.destroy();
    });
  });
  return {
    listener: () => boundAddress(server),
    start: () =>
      listening(
        server,
        address,
        'Metrics and health',
        'Set api.metrics.port to another, or to 0 to let the system choose, or api.metrics.enabled to false.',
      ),
    stop() {
      unsubscribe();
      return closeServer(server, stopping);
    },
  };
}

async function answer(
  services: Services,
  events: ReadonlyMap<string, number>,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (code: number, type: string, text: string) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' };
    response.writeHead(code, headers).end(method === 'HEAD' ? undefined : text);
  };
  if (method !== 'GET' && method !== 'HEAD') return send(405, 'text/plain', 'Only GET is answered here.\n');
  switch (new URL(url ?? '/', 'http://localhost').pathname) {
    case '/health': {
      const state = services.draining() ? 'draining' : 'running';
      const health = {
        schema: 1,
        node: services.configuration.node,
        state,
        recordsFull: services.journal.status().full,
      };
      return send(state === 'running' ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`);
    }
    case '/metrics':
      return send(200, metricsType, await metrics(services, events));
    default:
      return send(404, 'text/plain', 'There are /health and /metrics.\n');
  }
}

async function metrics(services: Services, events: ReadonlyMap<string, number>): Promise<string> {
  const { configuration, cluster, signalling, startedAt } = services;
  const { devices, registered, calls, records, securityMode, ipsec } = await status(services);
  return metricsText({
    node: configuration.node,
    version,
    securityMode,
    isDraining: services.draining(),
    startedAt,
    devices,
    registered,
    calls,
    transcodedCalls: signalling?.calls().filter(({ transcoded }) => transcoded !== null).length ?? 0,
    connections: signalling?.connections() ?? 0,
    events,
    records,
    ipsec: ipsec ?? undefined,
    certificates: cluster
      .status()
      .flatMap(({ role, notAfter, state }) =>
        state === 'in use' && notAfter !== undefined ? [{ role, notAfter }] : [],
      ),
  });
}
