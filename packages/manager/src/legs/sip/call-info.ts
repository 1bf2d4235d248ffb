import type { SecurityLevel } from '@trustline/evidence';

/** The words of Cisco's `security` parameter, which draws the lock icon on its phones; ours read them too. */
const words: Readonly<Record<SecurityLevel, string>> = {
  encrypted: 'Encrypted',
  authenticated: 'Authenticated',
  'non-secure': 'NotAuthenticated',
};

/**
 * The `Call-Info` header that shows the level of a call to a phone.
 *
 * @param orientation whose information it is: `from` in messages to the called, `to` in messages to the caller
 * @param until the trunk or gateway where the protection ends that a level above non-secure speaks of: a parameter of ours (RFC
 *   3261 §20.9: generic-param), which phones that do not know it pass over
 * @param notice what is to be said beside the level, to a person: another parameter of ours
 */
export function callInfoHeader(
  level: SecurityLevel,
  orientation: 'from' | 'to',
  until?: string,
  notice?: string,
): { name: string; value: string } {
  const end = until === undefined || level === 'non-secure' ? '' : parameter('until', until);
  const said = notice === undefined ? '' : parameter('notice', notice);
  return {
    name: 'Call-Info',
    value: `<urn:x-cisco-remotecc:callinfo>; orientation=${orientation}; security=${words[level]}${end}${said}`,
  };
}

/** What a quoted string may not hold is left out. */
function parameter(name: string, value: string): string {
  return `; ${name}="${value.replace(/["\\\p{Cc}]/gu, '')}"`;
}
