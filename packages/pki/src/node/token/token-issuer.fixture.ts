import { join } from 'node:path';
import { decodeCertificateRequestPem } from '../../read-request.ts';
import type { TokenCertificateIssuer } from '../../token/initialise-token.ts';
import type { Cluster } from '../cluster.ts';
import { createCluster } from '../open.ts';

/** A lab cluster, by which the tokens of a test get their certificates. */
export function newCluster(folder: string): Promise<Cluster> {
  const names = { cluster: 'Test lab', hosts: ['localhost'], addresses: ['127.0.0.1'], domains: [] } as const;
  return createCluster(join(folder, 'pki'), names, Date.now());
}

export function issuerOf(cluster: Cluster): TokenCertificateIssuer {
  return async (request, token) => {
    const issued = await cluster.issueTokenCertificate(decodeCertificateRequestPem(request), token, Date.now());
    return { certificate: issued.certificate.der, issuer: issued.issuer.der };
  };
}

/** A certificate of the same authority for another key. */
export async function otherCertificate(cluster: Cluster) {
  const { certificate } = await cluster.issueManufacturerCertificate('SEP0000000000FF', Date.now());
  const [issuer] = cluster.trust.issuersFor('manufacturer');
  return { certificate: certificate.der, issuer: issuer?.der ?? new Uint8Array() };
}
