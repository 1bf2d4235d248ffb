import { challengeAlgorithms, type SipResponse } from '@trustline/sip';

/** How the phone proves itself by password; undefined where its certificate does. */
export interface PasswordProof {
  readonly username: string;
  /** It answers challenges with MD5 too. */
  readonly allowMd5?: boolean;
}

const lookThere =
  'See `trustline events` where the manager runs, and whether the line is one of this device: trustline devices';

/** What whoever has the phone can do about a registration that was refused; undefined where it was not answered. */
export function registrationAdvice(
  response: SipResponse | undefined,
  proof: PasswordProof | undefined,
): string | undefined {
  if (response === undefined) return undefined;
  const asked = challengeAlgorithms(response);
  if (asked.length === 0) return lookThere;
  if (proof === undefined) {
    return 'The manager asks for a password, and this phone has a certificate: connect it by TLS, or write its credentials anew: trustline device credentials';
  }
  const known = proof.allowMd5 === true ? ['sha-256', 'md5'] : ['sha-256'];
  if (asked.some((algorithm) => known.includes(algorithm.toLowerCase()))) {
    return `The password is not that of ${proof.username}: \`trustline device credentials ${proof.username}\` writes a new one`;
  }
  return `The listener asks for a digest by ${[...new Set(asked)].join(', ')} alone, which this phone does not answer: add SHA-256 to its \`digestAlgorithms\` (listeners in trustline.yaml), or connect by TLS`;
}
