import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { decodeCertificatesPem, judgeServerCertificate, readCertificate } from '@trustline/pki';
import type { SipFlow, SipHostPort } from '@trustline/sip';
import type { SipTransportHub, TlsJudge } from '@trustline/sip/node';
import { PhoneError } from '../error.ts';
import type { ListedConnection, PhoneConnection } from './credentials.ts';

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
 * Opens a connection to the manager. By TLS the server's certificate is judged before anything is said: by the phone's
 * trust bundle (chain, dates, purpose, name), or by its trust lists (the very certificate, and its role).
 *
 * @throws {SipError} `sip.connect-refused`, `sip.connect-timeout`, `sip.connect-failed`, `sip.server-refused`
 */
export async function connect(
  hub: SipTransportHub<ProvenManager>,
  server: SipHostPort,
  connection: PhoneConnection,
): Promise<OpenConnection> {
  if (!('certificatePem' in connection)) return connectClear(hub, server, connection.kind);
  const { certificatePem, privateKeyPem } = connection;
  const flow = await hub.connectTls({
    ...server,
    keepAlive: KEEP_ALIVE,
    secureContextOptions: {
      cert: certificatePem,
      key: typeof privateKeyPem === 'string' ? privateKeyPem : privateKeyPem.reveal(),
      // Hybrid post-quantum first; the others for managers that do not know it.
      ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
    },
    judge: connection.kind === 'tls' ? byBundle(server, connection.trustBundlePem) : byLists(connection.judgeManager),
  });
  return { flow, close: undefined };
}

function byBundle(server: SipHostPort, trustBundlePem: string): TlsJudge<ProvenManager> {
  const bundle = decodeCertificatesPem(trustBundlePem).map(readCertificate);
  return (chain) => {
    const judgment = judgeServerCertificate(bundle, chain, server.host, Date.now());
    if (!judgment.accepted) return { accepted: false, reason: judgment.reason };
    return { accepted: true, peer: { subject: judgment.subject, issuer: judgment.issuer } };
  };
}

function byLists(judgeManager: ListedConnection['judgeManager']): TlsJudge<ProvenManager> {
  return async ([certificate]) => {
    if (certificate === undefined) return { accepted: false, reason: 'it showed no certificate' };
    const { accepted, reason } = await judgeManager(certificate);
    if (!accepted) return { accepted, reason };
    const { subject, issuer } = readCertificate(certificate);
    return { accepted, peer: { subject, issuer } };
  };
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
  return { flow: listener.flowTo({ host, port: server.port }, { keepAlive: true }), close: () => listener.close() };
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
