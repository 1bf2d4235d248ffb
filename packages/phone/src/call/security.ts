import type { SecurityLevel } from '@trustline/evidence';
import { headerValues, parameterValue, parseCallInfo, type SipMessage } from '@trustline/sip';

/**
 * What this phone takes as media. `require`: SRTP or no call. `prefer`: offers SRTP, and goes on in the clear where the
 * far end cannot, which is shown. `clear`: RTP without keys, on purpose.
 */
export type MediaSecurity = 'require' | 'prefer' | 'clear';

const CALL_INFORMATION = 'urn:x-cisco-remotecc:callinfo';

const levels: ReadonlyMap<string, SecurityLevel> = new Map([
  ['encrypted', 'encrypted'],
  ['authenticated', 'authenticated'],
  ['notauthenticated', 'non-secure'],
]);

/** The level of the whole call as the manager shows it (`Call-Info … security=`); undefined where it says nothing. */
export function levelShown(message: SipMessage): SecurityLevel | undefined {
  for (const value of headerValues(message, 'Call-Info')) {
    for (const { uri, parameters } of parseCallInfo(value) ?? []) {
      if (uri.toLowerCase() !== CALL_INFORMATION) continue;
      const level = levels.get(parameterValue(parameters, 'security')?.toLowerCase() ?? '');
      if (level !== undefined) return level;
    }
  }
  return undefined;
}

/** What our own leg is worth: no one can promise more for the call than this. */
export function levelOfLeg(signallingIsProtected: boolean, mediaIsProtected: boolean): SecurityLevel {
  if (!signallingIsProtected) return 'non-secure';
  return mediaIsProtected ? 'encrypted' : 'authenticated';
}

const strength: Readonly<Record<SecurityLevel, number>> = { 'non-secure': 0, authenticated: 1, encrypted: 2 };

/** The security of a call is the minimum over its legs. */
export function weaker(left: SecurityLevel, right: SecurityLevel): SecurityLevel {
  return strength[left] <= strength[right] ? left : right;
}
