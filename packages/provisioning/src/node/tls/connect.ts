import { isIP } from 'node:net';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { tlsFailure } from './failures.ts';
import { judgePeerPatiently, type PatientPeerJudge } from './judgement.ts';
import type { TlsIdentity } from './listener.ts';

export interface TlsConnectOptions {
  readonly host: string;
  readonly port: number;
  /** Whether the server's certificate has the role that its service needs, by the phone's trust lists. */
  readonly judgeServer: PatientPeerJudge;
  /** The phone's own certificate, for servers that ask. */
  readonly identity?: TlsIdentity | undefined;
  /** `TLSv1` plays a phone of that era; then older suites and keys are taken too. Default `TLSv1.2`. */
  readonly oldestTls?: SecureVersion;
  /** Milliseconds for the connection, handshake and judgement included. Default 10,000. */
  readonly connectTimeout?: number;
}

/** A connection to a server that the judge believes, or why there is none. Nothing has been read from it. */
export type TlsConnectResult =
  | { readonly connected: true; readonly socket: TLSSocket }
  | { readonly connected: false; readonly reason: string };

export function connectTls(options: TlsConnectOptions): Promise<TlsConnectResult> {
  const { host, port, identity, oldestTls = 'TLSv1.2', connectTimeout = 10_000 } = options;
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      minVersion: oldestTls,
      ...(oldestTls === 'TLSv1' ? { maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } : {}),
      ...(identity === undefined ? {} : { cert: identity.chainPem, key: identity.privateKeyPem.reveal() }),
      // The judge decides, by the trust lists and not by OpenSSL's idea of a public authority.
      rejectUnauthorized: false,
    });
    const refuse = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ connected: false, reason });
    };
    const timer = setTimeout(() => refuse('there was no connection in time'), connectTimeout);
    socket.on('error', (error) => refuse(tlsFailure(error)));
    socket.once('secureConnect', () => {
      void judgePeerPatiently(socket, options.judgeServer).then((judgement) => {
        if (!judgement.accepted) {
          refuse(`the server is not believed: ${judgement.reason}`);
          return;
        }
        if (socket.destroyed) {
          refuse('the server closed the connection meanwhile');
          return;
        }
        clearTimeout(timer);
        socket.setNoDelay(true);
        resolve({ connected: true, socket });
      });
    });
  });
}
