import { headerValues } from './headers.ts';
import type { SipMessage } from './types.ts';

/**
 * The cause of Q.850 that a message gives in its Reason header, 1 to 127 (RFC 3326 §2). There may be reasons of other
 * protocols beside it, on lines of their own or after a comma; what stands in quotes is text, whatever it looks like.
 */
export function q850CauseOfReason(message: SipMessage): number | undefined {
  for (const value of headerValues(message, 'Reason')) {
    for (const reason of value.replace(/"(?:[^"\\]|\\.)*"/g, '""').split(',')) {
      const digits = /^\s*Q\.850\s*;(?:.*;)?\s*cause\s*=\s*(\d{1,3})\s*(?:;|$)/i.exec(reason)?.[1];
      const cause = Number(digits ?? 0);
      if (cause >= 1 && cause <= 127) return cause;
    }
  }
  return undefined;
}
