import { HeaderReader, parameterValue, parseDecimal } from './grammar.ts';
import { headerValue, headerValues } from './headers.ts';
import { MAXIMUM_SECONDS } from './numbers.ts';
import type { SipMessage } from './types.ts';

/** Who refreshes a session: the one that sent the request at hand, or the one that answers it (RFC 4028 §4). */
export type SessionRefresher = 'uac' | 'uas';

/** RFC 4028 §4: `1800;refresher=uas`. */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: SessionRefresher | undefined;
}

/** The Session-Expires of a message; undefined where it is absent or cannot be read, which asks for no timer. */
export function sessionExpires(message: SipMessage): SessionExpires | undefined {
  const reader = new HeaderReader(headerValue(message, 'Session-Expires') ?? '');
  reader.skipSpace();
  const seconds = parseDecimal(reader.digits() ?? '', MAXIMUM_SECONDS);
  if (seconds === undefined) return undefined;
  const parameters = reader.parameters();
  if (parameters === undefined || !reader.done) return undefined;
  const refresher = parameterValue(parameters, 'refresher')?.toLowerCase();
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

export function formatSessionExpires({ seconds, refresher }: SessionExpires): string {
  return refresher === undefined ? String(seconds) : `${seconds};refresher=${refresher}`;
}

/** The Min-SE of a message in seconds (RFC 4028 §5); undefined where it is absent or cannot be read. */
export function minimumSessionExpires(message: SipMessage): number | undefined {
  const reader = new HeaderReader(headerValue(message, 'Min-SE') ?? '');
  reader.skipSpace();
  return parseDecimal(reader.digits() ?? '', MAXIMUM_SECONDS);
}

/** Whether a message lists an option tag in its Supported (RFC 3261 §20.37). */
export function supports(message: SipMessage, tag: string): boolean {
  return headerValues(message, 'Supported').some((line) =>
    line.split(',').some((one) => one.trim().toLowerCase() === tag),
  );
}
