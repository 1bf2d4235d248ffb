import type { MediaAddress } from '../h245/audio-format.ts';

/** One end of a TCP connection: an address of IPv4 or IPv6 as text, as `getsockname` gives it. */
export interface HostPort {
  readonly address: string;
  readonly port: number;
}

/** The two ends of a TCP connection, of its socket itself and never of a configuration. */
export interface TcpEnds {
  readonly local: HostPort;
  readonly remote: HostPort;
}

/** An address as H.225.0 and H.245 write it. Undefined for text that is no address. */
export function octetsOfAddress({ address, port }: HostPort): MediaAddress | undefined {
  const host = address.includes(':') ? octetsOfV6(address) : octetsOfV4(address);
  return host === undefined ? undefined : { host, port };
}

/** The same in text. */
export function textOfAddress({ host, port }: MediaAddress): HostPort {
  if (host.byteLength === 4) return { address: host.join('.'), port };
  const groups = Array.from({ length: 8 }, (_, i) => (((host[2 * i] ?? 0) << 8) | (host[2 * i + 1] ?? 0)).toString(16));
  return { address: compressed(groups), port };
}

function octetsOfV4(address: string): Uint8Array | undefined {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return Uint8Array.from(parts, Number);
}

function octetsOfV6(address: string): Uint8Array | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address.replace(/%.*$/, ''));
  const v4 = dotted === null ? undefined : octetsOfV4(dotted[2] ?? '');
  const words = v4 && [((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0)];
  const text = words === undefined ? address.replace(/%.*$/, '') : `${dotted?.[1]}${words.map(hex).join(':')}`;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}

/** RFC 5952 §4.2: the first of the longest runs of zero groups is left out, if it has two or more. */
function compressed(groups: readonly string[]): string {
  let best = { at: 0, length: 1 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === '0') length += 1;
    if (length > best.length) best = { at, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}

function hex(word: number): string {
  return word.toString(16);
}
