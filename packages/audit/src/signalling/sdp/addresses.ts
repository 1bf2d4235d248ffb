import { addressOctets, addressText, type TransportAddress } from '@trustline/capture';
import { attributeValue, attributeValues, type SdpAttribute } from '@trustline/sip';
import { boundedText } from '../bounded-text.ts';

/** Stands where candidates say more (RFC 8840 §4.1.1). */
const DISCARD_PORT = 9;
/** Candidates that one description keeps. */
const MOST_CANDIDATES = 64;

/** `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2): packets to it are of IPv4. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** An address as the reader of captures writes it, so that both are equal; a name of a host stays as it is. */
export function comparableAddress(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  try {
    const octets = addressOctets(bare);
    const isMapped = octets.byteLength === 16 && MAPPED.every((octet, at) => octets[at] === octet);
    return addressText(isMapped ? octets.subarray(MAPPED.length) : octets);
  } catch {
    return boundedText(bare) ?? '';
  }
}

/**
 * Where RTP may go by `a=candidate` (RFC 8839 §5.1), each address once; also as RFC 5245's drafts wrote it, and by
 * `a=altc` (RFC 6947). Names (`….local`, which hide an address) and TCP are left out.
 */
export function candidateAddresses(attributes: readonly SdpAttribute[]): readonly TransportAddress[] {
  const found = new Map<string, TransportAddress>();
  for (const value of attributeValues(attributes, 'candidate')) {
    if (found.size >= MOST_CANDIDATES) break;
    const words = value.split(/\s+/);
    const transport = words.findIndex((word) => word.toUpperCase() === 'UDP');
    const [address = '', port = ''] = words.slice(transport + 2);
    if (transport < 0 || words[1] !== '1' || !/^\d{1,5}$/.test(port) || !/^[\d.]+$|:/.test(address)) continue;
    found.set(`${address} ${port}`, { address: comparableAddress(address), port: Number(port) });
  }
  for (const value of attributeValues(attributes, 'altc').slice(0, MOST_CANDIDATES)) {
    const [, address = '', port = ''] = /^\d+\s+IP[46]\s+(\S+)\s+(\d{1,5})\b/i.exec(value) ?? [];
    if (address !== '') found.set(`${address} ${port}`, { address: comparableAddress(address), port: Number(port) });
  }
  return [...found.values()];
}

/** Where RTCP goes: as `a=rtcp` says (RFC 3605), with RTP where both share a port (RFC 5761), else to the port after it. */
export function rtcpOf(attributes: readonly SdpAttribute[], receives: TransportAddress): TransportAddress | undefined {
  if (receives.port === 0) return undefined;
  const said = /^(\d{1,5})(?:\s+\S+\s+\S+\s+(\S+))?/.exec(attributeValue(attributes, 'rtcp') ?? '');
  const isPlaceholder = said === null || Number(said[1]) === 0 || Number(said[1]) === DISCARD_PORT;
  if (!isPlaceholder) {
    return {
      address: said[2] === undefined ? receives.address : comparableAddress(said[2]),
      port: Number(said[1]) & 0xffff,
    };
  }
  if (attributeValue(attributes, 'rtcp-mux') !== undefined) return receives;
  return { address: receives.address, port: (receives.port + 1) & 0xffff };
}
