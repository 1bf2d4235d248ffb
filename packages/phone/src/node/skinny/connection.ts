import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { SipHostPort } from '@trustline/sip';
import { judgeConnection, type TlsFacts, tlsFacts } from '@trustline/sip/node';
import { PhoneError } from '../../error.ts';
import { judgeOf, type ProvenManager, type SecureConnection, secureContextOf } from '../connector.ts';
import { unreachable } from './wrong-port.ts';

/** A connection to a manager that speaks Skinny. Nothing has been read from it. */
export interface SkinnyConnection {
  readonly socket: Socket;
  readonly transport: 'tcp' | 'tls';
  readonly local: SipHostPort;
  readonly remote: SipHostPort;
  /** Without TLS nothing is proved. */
  readonly proof: { readonly tls: TlsFacts; readonly manager: ProvenManager } | undefined;
}

/** For the connection, handshake and judgement included, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Opens a connection to the manager. By TLS its certificate is judged before anything is said, as by SIP: by the phone's
 * trust bundle, or by its trust lists.
 *
 * @throws {PhoneError} phone.manager-unreachable, phone.manager-not-trusted
 */
export async function connectSkinny(
  server: SipHostPort,
  connection: SecureConnection | { readonly kind: 'tcp' },
): Promise<SkinnyConnection> {
  const isSecure = 'certificatePem' in connection;
  const socket = isSecure ? openTls(server, connection) : connectTcp(server);
  socket.setNoDelay(true);
  const ready = isSecure ? 'secureConnect' : 'connect';
  try {
    await once(socket, ready, { signal: AbortSignal.timeout(PATIENCE) });
  } catch (cause) {
    socket.destroy();
    throw unreachable({ server, isSecure }, cause);
  }
  // What the far end does from here on, whoever drives the connection sees.
  socket.on('error', () => {});
  const [local, remote] = [placeOf(socket.localAddress, socket.localPort), placeOf(socket.remoteAddress, server.port)];
  if (!isSecure) return { socket, transport: 'tcp', local, remote, proof: undefined };
  const tls = tlsFacts(socket as TLSSocket, local, remote);
  const judgement = await judgeConnection(judgeOf(server.host, connection), socket as TLSSocket, tls);
  if (!judgement.accepted) {
    socket.destroy();
    throw new PhoneError('phone.manager-not-trusted', `${server.host} is not believed: ${judgement.reason}`, {
      nextStep: 'Compare its certificate with what this phone believes: trustline ctl show FILE.',
    });
  }
  return { socket, transport: 'tls', local, remote, proof: { tls, manager: judgement.peer } };
}

function openTls(server: SipHostPort, connection: SecureConnection): TLSSocket {
  return connectTls({
    minVersion: 'TLSv1.2',
    ...secureContextOf(connection),
    ...server,
    ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
    // The judge decides: node:tls would refuse without saying enough, and knows no trust list.
    rejectUnauthorized: false,
  });
}

function placeOf(host = '', port = 0): SipHostPort {
  return { host: host.replace(/^::ffff:(?=\d+\.)/, ''), port };
}
