import { TrustlineError } from '@trustline/base';
import type { TrustServersAnswer } from '@trustline/manager';
import { ctlRecords, type ListedServers } from '@trustline/manager';
import type { ManagerClient } from '@trustline/manager/node';
import {
  type Certificate,
  type ClusterSecurityMode,
  certificatesFor,
  parseTrustList,
  type RecordRequest,
  readCertificate,
  type TrustList,
  trustRoles,
} from '@trustline/pki';

/** What the manager says of its cluster, read: all that a CTL is made of but the tokens. */
export interface CtlCluster {
  readonly answer: TrustServersAnswer;
  readonly servers: ListedServers;
  readonly manufacturing: readonly Certificate[];
  /** The CTL that is published. */
  readonly published: TrustList | undefined;
}

export async function fetchCluster(client: ManagerClient): Promise<CtlCluster> {
  const answer = await client.trustServers();
  const of = (service: TrustServersAnswer['servers'][number]['service']) =>
    answer.servers
      .filter((one) => one.service === service)
      .map(({ certificate }) => readCertificate(octets(certificate)));
  return {
    answer,
    servers: {
      hostName: answer.hostName,
      ipAddress: answer.ipAddress ?? undefined,
      callManager: of('CCM'),
      tftp: of('TFTP'),
      capf: of('CAPF'),
      tvs: of('TVS'),
    },
    manufacturing: answer.manufacturing.map((one) => readCertificate(octets(one))),
    published: answer.published === null ? undefined : readList(octets(answer.published)),
  };
}

/** The tokens of a list, each once. */
export function tokensOf(list: TrustList): readonly Certificate[] {
  return withRole(list, trustRoles.SAST);
}

/** @throws {TrustlineError} cli.no-published-list */
export function publishedOf({ published }: CtlCluster): TrustList {
  if (published !== undefined) return published;
  throw new TrustlineError('cli.no-published-list', 'The cluster has no CTL yet.', {
    nextStep: 'Make its first one: trustline ctl create',
  });
}

/** What a CTL of the cluster's present certificates holds. */
export function recordsFor(
  { servers, manufacturing }: CtlCluster,
  tokens: readonly Certificate[],
  mode: ClusterSecurityMode,
): readonly RecordRequest[] {
  return ctlRecords(servers, tokens, manufacturing, mode);
}

/** A list's records, to be signed anew as they are. */
export function recordsOf({ records }: TrustList): readonly RecordRequest[] {
  return records.map(({ role, dnsName, ipAddress, certificate }) => ({
    role,
    ...(dnsName === undefined ? {} : { dnsName }),
    ...(ipAddress === undefined ? {} : { ipAddress }),
    ...(certificate === undefined ? {} : { certificate: readCertificate(certificate) }),
  }));
}

/** @throws {TrustlineError} cli.no-trust-list */
export function readList(content: Uint8Array): TrustList {
  const read = parseTrustList(content);
  if (read.ok) return read.list;
  throw new TrustlineError('cli.no-trust-list', `The manager’s CTL cannot be read: ${read.message}`, {
    nextStep: 'Check that the manager is of the same version as this command.',
  });
}

export function modeOf(list: TrustList): ClusterSecurityMode {
  return certificatesFor({ ctl: list, itl: undefined }, 'CCM').length > 0 ? 'mixed' : 'non-secure';
}

export function octets(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

function withRole({ records }: TrustList, wanted: number): readonly Certificate[] {
  const found = records.flatMap(({ role, certificate }) =>
    role === wanted && certificate !== undefined ? [readCertificate(certificate)] : [],
  );
  return [...new Map(found.map((one) => [one.fingerprint, one])).values()];
}
