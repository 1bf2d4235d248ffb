import { isCallId, isToken, type SipParameter } from '../message/grammar.ts';

/** The dialog that a request means to take over (RFC 3891 §6.1), by the identifiers of the user agent that gets it. */
export interface Replaces {
  readonly callId: string;
  /** The tag of whoever gets the header. */
  readonly toTag: string;
  /** The tag of the far end of that dialog. */
  readonly fromTag: string;
  /** Only while it is not answered: otherwise 486 (RFC 3891 §3). */
  readonly earlyOnly: boolean;
}

/** Reads a Replaces value; undefined unless it has a Call-ID and both tags, each once (RFC 3891 §6.1). */
export function parseReplaces(value: string): Replaces | undefined {
  const [callId = '', ...parts] = value.split(';').map((part) => part.trim());
  if (!isCallId(callId)) return undefined;
  const parameters = parts.map((part): SipParameter => {
    const equals = part.indexOf('=');
    if (equals < 0) return { name: part.toLowerCase(), value: undefined };
    return { name: part.slice(0, equals).trim().toLowerCase(), value: part.slice(equals + 1).trim() };
  });
  const tagOf = (wanted: string) => {
    const [first, second] = parameters.filter(({ name }) => name === wanted);
    return second === undefined && first?.value !== undefined && isToken(first.value) ? first.value : undefined;
  };
  const [toTag, fromTag] = [tagOf('to-tag'), tagOf('from-tag')];
  if (toTag === undefined || fromTag === undefined) return undefined;
  const earlyOnly = parameters.some(({ name }) => name === 'early-only');
  return { callId, toTag, fromTag, earlyOnly };
}

export function formatReplaces({ callId, toTag, fromTag, earlyOnly }: Replaces): string {
  return `${callId};to-tag=${toTag};from-tag=${fromTag}${earlyOnly ? ';early-only' : ''}`;
}
