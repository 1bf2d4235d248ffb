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
 */
export function callInfoHeader(level: SecurityLevel, orientation: 'from' | 'to'): { name: string; value: string } {
  return {
    name: 'Call-Info',
    value: `<urn:x-cisco-remotecc:callinfo>; orientation=${orientation}; security=${words[level]}`,
  };
}
