import { connect, createServer, type Server, type Socket } from 'node:net';
import { IpsecError } from '../error.ts';
import type { ProbeResult } from '../helper/protocol.ts';

/** Where a gateway of ours is asked, by TCP through the tunnel, to send a packet in the clear around it. */
const FAR_PROBE_PORT = 17_209;
const PATIENCE_MS = 3_000;
/** Octets of an answer. */
const MAX_ANSWER = 4_096;
const MAX_CONNECTIONS = 4;
/** Between two probes: who asks for many gets few. */
const PAUSE_MS = 500;

/**
 * Answers the other end of a tunnel: whoever connects is probed towards, once a connection, and told how that went as one
 * line of JSON. Who has no tunnel is not answered; the guard lets nobody else reach it from a gateway's address.
 */
export class ProbeListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #last = Number.NEGATIVE_INFINITY;

  private constructor(probe: (from: string) => Promise<ProbeResult | undefined>) {
    this.#server = createServer((socket) => {
      const now = performance.now();
      if (this.#sockets.size >= MAX_CONNECTIONS || now - this.#last < PAUSE_MS) {
        socket.destroy();
        return;
      }
      this.#last = now;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      socket.setTimeout(PATIENCE_MS, () => socket.destroy());
      socket.resume();
      void probe(socket.remoteAddress ?? '').then((result) => {
        if (result === undefined) socket.destroy();
        else socket.end(`${JSON.stringify(result)}\n`);
      });
    });
  }

  /** `probe` gives undefined for an address that is not the far end of a tunnel. Throws `ipsec.setting`. */
  static async listen(
    address: string,
    probe: (from: string) => Promise<ProbeResult | undefined>,
    port = FAR_PROBE_PORT,
  ): Promise<ProbeListener> {
    const listener = new ProbeListener(probe);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    listener.#server.once('error', (cause) =>
      reject(
        new IpsecError('ipsec.setting', `Probes cannot be answered at ${address}, port ${port}`, {
          nextStep: 'check that the address is one of this machine, and that nothing else uses the port',
          cause,
        }),
      ),
    );
    listener.#server.listen(port, address, resolve);
    await promise;
    return listener;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Asks the far end. Where nobody answers, it is no gateway of ours, and nothing was measured. */
export async function askFarProbe({
  localAddress,
  remoteAddress,
  port = FAR_PROBE_PORT,
}: {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly port?: number;
}): Promise<ProbeResult> {
  const socket = connect({ host: remoteAddress, port, localAddress });
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  let answer = '';
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    if (answer.length > MAX_ANSWER) socket.destroy();
  });
  socket.on('close', () => resolve(readAnswer(answer)));
  return await promise;
}

function readAnswer(text: string): ProbeResult {
  const unknown = { leaked: null, message: 'no gateway of ours answers there' };
  try {
    const { leaked, message } = JSON.parse(text) as { leaked?: unknown; message?: unknown };
    if (typeof message !== 'string' || (typeof leaked !== 'boolean' && leaked !== null)) return unknown;
    // It is shown to people: one line of plain text.
    return { leaked, message: message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) };
  } catch {
    return unknown;
  }
}
