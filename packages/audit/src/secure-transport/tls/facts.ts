import type { PacketPlace } from '../../traffic/place.ts';
import type { SeenCertificate } from './certificate.ts';
import { cipherSuiteName, isEphemeral, isSignallingValue, provesServer } from './cipher-suites.ts';
import type { Handshake, TlsRole } from './handshake.ts';
import { groupName, isGrease, type ProtocolVersion, versionName } from './names.ts';
import { NO_SUITE } from './ssl2-hello.ts';
import { type Weakness, weaknessesOf } from './weaknesses.ts';

/** What a handshake of TLS or DTLS shows. Undefined stands for what could not be seen. */
export interface HandshakeFacts {
  readonly version: ProtocolVersion | undefined;
  /** By its name at IANA. */
  readonly suite: string | undefined;
  readonly offeredVersions: readonly ProtocolVersion[];
  readonly offeredSuites: readonly string[];
  readonly serverName: string | undefined;
  readonly offeredApplicationProtocols: readonly string[];
  readonly applicationProtocol: string | undefined;
  readonly offeredGroups: readonly string[];
  readonly offeredKeyShares: readonly string[];
  /** Of the key exchange: `x25519`, `secp256r1`, `ffdhe2048`, `DH of 2048 bits`; undefined where there is none. */
  readonly group: string | undefined;
  /** What an earlier connection's keys made unnecessary. */
  readonly resumed: 'no' | 'session-id' | 'ticket' | 'pre-shared-key' | undefined;
  readonly askedForRetry: boolean;
  /** Offered by the client. */
  readonly earlyData: boolean;
  /** Whether the server's long-term key would not open it later. */
  readonly forwardSecrecy: boolean | undefined;
  /** False for suites of the kind NULL. */
  readonly encrypts: boolean | undefined;
  /** False for anonymous ones. Whom the certificates name is another question. */
  readonly authenticates: boolean | undefined;
  /** As they were shown, the end's own first; encrypted since TLS 1.3. */
  readonly serverCertificates: readonly SeenCertificate[];
  readonly clientCertificates: readonly SeenCertificate[];
  /** Whether the client proved who it is: `declined` where it was asked and showed nothing. */
  readonly mutual: 'yes' | 'no' | 'declined' | undefined;
  /** Codes of the profiles of SRTP (RFC 5764 §4.1.2). */
  readonly offeredSrtpProfiles: readonly number[];
  readonly srtpProfile: number | undefined;
  readonly weaknesses: readonly Weakness[];
}

export interface Alert {
  readonly from: TlsRole;
  readonly isFatal: boolean;
  /** `handshake failure`. */
  readonly name: string;
  readonly place: PacketPlace;
}

export function factsOf(handshake: Handshake): HandshakeFacts {
  const { clientHello, serverHello, suite, encryptedExtensions, isTls13 } = handshake;
  const offered = clientHello?.extensions;
  const versions = offered?.versions.length ? offered.versions : [clientHello?.legacyVersion ?? 0];
  const chosen = isTls13 ? encryptedExtensions : serverHello?.extensions;
  return {
    version: serverHello === undefined ? undefined : versionName(serverHello.version),
    suite: serverHello === undefined || serverHello.suite === NO_SUITE ? undefined : cipherSuiteName(serverHello.suite),
    offeredVersions: versions.map(versionName).filter((name) => name !== undefined),
    offeredSuites: (clientHello?.suites ?? []).filter(isMeant).map(cipherSuiteName),
    serverName: offered?.serverName,
    offeredApplicationProtocols: offered?.applicationProtocols ?? [],
    applicationProtocol: chosen?.applicationProtocols[0],
    offeredGroups: (offered?.groups ?? []).filter(isMeant).map(groupName),
    offeredKeyShares: (offered?.keyShares ?? []).filter(isMeant).map(groupName),
    group: groupOf(handshake),
    resumed: resumedBy(handshake),
    askedForRetry: handshake.askedForRetry,
    earlyData: offered?.earlyData === true,
    forwardSecrecy: forwardSecrecyOf(handshake),
    encrypts: suite === undefined ? undefined : suite.mode !== 'none',
    authenticates: suite === undefined ? undefined : provesServer(suite),
    serverCertificates: handshake.certificates.server ?? [],
    clientCertificates: handshake.certificates.client ?? [],
    mutual: mutualOf(handshake),
    offeredSrtpProfiles: (offered?.srtpProfiles ?? []).filter(isMeant),
    srtpProfile: chosen?.srtpProfiles[0],
    weaknesses: weaknessesOf(handshake),
  };
}

function isMeant(code: number): boolean {
  return !isGrease(code) && !isSignallingValue(code);
}

function groupOf({ serverHello, serverKeyExchange }: Handshake): string | undefined {
  const group = serverHello?.extensions.keyShares[0] ?? serverKeyExchange?.group;
  if (group !== undefined) return groupName(group);
  return serverKeyExchange?.primeBits === undefined ? undefined : `DH of ${serverKeyExchange.primeBits} bits`;
}

function resumedBy(handshake: Handshake): HandshakeFacts['resumed'] {
  const { clientHello, serverHello, isTls13, isAbbreviated } = handshake;
  if (serverHello === undefined) return undefined;
  if (isTls13) return serverHello.extensions.hasPreSharedKey ? 'pre-shared-key' : 'no';
  if (!isAbbreviated) return handshake.serverHelloDone ? 'no' : undefined;
  return (clientHello?.extensions.sessionTicket?.byteLength ?? 0) > 0 ? 'ticket' : 'session-id';
}

function forwardSecrecyOf({ serverHello, suite }: Handshake): boolean | undefined {
  if (serverHello === undefined || suite === undefined) return undefined;
  return isEphemeral(suite) ?? serverHello.extensions.keyShares.length > 0;
}

function mutualOf(handshake: Handshake): HandshakeFacts['mutual'] {
  const { client } = handshake.certificates;
  if (client !== undefined) return client.length > 0 ? 'yes' : 'declined';
  const isAllSeen = handshake.isTls13 ? handshake.finished.server : handshake.serverHelloDone;
  return isAllSeen && handshake.certificateRequest === undefined ? 'no' : undefined;
}
