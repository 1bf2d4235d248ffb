import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '../certificate.ts';
import type { Signer } from '../issue.ts';
import type { RevokedCertificate } from '../lab-trust-source.ts';
import type { AuthorityRole } from '../profiles.ts';
import {
  issueRevocationList,
  type ListedRevocation,
  REVOCATION_LIST_VALIDITY,
} from '../revocation/issue-revocation-list.ts';
import { plainSerial, type RevocationList, readRevocationList } from '../revocation/revocation-list.ts';
import { writeFileAtomically } from './files.ts';

/**
 * The present list of an authority of ours: the one on the disk while it says what is revoked now and has half its life
 * before it, else a new one, which is on the disk before it leaves, so that no number is ever used for two lists.
 */
export async function publishedList(
  directory: string,
  role: AuthorityRole,
  authority: Extract<Signer, { kind: 'authority' }>,
  revocations: readonly RevokedCertificate[],
  now: number,
): Promise<RevocationList> {
  const { certificate } = authority;
  const path = join(directory, `${role}-${certificate.fingerprint.slice(0, 16)}.crl`);
  const held = await readHeld(path);
  const revoked = listedRevocations(revocations, certificate.subjectHash);
  if (held !== undefined && isCurrent(held, certificate, revoked, now)) return held;
  // The time is the number, so that it rises although an old backup was restored; and never twice the same.
  const next = BigInt(Math.floor(now / 1000));
  const after = (held?.number ?? 0n) + 1n;
  const list = await issueRevocationList(authority, next > after ? next : after, revoked, now);
  await writeFileAtomically(path, list.der);
  return list;
}

function isCurrent(
  held: RevocationList,
  certificate: Certificate,
  revoked: readonly ListedRevocation[],
  now: number,
): boolean {
  return (
    held.signedBy(certificate) &&
    now >= held.thisUpdate &&
    now <= held.thisUpdate + REVOCATION_LIST_VALIDITY / 2 &&
    held.entries.size === revoked.length &&
    revoked.every(({ serialNumber }) => held.entries.has(plainSerial(serialNumber)))
  );
}

/** RFC 5280 §3.3: what is listed stays listed. The first revocation of a certificate is the one that counts. */
function listedRevocations(
  revocations: readonly RevokedCertificate[],
  issuerHash: string,
): readonly ListedRevocation[] {
  const bySerial = new Map<string, ListedRevocation>();
  for (const { issuerHash: issuer, serialNumber, at, code = 'unspecified' } of revocations) {
    if (issuer !== issuerHash || bySerial.has(plainSerial(serialNumber))) continue;
    bySerial.set(plainSerial(serialNumber), { serialNumber, at, reason: code });
  }
  return [...bySerial.values()];
}

/** A list that cannot be read is made anew; its number is the time, so nothing is lost with it. */
async function readHeld(path: string): Promise<RevocationList | undefined> {
  try {
    return readRevocationList(new Uint8Array(await readFile(path)));
  } catch {
    return undefined;
  }
}
