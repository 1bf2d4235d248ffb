import type { SubjectName } from '../certificate.ts';
import { isNamePart } from '../distinguished-name.ts';
import { PkiError } from '../error.ts';
import { type ClusterRole, profiles } from '../profiles.ts';
import type { ClusterNames } from './manifest.ts';

/** Room for what is added to it in a common name of 64 characters. */
const MAX_CLUSTER_NAME = 32;

const dnsName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;

/** @throws {PkiError} pki.refused-request when a name cannot stand in a certificate */
export function assertNames({ cluster, hosts, domains }: ClusterNames): void {
  const problem =
    !isNamePart(cluster) || cluster.length > MAX_CLUSTER_NAME
      ? `the cluster's name is 1 to ${MAX_CLUSTER_NAME} printable characters`
      : [...hosts, ...domains].filter((name) => !isDnsName(name)).map((name) => `"${name}" is not a DNS name`)[0];
  if (problem !== undefined) {
    throw new PkiError('pki.refused-request', problem, { nextStep: 'Correct the name in trustline.yaml.' });
  }
}

/** Whether a certificate may name a server so. */
export function isDnsName(text: string): boolean {
  return dnsName.test(text);
}

/** Every name a server of this cluster is reached by (RFC 5922 §7.1: SIP domains as URIs, hosts as DNS names). */
function serverNames({ hosts, addresses, domains }: ClusterNames): readonly SubjectName[] {
  const dns = [...new Set([...hosts, ...domains])].map((value) => ({ kind: 'dns', value }) as const);
  const ips = addresses.map((value) => ({ kind: 'ip', value }) as const);
  const uris = domains.map((domain) => ({ kind: 'uri', value: `sip:${domain}` }) as const);
  return [...dns, ...ips, ...uris];
}

/** The names that an outside CA can be asked to certify: not those that every machine has. */
export function publicServerNames({ hosts, addresses, domains }: ClusterNames): readonly SubjectName[] {
  const isLoopback = (address: string) => address.startsWith('127.') || address === '::1';
  const names = serverNames({
    cluster: '',
    hosts: ['localhost', ...hosts],
    addresses: addresses.filter((address) => !isLoopback(address)),
    domains,
  });
  return names.filter(({ value }) => value !== 'localhost');
}

/** The common name of one of the cluster's own certificates; `tag` tells the authorities of two clusters apart. */
export function commonNameOf(role: ClusterRole, names: ClusterNames, tag: string): string {
  switch (role) {
    case 'callmanager-ca':
      return `${names.cluster} CallManager CA ${tag}`;
    case 'capf-ca':
      return `${names.cluster} CAPF CA ${tag}`;
    case 'manufacturing-ca':
      return `${names.cluster} Manufacturing CA ${tag}`;
    case 'operator-ca':
      return `${names.cluster} Operator CA ${tag}`;
    case 'ipsec-ca':
      return `${names.cluster} IPsec CA ${tag}`;
    case 'capf':
      return `CAPF ${names.hosts[0]}`.slice(0, 64);
    case 'tftp':
      return `TFTP ${names.hosts[0]}`.slice(0, 64);
    case 'tvs':
      return `TVS ${names.hosts[0]}`.slice(0, 64);
    case 'callmanager-rsa':
    case 'callmanager-ecdsa':
    case 'ipsec':
      return names.hosts[0].slice(0, 64);
  }
}

/** The subjectAltNames that a role's certificate carries in this cluster. */
export function namesFor(role: ClusterRole, names: ClusterNames): readonly SubjectName[] {
  return profiles[role].subjectNames === 'server' ? serverNames(names) : [];
}
