import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { decodeCertificatesPem, judgeServerCertificate, readCertificate } from '@trustline/pki';
import type { SipFlow, SipHostPort } from '@trustline/sip';
import type { SipTransportHub } from '@trustline/sip/node';
import { PhoneError } from '../error.ts';
import type { PhoneConnection } from './credentials.ts';

/** The call manager, as its certificate proved it. */
export interface ProvenManager {
  readonly subject: string;
  readonly issuer: string;
}

export interface OpenConnection {
  readonly flow: SipFlow;
  /** For UDP, the socket's end; connections end by themselves. */
  readonly close: (() => void) | undefined;
}

/** Pings that keep the connection, and tell within two minutes that it is dead (RFC 5626 §4.4.1). */
const KEEP_ALIVE = { interval: 30_000, pongTimeout: 10_000 } as const;

/**
 * Opens a connection to the manager. By TLS the server's certificate is judged by the phone's trust bundle before
 * anything is said: chain, dates, purpose, name.
 *
 * @throws {SipError} `sip.connect-refused`, `sip.connect-timeout`, `sip.connect-failed`, `sip.server-refused`
 */
export async function connect(
  hub: SipTransportHub<ProvenManager>,
  server: SipHostPort,
  connection: PhoneConnection,
): Promise<OpenConnection> {
  if (connection.kind !== 'tls') return connectClear(hub, server, connection.kind);
  const bundle = decodeCertificatesPem(connection.trustBundlePem).map(readCertificate);
  const flow = await hub.connectTls({
    ...server,
    keepAlive: KEEP_ALIVE,
    secureContextOptions: {
      cert: connection.certificatePem,
      key: connection.privateKeyPem,
      // Hybrid post-quantum first; the others for managers that do not know it.
      ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
    },
    judge: (chain) => {
      const judgment = judgeServerCertificate(bundle, chain, server.host, Date.now());
      if (!judgment.accepted) return { accepted: false, reason: judgment.reason };
      return { accepted: true, peer: { subject: judgment.subject, issuer: judgment.issuer } };
    },
  });
  return { flow, close: undefined };
}

async function connectClear(
  hub: SipTransportHub<ProvenManager>,
  server: SipHostPort,
  transport: 'udp' | 'tcp',
): Promise<OpenConnection> {
  if (transport === 'tcp') {
    return { flow: await hub.connectTcp({ ...server, keepAlive: KEEP_ALIVE }), close: undefined };
  }
  const host = isIP(server.host) === 0 ? (await resolve(server)).address : server.host;
  const listener = await hub.listenUdp({ host: isIPv6(host) ? '::' : '0.0.0.0', port: 0 });
  return { flow: listener.flowTo({ host, port: server.port }), close: () => listener.close() };
}

async function resolve(server: SipHostPort): Promise<{ readonly address: string }> {
  try {
    return await lookup(server.host);
  } catch (cause) {
    throw new PhoneError('phone.manager-unreachable', `The name ${server.host} could not be resolved`, {
      nextStep: 'Check the name, or give the IP address of the manager.',
      cause,
    });
  }
}
