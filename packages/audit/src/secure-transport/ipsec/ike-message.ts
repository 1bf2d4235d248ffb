import { ByteReader, hexadecimal, TrustlineError } from '@trustline/base';
import { withoutNonEspMarker } from '../recognise.ts';
import {
  authenticationNames1,
  encryptionNames,
  encryptionNames1,
  exchangeNames,
  groupNames,
  hashNames1,
  integrityNames,
} from './ike-names.ts';

/** One set of what an association may use: each a single name where it was chosen, several where a proposal leaves the choice. */
export interface IkeProposal {
  /** `AES-CBC 128`. */
  readonly encryption: readonly string[];
  /** Absent where the encryption authenticates, too. */
  readonly integrity: readonly string[];
  readonly groups: readonly string[];
  /** Of version 1. */
  readonly authentication: readonly string[];
}

/** One message of IKE, as far as it is in the clear (RFC 7296 §3.1, RFC 2408 §3.1). */
export interface IkeMessage {
  readonly version: 1 | 2;
  /** `IKE_SA_INIT`, `main mode`. */
  readonly exchange: string;
  /** Sixteen digits each; that of the responder is zero in a first message. */
  readonly initiatorSpi: string;
  readonly responderSpi: string;
  readonly isResponse: boolean;
  /** All behind the header is encrypted, or it holds an encrypted payload. */
  readonly isEncrypted: boolean;
  readonly proposals: readonly IkeProposal[];
  /** Of the key exchange in version 2; in version 1 the proposal says it. */
  readonly group: string | undefined;
  /** Who an end says it is, where aggressive mode shows it. */
  readonly identity: string | undefined;
}

const HEADER = 28;
const MOST_PAYLOADS = 64;
const MOST_PROPOSALS = 64;

const payloads1 = { association: 1, identity: 5 } as const;
const payloads2 = { association: 33, keyExchange: 34, encrypted: 46, encryptedFragment: 53 } as const;
const transforms2 = { encryption: 1, integrity: 3, group: 4 } as const;
const attributes1 = { encryption: 1, hash: 2, authentication: 3, group: 4, keyLength: 14 } as const;
const KEY_LENGTH = 14;

/** Reads one datagram of IKE, with or without the marker of NAT traversal; undefined for what is none. */
export function readIkeMessage(datagram: Uint8Array): IkeMessage | undefined {
  try {
    return read(withoutNonEspMarker(datagram));
  } catch (error) {
    if (error instanceof TrustlineError) return undefined;
    throw error;
  }
}

function read(octets: Uint8Array): IkeMessage | undefined {
  const reader = new ByteReader(octets);
  const initiatorSpi = hexadecimal(reader.take(8));
  const responderSpi = hexadecimal(reader.take(8));
  const first = reader.u8();
  const version = reader.u8() >> 4;
  const exchange = reader.u8();
  const flags = reader.u8();
  reader.skip(4);
  const length = reader.u32();
  if ((version !== 1 && version !== 2) || length < HEADER || length > octets.byteLength) return undefined;
  const isSealed = version === 1 && (flags & 1) !== 0;
  const payloads = isSealed ? [] : payloadsIn(first, octets.subarray(HEADER, length));
  const of = (type: number) => payloads.find((payload) => payload.type === type)?.body;
  const association = of(version === 1 ? payloads1.association : payloads2.association);
  const keyExchange = version === 2 ? of(payloads2.keyExchange) : undefined;
  const identity = version === 1 ? of(payloads1.identity) : undefined;
  const sealedTypes: readonly number[] = [payloads2.encrypted, payloads2.encryptedFragment];
  return {
    version,
    exchange: exchangeNames[exchange] ?? `exchange ${exchange}`,
    initiatorSpi,
    responderSpi,
    isResponse: version === 2 && (flags & 0x20) !== 0,
    isEncrypted: isSealed || (version === 2 && payloads.some(({ type }) => sealedTypes.includes(type))),
    proposals: association === undefined ? [] : version === 1 ? proposals1(association) : proposals2(association),
    group: keyExchange === undefined ? undefined : groupName(new ByteReader(keyExchange).u16()),
    identity: identity === undefined ? undefined : identityIn(identity),
  };
}

interface Payload {
  readonly type: number;
  readonly body: Uint8Array;
}

/** Each says the type of the next. What is encrypted comes last, and its next payload is within it. */
function payloadsIn(first: number, octets: Uint8Array): readonly Payload[] {
  const reader = new ByteReader(octets);
  const payloads: Payload[] = [];
  for (let type = first; type !== 0 && reader.remaining >= 4 && payloads.length < MOST_PAYLOADS; ) {
    const next = reader.u8();
    reader.skip(1);
    const body = reader.take(reader.u16() - 4);
    payloads.push({ type, body });
    if (type === payloads2.encrypted || type === payloads2.encryptedFragment) break;
    type = next;
  }
  return payloads;
}

/** Structures that say of themselves whether another follows: proposals, transforms. */
function* chain(octets: Uint8Array): Generator<ByteReader> {
  const reader = new ByteReader(octets);
  for (let count = 0; reader.remaining >= 4 && count < MOST_PROPOSALS; count++) {
    const more = reader.u8();
    reader.skip(1);
    yield new ByteReader(reader.take(reader.u16() - 4));
    if (more === 0) return;
  }
}

/** RFC 2408 §3.4 to §3.6: each transform is a whole set. */
function proposals1(association: Uint8Array): readonly IkeProposal[] {
  const sets: IkeProposal[] = [];
  for (const proposal of chain(association.subarray(8))) {
    proposal.skip(2);
    proposal.skip(proposal.u8() + 1);
    for (const transform of chain(proposal.take(proposal.remaining))) {
      transform.skip(4);
      const values = attributesIn(transform);
      const named = (attribute: number, names: Readonly<Record<number, string>>) => {
        const value = values.get(attribute);
        return value === undefined ? [] : [names[value] ?? `number ${value}`];
      };
      const [encryption] = named(attributes1.encryption, encryptionNames1);
      const bits = values.get(attributes1.keyLength);
      sets.push({
        encryption: encryption === undefined ? [] : [bits === undefined ? encryption : `${encryption} ${bits}`],
        integrity: named(attributes1.hash, hashNames1),
        groups: named(attributes1.group, groupNames),
        authentication: named(attributes1.authentication, authenticationNames1),
      });
    }
  }
  return sets;
}

/** RFC 7296 §3.3. */
function proposals2(association: Uint8Array): readonly IkeProposal[] {
  const sets: IkeProposal[] = [];
  for (const proposal of chain(association)) {
    proposal.skip(2);
    const spiLength = proposal.u8();
    proposal.skip(1 + spiLength);
    const [encryption, integrity, groups]: [string[], string[], string[]] = [[], [], []];
    for (const transform of chain(proposal.take(proposal.remaining))) {
      const type = transform.u8();
      transform.skip(1);
      const id = transform.u16();
      const bits = attributesIn(transform).get(KEY_LENGTH);
      if (type === transforms2.encryption) {
        const name = encryptionNames[id] ?? `number ${id}`;
        encryption.push(bits === undefined ? name : `${name} ${bits}`);
      }
      if (type === transforms2.integrity && id !== 0) integrity.push(integrityNames[id] ?? `number ${id}`);
      if (type === transforms2.group && id !== 0) groups.push(groupName(id));
    }
    sets.push({ encryption, integrity, groups, authentication: [] });
  }
  return sets;
}

/** Short ones, of two octets, are all that matter here; others are passed over (RFC 7296 §3.3.5). */
function attributesIn(reader: ByteReader): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  while (reader.remaining >= 4) {
    const type = reader.u16();
    const value = reader.u16();
    if ((type & 0x8000) !== 0) values.set(type & 0x7fff, value);
    else reader.skip(value);
  }
  return values;
}

function groupName(group: number): string {
  return groupNames[group] ?? `group ${group}`;
}

/** RFC 2407 §4.6.2: names as they are, others by their octets. */
function identityIn(body: Uint8Array): string {
  const type = body[0] ?? 0;
  const value = body.subarray(4);
  if (type === 1 && value.byteLength === 4) return [...value].join('.');
  const isText = type === 2 || type === 3;
  return isText ? new TextDecoder().decode(value).replace(/[^\u0020-\u007e]/g, '?') : hexadecimal(value);
}
