import { SccpError } from '../error.ts';
import { type Field, type FieldCondition, fieldBase, type PresenceOf } from './field.ts';

/** From this protocol version on an address has a type and 16 octets. [R: dumps of version 17 in CHSCCP] */
const TYPED_ADDRESSES = 17;
const TYPE_IPV4 = 0;
const TYPE_IPV6 = 1;

type AddressField<Name extends string, Condition extends FieldCondition | undefined> = Field<
  Name,
  string,
  PresenceOf<Condition>
>;

/** Four octets in network order, as a text like `192.0.2.1`. */
export function ipv4<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): AddressField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'ipv4' },
    absent: '0.0.0.0',
    least: () => 4,
    read: (reader) => ipv4Text(reader.view(4)),
    write: (writer, value) => writer.bytes(ipv4Octets(value)),
  };
}

/** Sixteen octets in network order, as a text like `2001:db8::1`. */
export function ipv6<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): AddressField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'ipv6' },
    absent: '::',
    least: () => 16,
    read: (reader) => ipv6Text(reader.view(16)),
    write: (writer, value) => writer.bytes(ipv6Octets(value)),
  };
}

/**
 * An IPv4 address of four octets to protocol version 16; from 17 a type and sixteen octets, IPv4 in the first four.
 * A type that is neither IPv4 (0) nor IPv6 (1) is written before the octets: `2/2001:db8::1`.
 */
export function address<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): AddressField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'address' },
    absent: '0.0.0.0',
    least: (version) => (version < TYPED_ADDRESSES ? 4 : 20),
    read(reader) {
      if (reader.version < TYPED_ADDRESSES) return ipv4Text(reader.view(4));
      const type = reader.u32();
      const octets = reader.view(16);
      if (type === TYPE_IPV4) return ipv4Text(octets.subarray(0, 4));
      return type === TYPE_IPV6 ? ipv6Text(octets) : `${type}/${ipv6Text(octets)}`;
    },
    write(writer, value) {
      if (writer.version < TYPED_ADDRESSES) {
        writer.bytes(ipv4Octets(value));
        return;
      }
      const slash = value.indexOf('/');
      if (slash < 0 && !value.includes(':')) {
        writer.u32(TYPE_IPV4);
        writer.bytes(ipv4Octets(value));
        writer.zeros(12);
        return;
      }
      if (slash === 0 || /\D/.test(value.slice(0, Math.max(slash, 0)))) throw noAddress(value);
      writer.u32(slash < 0 ? TYPE_IPV6 : Number(value.slice(0, slash)));
      writer.bytes(ipv6Octets(value.slice(slash + 1)));
    },
  };
}

function ipv4Text(octets: Uint8Array): string {
  return `${octets[0]}.${octets[1]}.${octets[2]}.${octets[3]}`;
}

function ipv4Octets(text: string): Uint8Array {
  const octets = new Uint8Array(4);
  let place = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? 0x2e : text.charCodeAt(at);
    if (code === 0x2e) {
      if (digits === 0 || place > 3) throw noAddress(text);
      octets[place] = value;
      place += 1;
      digits = 0;
      value = 0;
      continue;
    }
    value = value * 10 + (code - 0x30);
    digits += 1;
    if (code < 0x30 || code > 0x39 || value > 255) throw noAddress(text);
  }
  if (place !== 4) throw noAddress(text);
  return octets;
}

/** The longest run of two or more zero groups becomes `::` (RFC 5952 §4.2). */
function ipv6Text(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length += 1;
    if (length > best.length) best = { at, length };
  }
  const texts = groups.map((group) => group.toString(16));
  if (best.at < 0) return texts.join(':');
  return `${texts.slice(0, best.at).join(':')}::${texts.slice(best.at + best.length).join(':')}`;
}

function ipv6Octets(text: string): Uint8Array {
  const halves = text.split('::');
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 0 : missing !== 0)) throw noAddress(text);
  const octets = new Uint8Array(16);
  [...head, ...Array<string>(missing).fill('0'), ...tail].forEach((group, i) => {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) throw noAddress(text);
    const value = Number.parseInt(group, 16);
    octets[2 * i] = value >> 8;
    octets[2 * i + 1] = value & 0xff;
  });
  return octets;
}

function noAddress(text: string): SccpError {
  return new SccpError('sccp.value', 'this is no address that the protocol version can carry', { detail: text });
}
