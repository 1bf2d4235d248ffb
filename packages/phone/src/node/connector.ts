import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { decodeCertificatesPem, judgeServerCertificate, readCertificate } from '@trustline/pki';
import { formatHost, parseSipUri, type ServerTransport, type SipFlow, type SipHostPort } from '@trustline/sip';
import { ServerResolver, type SipTransportHub, type TlsJudge } from '@trustline/sip/node';
import type { PhoneServer } from '../core/phone-server.ts';
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

interface Place extends SipHostPort {
  /** What its certificate must be for: the name that was asked for (RFC 5922 §7.1). */
  readonly domain: string;
}

/** Pings that keep the connection, and tell within two minutes that it is dead (RFC 5626 §4.4.1). */
const KEEP_ALIVE = { interval: 30_000, pongTimeout: 10_000 } as const;

/**
 * Opens a connection to the manager; to the first of several servers of a domain that can be reached. By TLS the server's certificate is judged before anything is said: by the phone's
 * trust bundle (chain, dates, purpose, name), or by its trust lists (the very certificate, and its role).
 *
 * @param nameServers as in `PhoneOptions`
 * @throws {SipError} `sip.connect-refused`, `sip.connect-timeout`, `sip.connect-failed`, `sip.server-refused`,
 *   `sip.name-not-resolved`
 */
export async function connect(
  hub: SipTransportHub<ProvenManager>,
  server: PhoneServer,
  connection: PhoneConnection,
  nameServers: readonly string[] = [],
): Promise<OpenConnection> {
  const transport = 'certificatePem' in connection ? 'tls' : connection.kind;
  const [first, ...others] = await locate(server, transport, nameServers);
  if (first === undefined) throw new PhoneError('phone.manager-unreachable', `Nothing is known of ${server.host}`);
  // "If a failure occurs, the client SHOULD create a new request, [to] the next element" (RFC 3263 §4.3).
  let failure: unknown;
  for (const target of [first, ...others]) {
    try {
      return await connectTo(hub, target, connection);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** Where a server is: as it was said, or as its domain tells. */
async function locate(
  { host, port }: PhoneServer,
  transport: ServerTransport,
  nameServers: readonly string[],
): Promise<readonly Place[]> {
  if (port !== undefined) return [{ host, port, domain: host }];
  const scheme = transport === 'tls' ? 'sips' : 'sip';
  const uri = parseSipUri(`${scheme}:${formatHost(host)}${transport === 'tls' ? '' : `;transport=${transport}`}`);
  if (uri === undefined) throw new PhoneError('phone.manager-unreachable', `${host} is no name of a server`);
  return new ServerResolver({ servers: nameServers, transports: [transport] }).locate(uri);
}

async function connectTo(
  hub: SipTransportHub<ProvenManager>,
  { host, port, domain }: Place,
  connection: PhoneConnection,
): Promise<OpenConnection> {
  const server = { host, port };
  if (!('certificatePem' in connection)) return connectClear(hub, server, connection.kind);
  const flow = await hub.connectTls({
    ...server,
    ...(isIP(domain) === 0 ? { serverName: domain } : {}),
    keepAlive: KEEP_ALIVE,
    secureContextOptions: secureContextOf(connection),
    judge: judgeOf(domain, connection),
  });
  return { flow, close: undefined };
}

/** A connection by TLS. */
export type SecureConnection = Extract<PhoneConnection, { readonly certificatePem: string }>;

/** What the phone shows of itself by TLS. */
export function secureContextOf({ certificatePem, privateKeyPem }: SecureConnection): SecureContextOptions {
  return {
    cert: certificatePem,
    key: typeof privateKeyPem === 'string' ? privateKeyPem : privateKeyPem.reveal(),
    // Hybrid post-quantum first; the others for managers that do not know it.
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  };
}

const otherName =
  'Connect to a name or address that its certificate is for. One that the machine of the manager got since the manager started is in it once the manager is started again.';

/** By what the manager is believed. @param domain the name that its certificate must be for, where names count */
export function judgeOf(domain: string, connection: SecureConnection): TlsJudge<ProvenManager> {
  return connection.kind === 'tls' ? byBundle(domain, connection.trustBundlePem) : byLists(connection.judgeManager);
}

function byBundle(domain: string, trustBundlePem: string): TlsJudge<ProvenManager> {
  const bundle = decodeCertificatesPem(trustBundlePem).map(readCertificate);
  return (chain) => {
    const judgment = judgeServerCertificate(bundle, chain, domain, Date.now());
    if (!judgment.accepted) {
      const { code, reason } = judgment;
      return { accepted: false, reason, ...(code === 'wrong-name' ? { nextStep: otherName } : {}) };
    }
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
