import { type ChildAssociation, encryptsAndAuthenticates, type IkeAssociation } from './association.ts';
import { sameAddress, selects, TCP, type TransportEnd } from './selector.ts';

/** A gateway whose signalling has to be protected, as our own configuration knows it. */
export interface ProtectedPeer {
  /** The name of its connection, which is that of the gateway. */
  readonly connection: string;
  /** The identity in its pinned certificate, or under `legacy` the one that owns the pre-shared key. */
  readonly remoteIdentity: string;
  readonly mode: 'tunnel' | 'transport';
}

/** One TCP connection, by the addresses and ports of its socket itself and never by those of a configuration. */
export interface SignallingConnection {
  readonly local: TransportEnd;
  readonly remote: TransportEnd;
}

/** Packets that the guard dropped, by their direction. */
export interface ClearPackets {
  readonly inbound: number;
  readonly outbound: number;
}

/** TCP segments in the clear that the guard dropped on their way in, by the connection that they name. */
export interface ClearSegments extends SignallingConnection {
  readonly packets: number;
}

/** That the guard was not as it was and has been put back, since whoever keeps it began. */
export interface GuardRepairs {
  readonly count: number;
  /** What was wrong the last time. */
  readonly problem: string;
  /** When that was seen, milliseconds since 1970. */
  readonly at: number;
}

/** What the guard was found to be; `repairs` is absent where there was none. */
export type GuardReading = (
  | { readonly inPlace: false; readonly problem: string }
  | {
      readonly inPlace: true;
      /** Packets in the clear that it dropped so far, by the peer's connection. */
      readonly dropped: ReadonlyMap<string, ClearPackets>;
      /** Those on their way in within the last minute, of TCP: whose connection they would have been part of. */
      readonly segments: readonly ClearSegments[];
      /** Probes that it dropped, which are no alarm. */
      readonly probes: ReadonlyMap<string, ClearPackets>;
    }
) & { readonly repairs?: GuardRepairs };

/** What was read of the daemon and of the guard at one moment; it serves all calls for a quarter of a second. */
export interface ProtectionReading {
  /** Monotonic milliseconds at which the reading was asked for, so that it is never older than it says. */
  readonly takenAt: number;
  readonly associations: readonly IkeAssociation[] | { readonly unreadable: string };
  readonly guard: GuardReading;
}

/** A reading older than this says nothing of now. */
export const MAX_READING_AGE_MS = 250;

/** Each reason for which a key stays here, with what an engineer can do about it. */
export const proofFailures = {
  'no-tunnel': 'give the gateway a tunnel: ipsec.tunnels in the configuration, `trustline ipsec status`',
  'reading-too-old': 'ask again: what was read is older than 250 ms; this machine is busy',
  'daemon-unreadable':
    'see that the helper runs, `systemctl status trustline-ipsec`: it starts its IKE daemon again within 30 s',
  'no-association':
    'it is tried again every 30 s at the latest: see that UDP 500 and 4500 pass between the two, that both name each other’s identity, and the log of the far end',
  'wrong-identity':
    'the far end proved to be somebody else: give it a certificate of the identity that is expected, `trustline ipsec certificate`, or change `identity` here',
  'wrong-address': 'the association is with another address than the connection: check the address of the gateway',
  'no-child': 'IKE is up and protects nothing: compare selectors, mode and ESP algorithms of both ends',
  'not-encrypting': 'choose ESP algorithms that encrypt and authenticate, at both ends',
  'outside-selectors': 'the addresses or ports of this connection are not protected: mirror the selectors at both ends',
  'no-guard':
    'see that the helper runs, which puts it back within a second, `systemctl status trustline-ipsec`, and find what else changes nftables',
  'no-route':
    'put the way into the tunnel back: `systemctl restart trustline-ipsec` (or the manager, where `ipsec.helper` is `own`), and find what else changes the routes and rules of this machine',
  'clear-packets-seen':
    'a packet of this machine did not go into the tunnel: look at its routes, rules and marks, `trustline ipsec explain`',
  'answered-in-the-clear': 'the far end sends this connection around the tunnel: look at its routes and its own guard',
  'not-through-tunnel': 'the signalling works and does not pass the tunnel: look at routes and marks of this machine',
} as const;

export type ProofFailure = keyof typeof proofFailures;

export type Proof =
  | { readonly proven: true; readonly evidence: ProofEvidence }
  | { readonly proven: false; readonly failure: ProofFailure; readonly message: string; readonly nextStep: string };

export type Unproven = Proof & { readonly proven: false };

/** The association by which a connection is protected. */
export interface ProtectingChild {
  readonly ike: IkeAssociation;
  readonly child: ChildAssociation;
}

/** What was seen when a connection was proven: for the call's record. */
export interface ProofEvidence {
  readonly connection: string;
  readonly remoteIdentity: string;
  readonly spiIn: string;
  readonly spiOut: string;
  readonly encryption: string;
  readonly integrity: string | undefined;
  /** Octets that passed the tunnel outwards since the signalling began, and those which the signalling itself had. */
  readonly octetsThroughTunnel: number;
  readonly octetsSent: number;
}

/** What was seen before a connection's signalling began; growth is counted from here. */
export interface CounterBaseline {
  readonly octetsOut: ReadonlyMap<string, number>;
  readonly dropped: ClearPackets;
  readonly segments: readonly ClearSegments[];
}

export interface ProtectionQuestion {
  readonly peer: ProtectedPeer;
  readonly signalling: SignallingConnection;
  /** The look before, with the octets that were written to the connection since. */
  readonly before: CounterBaseline;
  readonly octetsSent: number;
}

/** What a reading says of the counters of a peer, to be compared with a later one. */
export function baselineOf(reading: ProtectionReading, connection: string): CounterBaseline {
  return {
    octetsOut: octetsOutOf(reading, connection),
    dropped: droppedOf(reading.guard, connection),
    segments: segmentsIn(reading.guard),
  };
}

/**
 * Whether a key may leave over this connection now. True only where the daemon says that a child association of this
 * gateway is installed, its selectors cover the two addresses and ports of this very connection, the far end proved the
 * pinned identity, the guard is in place and since the look before dropped nothing of ours and nothing that came for this
 * very connection, and at least as many octets as were written to the connection went through the association's own
 * counter. Other packets that came in the clear were dropped, carry no key of ours, and may be anybody's: an event tells of
 * them, and no call is refused for them.
 */
export function judgeProtection(now: number, reading: ProtectionReading, question: ProtectionQuestion): Proof {
  const { peer, signalling, before } = question;
  if (now - reading.takenAt > MAX_READING_AGE_MS) return fails('reading-too-old', peer, 'what was read is too old');
  const found = judgeTunnel(reading, peer, signalling);
  if ('proven' in found) return found;
  const leaving = droppedOf(reading.guard, peer.connection).outbound - before.dropped.outbound;
  if (leaving > 0) {
    return fails('clear-packets-seen', peer, `packets of ours would have left in the clear: ${leaving} were dropped`);
  }
  const answered = segmentsOf(segmentsIn(reading.guard), signalling) - segmentsOf(before.segments, signalling);
  if (answered > 0) {
    const what = `the far end sends packets of this connection in the clear: ${answered} were dropped`;
    return fails('answered-in-the-clear', peer, what);
  }
  const through = growth(before.octetsOut, octetsOutOf(reading, peer.connection));
  if (through < Math.max(1, question.octetsSent)) {
    const seen = `${question.octetsSent} octets were sent and ${through} went through the tunnel`;
    return fails('not-through-tunnel', peer, seen);
  }
  const { child, ike } = found;
  return {
    proven: true,
    evidence: {
      connection: peer.connection,
      remoteIdentity: ike.remoteId,
      spiIn: child.spiIn,
      spiOut: child.spiOut,
      encryption: describe(child),
      integrity: child.algorithms.integrity,
      octetsThroughTunnel: through,
      octetsSent: question.octetsSent,
    },
  };
}

/** That part of the judgement which needs no connection yet: whether tunnel and guard are there for one between these ends. */
export function judgeTunnel(
  { associations, guard }: ProtectionReading,
  peer: ProtectedPeer,
  signalling: SignallingConnection,
): ProtectingChild | Unproven {
  if ('unreadable' in associations) return fails('daemon-unreadable', peer, associations.unreadable);
  const ours = associations.filter((one) => one.connection === peer.connection);
  const found = findChild(ours, peer, signalling);
  if ('proven' in found || guard.inPlace) return found;
  return fails('no-guard', peer, `the guard is not in place: ${guard.problem}`);
}

/** The proof of a gateway that has no tunnel. */
export function unprotected(gateway: string): Proof {
  return {
    proven: false,
    failure: 'no-tunnel',
    message: `IPsec to ${gateway} is not proven: it has no tunnel`,
    nextStep: proofFailures['no-tunnel'],
  };
}

/** The child that protects the connection, or the first reason why none does, the nearest miss last. */
function findChild(
  associations: readonly IkeAssociation[],
  peer: ProtectedPeer,
  { local, remote }: SignallingConnection,
): ProtectingChild | Unproven {
  const established = associations.filter(({ state }) => state === 'ESTABLISHED');
  if (established.length === 0) return fails('no-association', peer, 'no IKE association is established');
  const pinned = established.filter(({ remoteId }) => remoteId === peer.remoteIdentity);
  if (pinned.length === 0) {
    const who = established.map(({ remoteId }) => remoteId).join(', ');
    return fails('wrong-identity', peer, `the far end proved to be ${who} instead of ${peer.remoteIdentity}`);
  }
  const here = pinned.filter(
    ({ localHost, remoteHost }) => sameAddress(localHost, local.address) && sameAddress(remoteHost, remote.address),
  );
  if (here.length === 0) {
    const where = pinned.map(({ localHost, remoteHost }) => `${localHost} and ${remoteHost}`).join(', ');
    return fails(
      'wrong-address',
      peer,
      `the association is between ${where}, the connection between ${local.address} and ${remote.address}`,
    );
  }
  const installed = here.flatMap((ike) =>
    ike.children.flatMap((child) => (isInstalled(child, peer) ? [{ ike, child }] : [])),
  );
  if (installed.length === 0)
    return fails('no-child', peer, 'IKE is established and no child association is installed');
  const encrypting = installed.filter(({ child }) => encryptsAndAuthenticates(child));
  if (encrypting.length === 0)
    return fails('not-encrypting', peer, 'the child association does not encrypt and authenticate');
  const covering = encrypting.find(
    ({ child }) =>
      child.localSelectors.some((one) => selects(one, local, TCP)) &&
      child.remoteSelectors.some((one) => selects(one, remote, TCP)),
  );
  if (covering === undefined) {
    const { selectorTexts } = (encrypting[0] as { child: ChildAssociation }).child;
    const selectors = `${selectorTexts.local.join(' ')} === ${selectorTexts.remote.join(' ')}`;
    const connection = `${local.address}:${local.port} to ${remote.address}:${remote.port}`;
    return fails('outside-selectors', peer, `${selectors} does not cover the connection ${connection}`);
  }
  return covering;
}

/** A child that is being replaced goes on until its successor is INSTALLED, which then is the one that counts. */
function isInstalled(child: ChildAssociation, peer: ProtectedPeer): boolean {
  return child.state === 'INSTALLED' && child.mode.toLowerCase() === peer.mode;
}

function octetsOutOf(reading: ProtectionReading, connection: string): ReadonlyMap<string, number> {
  if ('unreadable' in reading.associations) return new Map();
  const children = reading.associations
    .filter((one) => one.connection === connection)
    .flatMap(({ children }) => children);
  return new Map(children.map(({ spiOut, octetsOut }) => [spiOut, octetsOut]));
}

/** Octets by which the counters grew, each association by itself: one that was replaced begins at zero. */
function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [spi, octets] of after) sum += Math.max(0, octets - (before.get(spi) ?? 0));
  return sum;
}

function droppedOf(guard: GuardReading, connection: string): ClearPackets {
  return (guard.inPlace ? guard.dropped.get(connection) : undefined) ?? { inbound: 0, outbound: 0 };
}

function segmentsIn(guard: GuardReading): readonly ClearSegments[] {
  return guard.inPlace ? guard.segments : [];
}

function segmentsOf(segments: readonly ClearSegments[], { local, remote }: SignallingConnection): number {
  const found = segments.find((one) => sameEnd(one.local, local) && sameEnd(one.remote, remote));
  return found?.packets ?? 0;
}

function sameEnd(one: TransportEnd, other: TransportEnd): boolean {
  return one.port === other.port && sameAddress(one.address, other.address);
}

function describe({ algorithms }: ChildAssociation): string {
  return [algorithms.encryption, algorithms.keyBits].filter((part) => part !== undefined).join('-');
}

export function fails(failure: ProofFailure, peer: ProtectedPeer, what: string): Unproven {
  return {
    proven: false,
    failure,
    message: `IPsec to ${peer.connection} is not proven: ${what}`,
    nextStep: proofFailures[failure],
  };
}
