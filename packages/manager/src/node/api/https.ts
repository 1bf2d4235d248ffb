import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import { judgeOperatorCertificate, type OperatorJudgment } from '@trustline/pki';
import { certificateChain } from '@trustline/sip/node';
import type { Actor } from '../../api/roles.ts';
import { ManagerError } from '../../error.ts';
import type { Services } from '../operations/services.ts';
import type { ManagerPart } from '../parts.ts';
import { type BoundAddress, boundAddress, listening } from './listening.ts';
import { apiHandler, closeServer } from './server.ts';

export interface HttpsApi extends ManagerPart {
  /** As bound; undefined while it is not. */
  listener(): BoundAddress | undefined;
  trustChanged(): void;
}

/**
 * The interface for operators elsewhere: HTTPS with an operator's certificate. `node:tls` does not say why it refuses
 * a client, so it is told to refuse none; the certificate is judged here, at the handshake and at every request.
 */
export function createHttpsApi(services: Services, address: BoundAddress): HttpsApi {
  const stopping = new AbortController();
  /** Connections whose certificate is believed. */
  const open = new Set<TLSSocket>();
  const handle = apiHandler(services, stopping.signal, (request) => whoAsks(services, request));
  const server: Server = createServer(
    { ...context(services), requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' },
    (request, response) => {
      const judgment = judge(services, request.socket as TLSSocket);
      if (!judgment.accepted) return void request.socket.destroy();
      handle(request, response);
    },
  );
  server.on('secureConnection', (socket) => {
    const judgment = judge(services, socket);
    if (judgment.accepted) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return;
    }
    const remoteAddress = `${socket.remoteAddress}:${socket.remotePort}`; // a destroyed socket has none
    socket.destroy();
    void services.journal.event('handshake-refused', {
      remoteAddress,
      reason: judgment.code,
      cause: `HTTPS for operators: ${judgment.reason}`,
      nextStep: 'Make an operator’s certificate with: trustline operator add NAME --role ROLE --out FOLDER',
    });
  });
  server.on('tlsClientError', (_, socket) => socket.destroy());

  return {
    listener: () => boundAddress(server),
    start: () =>
      listening(server, address, 'HTTPS', 'Set api.https.port to another, or to 0 to let the system choose.'),
    stop: () => closeServer(server, stopping),
    trustChanged() {
      server.setSecureContext(context(services));
      for (const socket of open) if (!judge(services, socket).accepted) socket.destroy();
    },
  };
}

function context({ cluster }: Services): SecureContextOptions {
  const identities = cluster.callManagerIdentities();
  return {
    key: identities.map(({ privateKeyPem }) => privateKeyPem.reveal()),
    cert: identities.map(({ chainPem }) => chainPem),
  };
}

/** The certificate proves the name; the role is what the store says of the name at this moment. */
async function whoAsks(services: Services, request: IncomingMessage): Promise<Actor> {
  const judgment = judge(services, request.socket as TLSSocket);
  if (!judgment.accepted) throw new ManagerError('manager.role-needed', 'The certificate is no longer believed.');
  const name = judgment.operator;
  return { kind: 'operator', name, role: await services.store.operators.roleOf(name) };
}

function judge({ cluster, clock }: Services, socket: TLSSocket): OperatorJudgment {
  return judgeOperatorCertificate(cluster.trust, certificateChain(socket), clock.now());
}
