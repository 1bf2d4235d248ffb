/** What the far side of a gateway is told of the protection of its call. */
import type { SecurityLevel } from '@trustline/evidence';

const words: Readonly<Record<SecurityLevel, string>> = {
  encrypted: 'Encrypted',
  authenticated: 'Authenticated',
  'non-secure': 'Not encrypted',
};

/** One line for a display; `until` names the trunk or gateway where the other end's protection ends, if it is one. */
export function shownLevel(level: SecurityLevel, until: string | undefined): string {
  return level === 'encrypted' && until !== undefined ? `Encrypted up to ${until}` : words[level];
}
