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

/** What the manager shows of a call (`Call-Info … security=`). */
export interface ShownSecurity {
  /** Of the whole call. */
  readonly level: SecurityLevel;
  /** What it says beside the level, for a person: that what protects the signalling further on is gone, or is back. */
  readonly notice: string | undefined;
}

/** Undefined where a message says nothing of it. */
export function securityShown(message: SipMessage): ShownSecurity | undefined {
  for (const value of headerValues(message, 'Call-Info')) {
    for (const { uri, parameters } of parseCallInfo(value) ?? []) {
      if (uri.toLowerCase() !== CALL_INFORMATION) continue;
      const level = levels.get(parameterValue(parameters, 'security')?.toLowerCase() ?? '');
      if (level !== undefined) return { level, notice: parameterValue(parameters, 'notice') };
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
