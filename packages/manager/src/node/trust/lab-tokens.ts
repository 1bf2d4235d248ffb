import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { type Certificate, decodeCertificateRequestPem, initialiseToken, type TokenDigest } from '@trustline/pki';
import { type Cluster, createSoftwareToken, openSoftwareToken, readSoftwareToken } from '@trustline/pki/node';

/** The two software tokens of a lab, which the manager keeps and uses itself: hence `lab trust`. */
export interface LabTokens {
  readonly certificates: readonly Certificate[];
  /** RSASSA-PKCS1-v1_5 by the first token. */
  sign(digest: TokenDigest, octets: Uint8Array): Promise<Uint8Array>;
}

const files = ['lab-token-1.token', 'lab-token-2.token'] as const;
const pinFile = 'lab-tokens.pin';

/**
 * Opens the tokens of a lab's folder, or makes them there. One that a crash left unfinished is made anew: nothing was
 * signed with it.
 *
 * @param passphrase of the cluster's keys; without one the PIN lies beside the tokens, mode 0600, as the keys do
 * @param now epoch milliseconds
 */
export async function labTokens(
  folder: string,
  cluster: Cluster,
  passphrase: Redacted<string> | undefined,
  now: number,
): Promise<LabTokens> {
  const pin = pinOf(folder, passphrase);
  const certificates: Certificate[] = [];
  for (const file of files) {
    const path = join(folder, file);
    certificates.push(
      existsSync(path) ? (await readSoftwareToken(path)).certificate : await makeToken(path, cluster, pin, now),
    );
  }
  return {
    certificates,
    async sign(digest, octets) {
      const token = await openSoftwareToken(join(folder, files[0]), pin);
      try {
        const [certificate] = await token.certificates();
        if (certificate === undefined) throw new Error(`${files[0]} has no certificate`); // its reading refuses that
        return await token.sign(certificate, digest, octets);
      } finally {
        await token.close();
      }
    },
  };
}

async function makeToken(path: string, cluster: Cluster, pin: Redacted<string>, now: number): Promise<Certificate> {
  const token = createSoftwareToken(path, 'lab', pin);
  try {
    return await initialiseToken(token, async (request, identity) => {
      const issued = await cluster.issueTokenCertificate(decodeCertificateRequestPem(request), identity, now);
      return { certificate: issued.certificate.der, issuer: issued.issuer.der };
    });
  } finally {
    await token.close();
  }
}

function pinOf(folder: string, passphrase: Redacted<string> | undefined): Redacted<string> {
  if (passphrase !== undefined) {
    return new Redacted(createHash('sha256').update(`lab tokens\0${passphrase.reveal()}`).digest('hex'));
  }
  const path = join(folder, pinFile);
  if (!existsSync(path)) {
    writeFileSync(path, `${randomBytes(16).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  }
  return new Redacted(readFileSync(path, 'utf8').trim());
}
