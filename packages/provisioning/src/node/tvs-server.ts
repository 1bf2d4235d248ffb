import type { TLSSocket } from 'node:tls';
import { tvsMessageStream } from '../tvs/message.ts';
import { type TvsEvent, type TvsLookup, type TvsServerOutput, TvsServerSession } from '../tvs/server-session.ts';
import { defaultServiceLimits, type ServiceLimits } from './capf-server.ts';
import { Drive } from './tls/drive.ts';
import { judgePeer, type PeerJudgement } from './tls/judgement.ts';
import { type Guest, type ListenerEvent, type TlsIdentity, TlsListener } from './tls/listener.ts';

export interface TvsServerOptions {
  /** The port of TVS is 2445. */
  readonly where: { readonly host: string; readonly port: number };
  /** The TVS identity, which phones know by its role in their trust lists. */
  readonly identities: readonly TlsIdentity[];
  /** Also takes phones of the TLS 1.0 era. Default false. */
  readonly legacy?: boolean;
  /**
   * Whether this phone may ask; it gets its LSC or MIC (DER, leaf first), or an empty chain from a phone that has none,
   * and the address that it comes from, without the port.
   */
  readonly judgePhone: (chain: readonly Uint8Array[], address: string) => PeerJudgement;
  readonly lookup: TvsLookup;
  readonly onEvent: (event: (TvsEvent & { readonly address: string }) | ListenerEvent) => void;
  readonly limits?: Partial<ServiceLimits>;
  /** Silence that a connection bears, in milliseconds. Default 30,000. */
  readonly idleTimeout?: number;
}

/** The Trust Verification Service: answers phones that meet a certificate which their lists do not hold. */
export class TvsServer {
  readonly #listener: TlsListener;

  private constructor(listener: TlsListener) {
    this.#listener = listener;
  }

  /** @throws {TrustlineError} provisioning.port-in-use, -not-allowed, provisioning.no-such-address, provisioning.listen-failed */
  static async open(options: TvsServerOptions): Promise<TvsServer> {
    const { where, identities, legacy = false, onEvent } = options;
    const listener = await TlsListener.open({
      service: 'TVS',
      where,
      identities,
      legacy,
      asksForCertificate: true,
      ...defaultServiceLimits,
      ...options.limits,
      accept: (socket, address) => accept(socket, address, options),
      onEvent,
    });
    return new TvsServer(listener);
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Shows another TVS certificate from the next connection on. */
  setIdentities(identities: readonly TlsIdentity[]): void {
    this.#listener.setIdentities(identities);
  }

  async close(): Promise<void> {
    await this.#listener.close();
  }
}

function accept(socket: TLSSocket, address: string, options: TvsServerOptions): Guest {
  const { lookup, onEvent, idleTimeout } = options;
  const judgement = judgePeer(socket, (chain) => options.judgePhone(chain, address));
  if (!judgement.accepted) {
    socket.on('error', () => {});
    socket.destroy();
    const { reason: cause } = judgement;
    onEvent({ kind: 'connection-refused', service: 'TVS', address, reason: 'certificate-refused', cause });
    return { hasProved: () => false };
  }
  const session = new TvsServerSession({ lookup, ...(idleTimeout === undefined ? {} : { idleTimeout }) });
  const drive = new Drive(socket, tvsMessageStream(), session, (output: TvsServerOutput) => {
    switch (output.kind) {
      case 'transmit':
        drive.transmit(output.bytes);
        return;
      case 'event':
        onEvent({ ...output.event, address });
        return;
      case 'close':
        drive.close();
        return;
    }
  });
  drive.input({ kind: 'opened' });
  // Any of them may make room: a question takes a moment, and a phone asks again.
  return { hasProved: () => false };
}
