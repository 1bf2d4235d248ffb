import { isDigitCode, isSpaceCode, isToken } from './grammar.ts';
import { headerValue } from './headers.ts';
import type { SipMessage } from './types.ts';

/** RFC 3261 §20.16. */
export interface CSeq {
  /** 0 to 2^31 - 1 (RFC 3261 §8.1.1.5). */
  readonly sequence: number;
  readonly method: string;
}

export const MAXIMUM_SEQUENCE = 2 ** 31 - 1;

/** Undefined if malformed, or if the number MUST NOT be that large. */
export function parseCSeq(value: string): CSeq | undefined {
  let position = 0;
  let sequence = 0;
  while (isDigitCode(value.charCodeAt(position))) {
    sequence = sequence * 10 + value.charCodeAt(position) - 48;
    position++;
  }
  if (position === 0 || sequence > MAXIMUM_SEQUENCE || !isSpaceCode(value.charCodeAt(position))) return undefined;
  while (isSpaceCode(value.charCodeAt(position))) position++;
  const method = value.slice(position);
  return isToken(method) ? { sequence, method } : undefined;
}

export function formatCSeq({ sequence, method }: CSeq): string {
  return `${sequence} ${method}`;
}

export function cseq(message: SipMessage): CSeq | undefined {
  return parseCSeq(headerValue(message, 'CSeq') ?? '');
}
