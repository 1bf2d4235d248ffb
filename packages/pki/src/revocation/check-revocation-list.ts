import type { Certificate } from '../certificate.ts';
import { describeWhen } from '../describe-time.ts';
import { PkiError } from '../error.ts';
import type { RevocationList } from './revocation-list.ts';

/** A clock of the authority may be ahead of ours by this much, in milliseconds. */
export const CLOCK_TOLERANCE = 300_000;

/**
 * Decides whether a list of an outside authority is taken: made and signed by an authority that is known here, whole,
 * and no step back from the list already held. One that is past its `nextUpdate` is taken all the same: what it revokes
 * stays revoked, and the policy on stale lists says what to do about the rest.
 *
 * @param known every certificate that may have issued it
 * @param held the lists that are in force
 * @param now epoch milliseconds
 * @returns the certificate of its issuer
 * @throws {PkiError} pki.revocation-list-refused
 */
export function checkRevocationList(
  list: RevocationList,
  known: readonly Certificate[],
  held: readonly RevocationList[],
  now: number,
): Certificate {
  const named = known.filter(({ subjectHash }) => subjectHash === list.issuerHash);
  if (named.length === 0) {
    throw refused(
      `its issuer ${list.issuer} has issued nothing that is believed here`,
      'Import the list of an authority whose certificates are pinned, imported or a manufacturer’s.',
    );
  }
  const issuer = named.find((one) => list.signedBy(one));
  if (issuer === undefined) {
    throw refused(
      `it claims the issuer ${list.issuer}, but no key that is known under this name signed it`,
      'Fetch the list again from the authority itself; if it is refused again, it was altered or is another’s.',
    );
  }
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.includes('cRLSign')) {
    throw refused(`${issuer.subject} may not sign revocation lists (keyUsage lacks cRLSign)`, askAuthority);
  }
  if (list.authorityKeyIdentifier !== undefined && issuer.subjectKeyIdentifier !== undefined) {
    if (list.authorityKeyIdentifier !== issuer.subjectKeyIdentifier) {
      throw refused('its authority key identifier names another key than the one that signed it', askAuthority);
    }
  }
  if (list.unknownCriticalExtensions.length > 0) {
    const extensions = list.unknownCriticalExtensions.join(', ');
    throw refused(
      `it is no complete list of its authority’s own certificates (critical extensions ${extensions})`,
      'Ask the authority for its complete list: partial, delta and indirect lists are not taken.',
    );
  }
  if (list.thisUpdate > now + CLOCK_TOLERANCE) {
    throw refused(`it is not valid before ${describeWhen(list.thisUpdate, now)}`, 'Check the clock of this machine.');
  }
  const earlier = held.find((one) => isSameSeries(one, list, issuer));
  if (earlier !== undefined && isOlder(list, earlier)) {
    throw refused(
      `it is older than the list held: made ${describeWhen(list.thisUpdate, now)}, the held one ${describeWhen(earlier.thisUpdate, now)}`,
      'Fetch the newest list from the authority.',
    );
  }
  return issuer;
}

const askAuthority = 'Ask the authority for a list that is in order.';

/** Lists of one issuer under one key follow each other; the same name with another key is another series. */
export function isSameSeries(one: RevocationList, other: RevocationList, issuer: Certificate): boolean {
  return one.issuerHash === other.issuerHash && one.signedBy(issuer);
}

/** RFC 5280 §5.2.3: numbers never fall. Lists without them are told apart by their date. */
function isOlder(list: RevocationList, earlier: RevocationList): boolean {
  if (list.thisUpdate < earlier.thisUpdate) return true;
  return list.number !== undefined && earlier.number !== undefined && list.number < earlier.number;
}

function refused(problem: string, nextStep: string): PkiError {
  return new PkiError(
    'pki.revocation-list-refused',
    `the revocation list was refused and nothing was changed: ${problem}`,
    {
      nextStep,
    },
  );
}
