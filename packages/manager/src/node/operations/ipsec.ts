import { type Algorithms, type IkeAssociation, IpsecError, type Unproven, weakAlgorithms } from '@trustline/ipsec';
import type { IpsecNodeStatus } from '@trustline/ipsec/node';
import { decodeCertificateRequestPem, encodeCertificatesPem } from '@trustline/pki';
import type { z } from 'zod';
import type { StatusAnswer } from '../../api/contract.ts';
import type {
  GatewayCertificateAnswer,
  gatewayCertificateRequest,
  IpsecAnswer,
  IpsecCheckAnswer,
  IpsecExplanationAnswer,
  IpsecProblemAnswer,
  IpsecTunnelAnswer,
} from '../../api/ipsec-contract.ts';
import { ManagerError } from '../../error.ts';
import type { ManagerIpsec } from '../ipsec/ipsec.ts';
import { refuseAddressOfOther } from './gateway-addresses.ts';
import { envelope, type Services } from './services.ts';

/** What is up, since when, by which algorithms, and who it is. */
export async function ipsecStatus(services: Services): Promise<IpsecAnswer> {
  const status = await ipsecOf(services).status();
  const { stack, guard, problem } = status;
  return {
    ...envelope(services),
    stack: stack === 'kernel' ? 'kernel' : 'userspace',
    guard: { inPlace: guard.inPlace, problem: guard.inPlace ? null : guard.problem },
    problem: problem ?? null,
    tunnels: status.tunnels.map((tunnel) => tunnelAnswer(tunnel, status, services.clock.now())),
  };
}

/** For the status of the manager; null where IPsec is not enabled. */
export async function ipsecSummary({ ipsec }: Pick<Services, 'ipsec'>): Promise<StatusAnswer['ipsec']> {
  if (ipsec === undefined) return null;
  const { tunnels, guard, problem } = await ipsec.status();
  const dropped = { inbound: 0, outbound: 0 };
  for (const { inbound, outbound } of guard.inPlace ? guard.dropped.values() : []) {
    dropped.inbound += inbound;
    dropped.outbound += outbound;
  }
  return {
    tunnels: tunnels.length,
    protected: tunnels.filter(({ isProtected }) => isProtected).length,
    isGuardInPlace: guard.inPlace,
    dropped,
    problem: problem ?? null,
  };
}

/** What a call to the gateway would find now. */
export async function explainGateway(services: Services, gateway: string): Promise<IpsecExplanationAnswer> {
  const points = await ofTunnel(gateway, () => ipsecOf(services).explain(gateway));
  return {
    ...envelope(services),
    gateway,
    keysWouldGo: points.every(({ holds }) => holds !== false),
    points: points.map(({ nextStep, ...point }) => ({ ...point, nextStep: nextStep ?? null })),
  };
}

/** Sends packets in the clear around the tunnel; an event tells of one that left. */
export async function checkGateway(services: Services, gateway: string): Promise<IpsecCheckAnswer> {
  const { near, far, unproven } = await ofTunnel(gateway, () => ipsecOf(services).check(gateway));
  return { ...envelope(services), gateway, near, far, problem: problemAnswer(unproven) };
}

/**
 * A certificate of our authority for a gateway; with a key that is in the answer and nowhere else, unless it made its own.
 *
 * @throws {ManagerError} manager.gateway-address-taken
 */
export async function issueGatewayCertificate(
  services: Services,
  gateway: string,
  { hosts, addresses, request }: z.output<typeof gatewayCertificateRequest>,
): Promise<GatewayCertificateAnswer> {
  const { cluster, clock, configuration, journal } = services;
  await refuseAddressOfOther(services, gateway, addresses);
  const der = request === undefined ? undefined : decodeCertificateRequestPem(request);
  const issued = await cluster.issueGatewayCertificate(gateway, { hosts, addresses }, der, clock.now());
  const names = [...hosts, ...addresses].join(', ');
  const how = der === undefined ? 'with a key that was made here' : 'for the key of its request';
  await journal.event('certificate-generated', {
    device: gateway,
    reason: 'ipsec-gateway',
    cause: `An IPsec certificate was made for the gateway ${gateway} (${names}), ${how}.`,
  });
  return {
    ...envelope(services),
    certificatePem: issued.chainPem,
    authorityPem: encodeCertificatesPem(await cluster.ipsecAuthorities(clock.now())),
    privateKeyPem: issued.privateKeyPem?.reveal() ?? null,
    managerIdentity: configuration.identity.hosts[0] ?? 'localhost',
  };
}

function ipsecOf({ ipsec }: Pick<Services, 'ipsec'>): ManagerIpsec {
  if (ipsec !== undefined) return ipsec;
  throw new ManagerError('manager.no-ipsec', 'IPsec is not enabled here.', {
    nextStep: 'Set ipsec.enabled, and name the gateways under ipsec.tunnels: docs/how-to/ipsec.md',
  });
}

async function ofTunnel<Result>(gateway: string, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof IpsecError && error.code === 'ipsec.setting')) throw error;
    throw new ManagerError('manager.not-found', `There is no tunnel to a gateway ${gateway}.`, {
      nextStep: 'Name it under ipsec.tunnels, or see what there is: trustline ipsec status',
      cause: error,
    });
  }
}

function tunnelAnswer(
  { connection, tunnel, state, isProtected, upFor, associations, unproven }: IpsecNodeStatus['tunnels'][number],
  { guard }: IpsecNodeStatus,
  now: number,
): IpsecTunnelAnswer {
  const ike = associations.find((one) => one.state === 'ESTABLISHED');
  const child = ike?.children.findLast((one) => one.state === 'INSTALLED');
  return {
    gateway: connection,
    profile: tunnel.profile,
    local: tunnel.localAddress,
    remote: tunnel.remoteAddress,
    state,
    isProtected,
    upSince: upFor === undefined ? null : new Date(now - upFor).toISOString(),
    expectedIdentity: tunnel.authentication.remoteIdentity,
    provenIdentity: ike?.remoteId ?? null,
    ike: ike === undefined ? null : `IKEv${ike.version} ${algorithmText(ike.algorithms)}`,
    esp: child === undefined ? null : `${child.mode.toLowerCase()} ${algorithmText(child.algorithms)}`,
    weak: weakOf(ike, tunnel.authentication.kind === 'pre-shared-key'),
    octetsIn: child?.octetsIn ?? 0,
    octetsOut: child?.octetsOut ?? 0,
    rekeyIn: child?.rekeyIn ?? null,
    dropped: (guard.inPlace ? guard.dropped.get(connection) : undefined) ?? null,
    problem: problemAnswer(unproven),
  };
}

function problemAnswer(unproven: Unproven | undefined): IpsecProblemAnswer | null {
  return unproven === undefined ? null : { message: unproven.message, nextStep: unproven.nextStep };
}

function weakOf(ike: IkeAssociation | undefined, isKeyShared: boolean): readonly string[] {
  const all = [ike, ...(ike?.children ?? [])].flatMap((one) => (one === undefined ? [] : [one.algorithms]));
  return [...new Set([...all.flatMap(weakAlgorithms), ...(isKeyShared ? ['pre-shared key'] : [])])];
}

function algorithmText({ encryption, keyBits, integrity, pseudoRandomFunction, keyExchange }: Algorithms): string {
  const cipher = keyBits === undefined ? encryption : `${encryption}-${keyBits}`;
  return [cipher, integrity, pseudoRandomFunction, keyExchange].filter((part) => part !== undefined).join(' ');
}
