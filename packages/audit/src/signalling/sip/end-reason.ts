import { boundedText } from '../bounded-text.ts';
import { type HeardMessage, headerOf, headersOf } from './message.ts';

/**
 * Why a message ends a call, in the network's own words: the status, `Reason` (RFC 3326, RFC 8606) as
 * `Q.850 16 Normal call clearing`, `Warning` (RFC 3261 §20.43), and the words of systems that have headers of their own.
 */
export function endReasonOf(message: HeardMessage): string {
  const { start } = message;
  const words = [start.kind === 'request' ? start.method : `${start.status} ${start.reason}`.trim()];
  for (const value of headersOf(message, 'reason')) words.push(reason(value));
  const warning = headerOf(message, 'warning');
  if (warning !== undefined) words.push(/^(\d{3})\s+\S+\s+"?([^"]*)/.exec(warning)?.slice(1).join(' ') ?? warning);
  const asterisk = headerOf(message, 'x-asterisk-hangupcause');
  if (asterisk !== undefined && words.length === 1) words.push(asterisk);
  return boundedText(words.filter((word) => word !== '').join('; ')) ?? '';
}

/** `Q.850;cause=16;text="Normal call clearing"` */
function reason(value: string): string {
  const [protocol = ''] = value.split(';', 1);
  const cause = /;\s*cause\s*=\s*(\d{1,4})/i.exec(value)?.[1];
  const text = /;\s*text\s*=\s*(?:"([^"]*)"?|([^;,]*))/i.exec(value);
  return [protocol.trim(), cause, text?.[1] ?? text?.[2]].filter(Boolean).join(' ');
}
