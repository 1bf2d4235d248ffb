import type { LegAccount } from './side.ts';

/**
 * Where security ends, in a sentence: how far the call is proven to be encrypted, and whose network is beyond.
 *
 * @param legs that of the caller and that of the called; undefined where there was none
 */
export function demarcation(legs: readonly (LegAccount | undefined)[]): string {
  const known = legs.filter((leg) => leg !== undefined);
  const parts = known.filter(({ kind }) => kind !== 'port').map(partOf);
  const beyond = known.filter(({ kind }) => kind === 'port').map(({ text }) => text);
  const ends = beyond.length === 0 ? '' : `${beyond.join(' and ')}: beyond is the public network`;
  return [...parts, ends].filter((part) => part !== '').join('; ');
}

function partOf({ text, kind, media, signalling }: LegAccount): string {
  const beyond = kind === 'trunk' ? ', beyond is theirs' : '';
  if (media === undefined) return `${text}: no media`;
  if (media === 'clear') return `${text}: not encrypted${beyond}`;
  const names = { ipsec: 'IPsec', tls: 'TLS', clear: 'signalling in the clear', line: '' };
  return signalling === 'clear'
    ? `${text}: ${media}, but its keys went in the clear${beyond}`
    : `${text}: encrypted to here (${names[signalling]} and SRTP, ${media})${beyond}`;
}
