import type { TLSSocket } from 'node:tls';

/** Whether the far end is believed; `reason` is in an operator's words. */
export type PeerJudgement = { readonly accepted: true } | { readonly accepted: false; readonly reason: string };

/** Judges the certificates that the far end showed, DER, its own first; empty when it showed none. */
export type PeerJudge = (chain: readonly Uint8Array[]) => PeerJudgement;

/** A judge that may ask somebody else first, as a phone asks TVS. */
export type PatientPeerJudge = (chain: readonly Uint8Array[]) => PeerJudgement | Promise<PeerJudgement>;

/** A longer chain is none of ours, and building it would cost what its sender likes. */
const longestChain = 8;

const unjudged: PeerJudgement = { accepted: false, reason: 'its certificate could not be judged' };

/** Asks the judge, and fails closed. TLS has proved that the far end holds the key of its certificate, and no more. */
export function judgePeer(socket: TLSSocket, judge: PeerJudge): PeerJudgement {
  try {
    return judge(chainOf(socket));
  } catch {
    return unjudged;
  }
}

/** As {@link judgePeer}, with a judge that may take its time; what the far end sends meanwhile waits unread. */
export async function judgePeerPatiently(socket: TLSSocket, judge: PatientPeerJudge): Promise<PeerJudgement> {
  try {
    return await judge(chainOf(socket));
  } catch {
    return unjudged;
  }
}

function chainOf(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < longestChain) {
    chain.push(new Uint8Array(certificate.raw));
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
