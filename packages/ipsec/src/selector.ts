import ipaddr from 'ipaddr.js';

/** What a security association protects at one end: a range of addresses, and of these a protocol and ports. */
export interface TrafficSelector {
  readonly addresses:
    | { readonly kind: 'prefix'; readonly network: string; readonly length: number }
    | { readonly kind: 'range'; readonly first: string; readonly last: string };
  /** The protocol number of IP, or undefined for every protocol. */
  readonly protocol: number | undefined;
  readonly ports: { readonly first: number; readonly last: number };
}

/** One end of a transport connection. */
export interface TransportEnd {
  /** IPv4 or IPv6, as `getsockname` gives it. */
  readonly address: string;
  readonly port: number;
}

const protocols: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, esp: 50, ah: 51, 'ipv6-icmp': 58 };

/** The daemon prints a single port by its name in /etc/services; these are the ones of H.323 and of SIP. */
const services: Readonly<Record<string, number>> = {
  h323gatedisc: 1718,
  h323gatestat: 1719,
  h323hostcall: 1720,
  sip: 5060,
  'sip-tls': 5061,
};

export const TCP = 6;

/**
 * Reads a selector as `list-sas` prints it: `10.98.0.1/32`, `10.98.0.1/32[tcp]`, `10.98.0.1/32[tcp/1720]`,
 * `192.0.2.1..192.0.2.9[tcp/1024-65535]`, `2001:db8::1/128[17/5060]`. Undefined where it reads otherwise: what cannot be
 * read protects nothing.
 */
export function readSelector(text: string): TrafficSelector | undefined {
  const parts = /^([0-9a-fA-F.:]+?)(?:\/(\d{1,3})|\.\.([0-9a-fA-F.:]+))(?:\[([a-z0-9-]*)(?:\/([^\]]+))?\])?$/.exec(
    text,
  );
  if (parts === null) return undefined;
  const [, first = '', length, last, protocolName, portText] = parts;
  const addresses = readAddresses(first, length, last);
  const protocol = readProtocol(protocolName);
  const ports = readPorts(portText);
  if (addresses === undefined || protocol === 'unknown' || ports === undefined) return undefined;
  return { addresses, protocol, ports };
}

function readAddresses(
  first: string,
  length: string | undefined,
  last: string | undefined,
): TrafficSelector['addresses'] | undefined {
  if (!ipaddr.isValid(first)) return undefined;
  if (last !== undefined) {
    const sameFamily = ipaddr.isValid(last) && ipaddr.parse(last).kind() === ipaddr.parse(first).kind();
    return sameFamily ? { kind: 'range', first, last } : undefined;
  }
  const bits = ipaddr.parse(first).kind() === 'ipv4' ? 32 : 128;
  return Number(length) <= bits ? { kind: 'prefix', network: first, length: Number(length) } : undefined;
}

function readProtocol(name: string | undefined): number | undefined | 'unknown' {
  if (name === undefined || name === '' || name === '0') return undefined;
  if (/^\d{1,3}$/.test(name)) return Number(name);
  return protocols[name] ?? 'unknown';
}

function readPorts(text: string | undefined): TrafficSelector['ports'] | undefined {
  if (text === undefined) return { first: 0, last: 65_535 };
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = range === null ? services[text] : Number(range[1]);
  if (first === undefined) return undefined;
  const last = range?.[2] === undefined ? first : Number(range[2]);
  return first <= last && last <= 65_535 ? { first, last } : undefined;
}

/** Whether the selector holds this end of a connection of this protocol. */
export function selects(selector: TrafficSelector, end: TransportEnd, protocol: number): boolean {
  if (selector.protocol !== undefined && selector.protocol !== protocol) return false;
  if (end.port < selector.ports.first || end.port > selector.ports.last) return false;
  return holdsAddress(selector.addresses, end.address);
}

function holdsAddress(addresses: TrafficSelector['addresses'], text: string): boolean {
  const address = plainAddress(text);
  if (address === undefined) return false;
  if (addresses.kind === 'range') {
    const [first, last] = [ipaddr.parse(addresses.first), ipaddr.parse(addresses.last)];
    if (first.kind() !== address.kind()) return false;
    return compare(first, address) <= 0 && compare(address, last) <= 0;
  }
  const network = ipaddr.parse(addresses.network);
  return network.kind() === address.kind() && address.match(network, addresses.length);
}

/** An address without zone; one of IPv4 that a dual-stack socket shows as ::ffff:192.0.2.1 is that of IPv4. */
function plainAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const withoutZone = text.replace(/%.*$/, '');
  return ipaddr.isValid(withoutZone) ? ipaddr.process(withoutZone) : undefined;
}

/** Whether two texts are one address, however they are written. */
export function sameAddress(one: string, other: string): boolean {
  const [first, second] = [plainAddress(one), plainAddress(other)];
  return first !== undefined && second !== undefined && first.kind() === second.kind() && compare(first, second) === 0;
}

/** The family of an address, or undefined where the text is none. */
export function familyOf(text: string): 'ipv4' | 'ipv6' | undefined {
  return plainAddress(text)?.kind();
}

function compare(one: ipaddr.IPv4 | ipaddr.IPv6, other: ipaddr.IPv4 | ipaddr.IPv6): number {
  const [octets, others] = [one.toByteArray(), other.toByteArray()];
  const at = octets.findIndex((octet, i) => octet !== others[i]);
  return at < 0 ? 0 : (octets[at] ?? 0) - (others[at] ?? 0);
}
