import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { connect, createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import type { ConnectionSide } from '../../traffic/connections.ts';

/** What one side sent at a time. */
export interface Said {
  readonly from: ConnectionSide;
  readonly octets: Uint8Array;
}

export interface Recording {
  readonly said: readonly Said[];
  /** Lines as `SSLKEYLOGFILE` has them. */
  readonly keyLog: string;
  /** To resume it. */
  readonly session: Buffer | undefined;
}

export interface Conversation {
  readonly server: SecureContextOptions & { readonly requestCert?: boolean };
  readonly client?: SecureContextOptions & { readonly servername?: string; readonly session?: Buffer };
  readonly alpn?: readonly string[];
  /** What each says, in turns, the client first. */
  readonly words: readonly string[];
  /** Of the server, for connections that resume another. */
  readonly context?: SecureContext;
  /** Where all goes that crosses the wire, also of a connection that fails. */
  readonly into?: Said[];
  /** Called once both have said a word. */
  readonly midway?: (client: TLSSocket, server: TLSSocket) => Promise<void> | void;
}

/** A TLS connection within this process, by Node's own TLS, and all that crossed the wire. */
export async function recordTls({
  server,
  client = {},
  alpn,
  words,
  midway,
  context,
  into: said = [],
}: Conversation): Promise<Recording> {
  const [near, far] = wire(said);
  const lines: string[] = [];
  let session: Buffer | undefined;
  const serverSocket = new TLSSocket(far, {
    isServer: true,
    secureContext: context ?? createSecureContext(server),
    requestCert: server.requestCert === true,
    rejectUnauthorized: false,
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  });
  const clientSocket = connect({
    socket: near,
    rejectUnauthorized: false,
    ...client,
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  });
  clientSocket.on('keylog', (line) => lines.push(line.toString()));
  clientSocket.on('session', (given) => (session = given));
  const failed = Promise.race([once(serverSocket, 'error'), once(clientSocket, 'error')]).then(([error]) => {
    throw error;
  });
  failed.catch(() => {});
  const turns = async () => {
    await once(clientSocket, 'secureConnect');
    for (const [turn, word] of words.entries()) {
      const [from, to] = turn % 2 === 0 ? [clientSocket, serverSocket] : [serverSocket, clientSocket];
      from.write(word);
      let heard = '';
      while (heard.length < word.length) heard += String((await once(to, 'data'))[0]);
      if (turn === 1) await midway?.(clientSocket, serverSocket);
    }
    const over = once(serverSocket, 'end');
    clientSocket.end();
    await over;
  };
  await Promise.race([turns(), failed]);
  clientSocket.destroy();
  serverSocket.destroy();
  return { said, keyLog: lines.join(''), session };
}

/** Two ends of one wire: what is written to one is read at the other, and written down. */
function wire(said: Said[]): [Duplex, Duplex] {
  const ends: Duplex[] = (['client', 'server'] as const).map(
    (from, at) =>
      new Duplex({
        read() {},
        write(chunk: Buffer, _encoding, done) {
          said.push({ from, octets: Uint8Array.from(chunk) });
          ends[1 - at]?.push(chunk);
          done();
        },
        final(done) {
          ends[1 - at]?.push(null);
          done();
        },
      }),
  );
  return ends as [Duplex, Duplex];
}
