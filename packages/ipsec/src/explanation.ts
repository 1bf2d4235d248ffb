import { encryptsAndAuthenticates, type IkeAssociation } from './association.ts';
import { type ProofFailure, type ProtectedPeer, type ProtectionReading, proofFailures } from './proof.ts';
import { sameAddress, selects, TCP } from './selector.ts';

/** The port that H.323 gateways listen on for calls (H.225.0). */
const SIGNALLING_PORT = 1720;
/** Any port from which we might call. */
const EPHEMERAL_PORT = 49_152;

/** One of the six things that have to hold before a key leaves, as it is now. */
export interface ProofPoint {
  readonly point: 'child' | 'selectors' | 'identity' | 'guard' | 'clear-packets' | 'counters';
  /** Null where only a call can show it. */
  readonly holds: boolean | null;
  readonly message: string;
  /** What to do; absent where it holds. */
  readonly nextStep?: string;
}

export interface ExplainedTunnel {
  readonly peer: ProtectedPeer;
  readonly localAddress: string;
  readonly remoteAddress: string;
}

/** What would be found if a call to the gateway were proven now, point by point. */
export function explainProtection(
  reading: ProtectionReading,
  { peer, localAddress, remoteAddress }: ExplainedTunnel,
): readonly ProofPoint[] {
  const { associations, guard } = reading;
  const all = 'unreadable' in associations ? [] : associations;
  const established = all.filter((one) => one.connection === peer.connection && one.state === 'ESTABLISHED');
  const guardPoint: ProofPoint = guard.inPlace
    ? { point: 'guard', holds: true, message: 'the guard is in place, as it was installed' }
    : fails('guard', 'no-guard', `the guard is not in place: ${guard.problem}`);
  const unreadable = 'unreadable' in associations ? associations.unreadable : undefined;
  return [
    childPoint(established, peer, unreadable),
    selectorsPoint(established, localAddress, remoteAddress),
    identityPoint(established, peer),
    guardPoint,
    clearPacketsPoint(reading, peer),
    {
      point: 'counters',
      holds: null,
      message: 'that the signalling itself goes through the tunnel is measured in each call',
    },
  ];
}

function childPoint(
  established: readonly IkeAssociation[],
  { mode }: ProtectedPeer,
  unreadable: string | undefined,
): ProofPoint {
  if (unreadable !== undefined) return fails('child', 'daemon-unreadable', unreadable);
  if (established.length === 0) return fails('child', 'no-association', 'no IKE association is established');
  const installed = established
    .flatMap(({ children }) => children)
    .filter((child) => child.state === 'INSTALLED' && child.mode.toLowerCase() === mode);
  if (installed.length === 0) return fails('child', 'no-child', 'IKE is established and no child is installed');
  const encrypting = installed.find(encryptsAndAuthenticates);
  if (encrypting === undefined) return fails('child', 'not-encrypting', 'the child does not encrypt and authenticate');
  const { encryption, keyBits, integrity } = encrypting.algorithms;
  const how = [encryption, keyBits, integrity].filter((part) => part !== undefined).join(' ');
  return { point: 'child', holds: true, message: `a child association is installed: ESP, ${how}` };
}

function selectorsPoint(established: readonly IkeAssociation[], local: string, remote: string): ProofPoint {
  const children = established
    .filter((ike) => sameAddress(ike.localHost, local) && sameAddress(ike.remoteHost, remote))
    .flatMap((ike) => ike.children);
  const [from, to] = [
    { address: local, port: EPHEMERAL_PORT },
    { address: remote, port: SIGNALLING_PORT },
  ];
  const covering = children.find(
    (child) =>
      child.localSelectors.some((one) => selects(one, from, TCP)) &&
      child.remoteSelectors.some((one) => selects(one, to, TCP)),
  );
  const wanted = `${local} to ${remote}, TCP port ${SIGNALLING_PORT}`;
  if (covering === undefined) return fails('selectors', 'outside-selectors', `nothing protects ${wanted}`);
  const { selectorTexts } = covering;
  const texts = `${selectorTexts.local.join(' ')} === ${selectorTexts.remote.join(' ')}`;
  return { point: 'selectors', holds: true, message: `${texts} covers ${wanted}` };
}

function identityPoint(established: readonly IkeAssociation[], { remoteIdentity }: ProtectedPeer): ProofPoint {
  if (established.some(({ remoteId }) => remoteId === remoteIdentity)) {
    return { point: 'identity', holds: true, message: `the far end proved to be ${remoteIdentity}` };
  }
  const who = established.map(({ remoteId }) => remoteId).join(', ');
  const message =
    who === ''
      ? `nobody proved to be ${remoteIdentity}`
      : `the far end proved to be ${who} instead of ${remoteIdentity}`;
  return fails('identity', who === '' ? 'no-association' : 'wrong-identity', message);
}

function clearPacketsPoint({ guard }: ProtectionReading, { connection }: ProtectedPeer): ProofPoint {
  const dropped = guard.inPlace ? guard.dropped.get(connection) : undefined;
  if (dropped === undefined) {
    return fails('clear-packets', 'no-guard', 'without the guard nobody knows what goes around the tunnel');
  }
  const { inbound, outbound } = dropped;
  const sum = inbound + outbound;
  const message =
    sum === 0
      ? 'no packet was ever seen to go around the tunnel'
      : `${inbound} packets in and ${outbound} out were dropped so far; one of ours that is dropped while a call is proven refuses it`;
  return { point: 'clear-packets', holds: true, message };
}

function fails(point: ProofPoint['point'], failure: ProofFailure, message: string): ProofPoint {
  return { point, holds: false, message, nextStep: proofFailures[failure] };
}
