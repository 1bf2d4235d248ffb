import { createHash } from 'node:crypto';

/** What a phone shows of a list in its settings; newer ones show SHA-1, older ones MD5. Lower-case hex. */
export interface DisplayedHashes {
  readonly md5: string;
  readonly sha1: string;
}

/** The hashes over the whole file, signature included, as phones show them: for people to compare, no proof. */
export function displayedHashes(octets: Uint8Array): DisplayedHashes {
  const hash = (algorithm: string) => createHash(algorithm).update(octets).digest('hex');
  return { md5: hash('md5'), sha1: hash('sha1') };
}
