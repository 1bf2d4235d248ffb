import { parseWhole, type SipParameter } from './grammar.ts';
import { headerValue } from './headers.ts';
import type { SipMessage } from './types.ts';

/** RFC 3261 §20.15; `type` and `subtype` in lower case. */
export interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly SipParameter[];
}

export function parseMediaType(value: string): MediaType | undefined {
  return parseWhole(value, (reader) => {
    const type = reader.token()?.toLowerCase();
    if (type === undefined || !reader.separator('/')) return undefined;
    const subtype = reader.token()?.toLowerCase();
    if (subtype === undefined) return undefined;
    const parameters = reader.parameters();
    return parameters === undefined ? undefined : { type, subtype, parameters };
  });
}

/** The type of a message's body; undefined if not said or malformed. */
export function contentType(message: SipMessage): MediaType | undefined {
  const value = headerValue(message, 'Content-Type');
  return value === undefined ? undefined : parseMediaType(value);
}

/** Whether the body is a session description. */
export function hasSdp(message: SipMessage): boolean {
  const media = message.body.length === 0 ? undefined : contentType(message);
  return media?.type === 'application' && media.subtype === 'sdp';
}
