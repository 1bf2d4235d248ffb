import { parameterValue } from './grammar.ts';
import { contacts, type NameAddr } from './name-addr.ts';
import type { SipResponse } from './types.ts';

/** Addresses of one redirection that anybody would try. */
const MOST_TARGETS = 16;

/**
 * Where a 3xx sends a request, the address that is wanted most first (RFC 3261 §8.1.3.4): ordered by `q`, which is 1
 * where it is not said or cannot be read, and as listed among equals. Empty where none can be read.
 */
export function redirectTargets(response: SipResponse): readonly NameAddr[] {
  const list = contacts(response);
  if (list === undefined || list === 'all') return [];
  return list
    .slice(0, MOST_TARGETS)
    .map((address) => ({ address, q: qualityOf(address) }))
    .sort((a, b) => b.q - a.q)
    .map(({ address }) => address);
}

/** `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )` (RFC 3261 §25.1). */
function qualityOf({ parameters }: NameAddr): number {
  const text = parameterValue(parameters, 'q') ?? '';
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 1;
}
