import { encryptsAndAuthenticates, type IkeAssociation } from './association.ts';
import type { InitiationFailure } from './initiation-failure.ts';
import {
  judgeTunnel,
  type ProofFailure,
  type ProtectedPeer,
  type ProtectionReading,
  proofFailures,
  type Unproven,
  fails as unproven,
} from './proof.ts';
import { sameAddress, selects, TCP } from './selector.ts';

/** The port that H.323 gateways listen on for calls (H.225.0). */
const SIGNALLING_PORT = 1720;
/** Any port from which we might call. */
const EPHEMERAL_PORT = 49_152;

/** One of the things that have to hold before a key leaves, as it is now. */
export interface ProofPoint {
  readonly point: 'child' | 'selectors' | 'identity' | 'guard' | 'route' | 'clear-packets' | 'counters';
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
  /** Why it did not come up when it was tried last, where that is known. */
  readonly lastFailure?: InitiationFailure;
  /** The way that packets of ours to it would take; absent where it is not known, or where no device shows it. */
  readonly route?: TunnelRoute;
}

export interface TunnelRoute {
  readonly tunnelDevice: string;
  /** Undefined where there is no way. */
  readonly device: string | undefined;
}

/**
 * Why no key would go to the gateway now, or undefined where a call would be proven as far as can be known before it is
 * made. The judgement of each proof, so that whatever is shown of a tunnel says the same.
 */
export function tunnelProblem(reading: ProtectionReading, tunnel: ExplainedTunnel): Unproven | undefined {
  const { peer, localAddress, remoteAddress, lastFailure, route } = tunnel;
  const [local, remote] = [
    { address: localAddress, port: EPHEMERAL_PORT },
    { address: remoteAddress, port: SIGNALLING_PORT },
  ];
  const judged = judgeTunnel(reading, peer, { local, remote });
  if ('proven' in judged) {
    if (judged.failure !== 'no-association' || lastFailure === undefined) return judged;
    const { nextStep = judged.nextStep } = lastFailure;
    return { ...judged, message: `${judged.message}${lastAttempt(lastFailure)}`, nextStep };
  }
  if (route === undefined || route.device === route.tunnelDevice) return undefined;
  return unproven('no-route', peer, wayAround(remoteAddress, route));
}

function lastAttempt(lastFailure: InitiationFailure | undefined): string {
  return lastFailure === undefined ? '' : `; the last attempt: ${lastFailure.reason}`;
}

function wayAround(remoteAddress: string, { device, tunnelDevice }: TunnelRoute): string {
  const way = device === undefined ? 'have no way' : `would go by ${device}, around the tunnel, and be dropped`;
  return `packets to ${remoteAddress} ${way}: nothing leads them into ${tunnelDevice}`;
}

/** What would be found if a call to the gateway were proven now, point by point. */
export function explainProtection(
  reading: ProtectionReading,
  { peer, localAddress, remoteAddress, lastFailure, route }: ExplainedTunnel,
): readonly ProofPoint[] {
  const { associations, guard } = reading;
  const all = 'unreadable' in associations ? [] : associations;
  const established = all.filter((one) => one.connection === peer.connection && one.state === 'ESTABLISHED');
  const guardPoint: ProofPoint = guard.inPlace
    ? { point: 'guard', holds: true, message: 'the guard is in place, as it was installed' }
    : fails('guard', 'no-guard', `the guard is not in place: ${guard.problem}`);
  const unreadable = 'unreadable' in associations ? associations.unreadable : undefined;
  return [
    childPoint(established, peer, unreadable, lastFailure),
    selectorsPoint(established, localAddress, remoteAddress),
    identityPoint(established, peer),
    guardPoint,
    ...(route === undefined ? [] : [routePoint(remoteAddress, route)]),
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
  lastFailure: InitiationFailure | undefined,
): ProofPoint {
  if (unreadable !== undefined) return fails('child', 'daemon-unreadable', unreadable);
  if (established.length === 0) {
    const point = fails('child', 'no-association', `no IKE association is established${lastAttempt(lastFailure)}`);
    return lastFailure?.nextStep === undefined ? point : { ...point, nextStep: lastFailure.nextStep };
  }
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

function routePoint(remoteAddress: string, route: TunnelRoute): ProofPoint {
  if (route.device !== route.tunnelDevice) return fails('route', 'no-route', wayAround(remoteAddress, route));
  return { point: 'route', holds: true, message: `packets to ${remoteAddress} go into ${route.tunnelDevice}` };
}

function selectorsPoint(established: readonly IkeAssociation[], local: string, remote: string): ProofPoint {
  const children = established
    .filter((ike) => sameAddress(ike.localHost, local) && sameAddress(ike.remoteHost, remote))
    .flatMap((ike) => ike.children)
    .filter(({ state }) => state === 'INSTALLED');
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
  if (covering === undefined) {
    const failure =
      established.length === 0 ? 'no-association' : children.length === 0 ? 'no-child' : 'outside-selectors';
    return follows('selectors', failure, `nothing protects ${wanted}`);
  }
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
  return follows('identity', who === '' ? 'no-association' : 'wrong-identity', message);
}

function clearPacketsPoint({ guard }: ProtectionReading, { connection }: ProtectedPeer): ProofPoint {
  const dropped = guard.inPlace ? guard.dropped.get(connection) : undefined;
  if (dropped === undefined) {
    return follows('clear-packets', 'no-guard', 'without the guard nobody knows what goes around the tunnel');
  }
  const { inbound, outbound } = dropped;
  const sum = inbound + outbound;
  const message =
    sum === 0
      ? 'no packet was ever seen to go around the tunnel'
      : `${inbound} packets in and ${outbound} out were dropped so far; one of ours that is dropped while a call is proven refuses it`;
  return { point: 'clear-packets', holds: true, message };
}

const causes: Partial<Record<ProofFailure, ProofPoint['point']>> = {
  'no-association': 'child',
  'no-child': 'child',
  'no-guard': 'guard',
};

/** What does not hold because another point does not: what to do is said there. */
function follows(point: ProofPoint['point'], failure: ProofFailure, message: string): ProofPoint {
  const cause = causes[failure];
  const found = fails(point, failure, message);
  return cause === undefined ? found : { ...found, nextStep: `see to \`${cause}\`` };
}

function fails(point: ProofPoint['point'], failure: ProofFailure, message: string): ProofPoint {
  return { point, holds: false, message, nextStep: proofFailures[failure] };
}
