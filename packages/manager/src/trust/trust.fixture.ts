import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildTrustList,
  type Certificate,
  type ClusterSecurityMode,
  decodeCertificateRequestPem,
  type HeldTrust,
  type InitialisableToken,
  initialiseToken,
  parseTrustList,
  type RecordRequest,
  type SignOctets,
  signerIdentityOf,
  signFile,
  type TrustList,
  type TrustListRequest,
} from '@trustline/pki';
import { type Cluster, createCluster } from '@trustline/pki/node';
import { ctlRecords, type ListedServers } from './composition.ts';
import type { KnownPhone, TrustVerification } from './simulation.ts';

/** Who signs a list: a security token, or a server of the cluster. */
export interface ListSigner {
  readonly certificate: Certificate;
  readonly sign: SignOctets;
}

/** A cluster with its servers, and the tokens of its officers: real certificates and keys, all of them. */
export interface Cast {
  readonly now: number;
  readonly cluster: Cluster;
  readonly servers: ListedServers;
  readonly tokens: readonly [ListSigner, ListSigner];
  readonly strangersToken: ListSigner;
  readonly labToken: ListSigner;
  readonly tftp: ListSigner;
  dispose(): void;
}

const signWith =
  (key: Parameters<typeof sign>[2]): SignOctets =>
  async (digest, octets) =>
    sign(`RSA-${digest.replace('-', '')}`, octets, key);

/** A token as this test holds it in its hand: its key is in memory. */
export async function makeToken(cluster: Cluster, serial: string, lab: boolean, now: number): Promise<ListSigner> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const signs = signWith(privateKey);
  const token: Pick<InitialisableToken, 'label' | 'serial' | 'attestation' | 'makeKey' | 'storeCertificate'> = {
    label: serial,
    serial,
    attestation: {
      kind: lab ? 'software' : 'pkcs11',
      lab,
      module: '',
      manufacturer: '',
      model: '',
      serial,
      firmware: '',
    },
    makeKey: async () => ({ publicKey, sign: signs }),
    storeCertificate: async () => undefined,
  };
  const certificate = await initialiseToken(token as InitialisableToken, async (request, identity) => {
    const issued = await cluster.issueTokenCertificate(decodeCertificateRequestPem(request), identity, now);
    return { certificate: issued.certificate.der, issuer: issued.issuer.der };
  });
  return { certificate, sign: signs };
}

export async function makeCast(): Promise<Cast> {
  const now = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'trustline-cast-'));
  const names = { cluster: 'Cast', hosts: ['cm.example.org'] as const, addresses: ['192.0.2.1'], domains: [] };
  const cluster = await createCluster(folder, names, now);
  const tftp = await cluster.identity('tftp', now);
  const servers: ListedServers = {
    hostName: 'cm.example.org',
    ipAddress: '192.0.2.1',
    callManager: cluster.callManagerIdentities().map(({ certificate }) => certificate),
    tftp: [tftp.certificate],
    capf: [(await cluster.identity('capf', now)).certificate],
    tvs: [(await cluster.identity('tvs', now)).certificate],
  };
  return {
    now,
    cluster,
    servers,
    tokens: [await makeToken(cluster, '1', false, now), await makeToken(cluster, '2', false, now)],
    strangersToken: await makeToken(cluster, '9', false, now),
    labToken: await makeToken(cluster, '7', true, now),
    tftp: { certificate: tftp.certificate, sign: signWith(tftp.privateKeyPem.reveal()) },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface CtlWishes {
  readonly signer?: ListSigner;
  readonly tokens?: readonly ListSigner[];
  readonly mode?: ClusterSecurityMode;
  readonly servers?: ListedServers;
  /** Seconds; that of the cast when left out. */
  readonly timestamp?: number;
  readonly fileName?: string;
}

/** A CTL of the cluster, signed; in order in every way unless the wishes say otherwise. */
export function makeCtl(cast: Cast, wishes: CtlWishes = {}): Promise<Uint8Array> {
  const { tokens = cast.tokens, servers = cast.servers, mode = 'mixed' } = wishes;
  const certificates = tokens.map(({ certificate }) => certificate);
  const manufacturing = cast.cluster.trust.issuersFor('manufacturer');
  const records = ctlRecords(servers, certificates, manufacturing, mode);
  return makeList(wishes.signer ?? tokens[0] ?? cast.tokens[0], records, {
    kind: 'CTL',
    timestamp: wishes.timestamp ?? Math.floor(cast.now / 1_000),
    ...(wishes.fileName === undefined ? {} : { fileName: wishes.fileName }),
  });
}

export function makeList(
  { certificate, sign: signs }: ListSigner,
  records: readonly RecordRequest[],
  how: Pick<TrustListRequest, 'kind' | 'timestamp'> & Partial<Pick<TrustListRequest, 'fileName'>>,
): Promise<Uint8Array> {
  return signFile(buildTrustList({ digest: 'SHA-512', signer: certificate, records, ...how }), signs);
}

export function read(octets: Uint8Array): TrustList {
  const parsed = parseTrustList(octets);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.list;
}

export const holding = (ctl: Uint8Array | undefined, itl?: Uint8Array): HeldTrust => ({
  ctl: ctl && read(ctl),
  itl: itl && read(itl),
});

export const phone = (device: string, ctl: Uint8Array | undefined, itl?: Uint8Array): KnownPhone => ({
  device,
  held: holding(ctl, itl),
  mayHold: [],
});

/** The cluster's Trust Verification Service, which vouches for these alone. */
export function vouchingFor({ servers }: Cast, ...signers: readonly ListSigner[]): TrustVerification {
  const [certificate] = servers.tvs;
  if (certificate === undefined) throw new Error('the cast has a TVS');
  return {
    certificate,
    vouch(wanted) {
      const found = signers.find((one) => signerIdentityOf(one.certificate).serialNumber === wanted.serialNumber);
      return found && { certificate: found.certificate.der, roles: [0] };
    },
  };
}
