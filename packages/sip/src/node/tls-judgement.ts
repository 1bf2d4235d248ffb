import type { TLSSocket } from 'node:tls';
import type { SipHostPort } from '../flow.ts';

/** What TLS itself knows of a connection whose handshake is over. */
export interface TlsFacts {
  /** 'TLSv1.2' or 'TLSv1.3'; 'TLSv1' on a legacy listener only. */
  readonly protocol: string;
  /** The cipher suite by its standard name. */
  readonly cipher: string;
  /** The key exchange group, for instance 'X25519MLKEM768'; only the client side can tell. */
  readonly group: string | undefined;
  /** True for a resumed session. Judge it like any other: `chain` is its own. */
  readonly resumed: boolean;
  readonly local: SipHostPort;
  readonly remote: SipHostPort;
}

/** Whether the far end may come in, and who it is; `reason` is a sentence in an operator's words. */
export type TlsJudgement<Peer> =
  | { readonly accepted: true; readonly peer: Peer }
  | {
      readonly accepted: false;
      readonly reason: string;
      /** What can be done about it, where the judge knows better than the connection. */
      readonly nextStep?: string;
    };

/**
 * Judges the certificates that the far end showed, DER, leaf first, empty when it showed none. TLS has
 * proved that the far end holds the leaf's key, and nothing else: chain, dates, revocation and device
 * are for the judge. A judge that throws or rejects has refused.
 */
export type TlsJudge<Peer> = (
  chain: readonly Uint8Array[],
  facts: TlsFacts,
) => TlsJudgement<Peer> | Promise<TlsJudgement<Peer>>;

/** A chain longer than this is no chain of ours, and building it would cost what its sender likes. */
const longestChain = 8;

/** The certificates that the far end sent, leaf first. */
export function certificateChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < longestChain) {
    chain.push(new Uint8Array(certificate.raw));
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

export function tlsFacts(socket: TLSSocket, local: SipHostPort, remote: SipHostPort): TlsFacts {
  const key = socket.getEphemeralKeyInfo();
  const group = key !== null && 'name' in key && typeof key.name === 'string' ? key.name : undefined;
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    group,
    resumed: socket.isSessionReused(),
    local,
    remote,
  };
}

/** Asks the judge, and fails closed. */
export async function judgeConnection<Peer>(
  judge: TlsJudge<Peer>,
  socket: TLSSocket,
  facts: TlsFacts,
): Promise<TlsJudgement<Peer>> {
  try {
    const chain = certificateChain(socket);
    if (facts.resumed && chain.length === 0) {
      return { accepted: false, reason: 'the session was resumed without the certificate that began it' };
    }
    return await judge(chain, facts);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return { accepted: false, reason: `the certificate could not be judged (${what})` };
  }
}
