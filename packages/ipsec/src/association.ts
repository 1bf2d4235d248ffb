import { IpsecError } from './error.ts';
import { readSelector, type TrafficSelector } from './selector.ts';
import { listAt, sectionAt, sectionsOf, textAt, type ViciMessage } from './vici/message.ts';

/** What an IKE association says of itself in `list-sas`; nothing of it is believed beyond the call that asked. */
export interface IkeAssociation {
  /** The name of the connection in our configuration. */
  readonly connection: string;
  readonly uniqueId: string;
  readonly version: string;
  /** `ESTABLISHED` is the only state in which children may protect anything. */
  readonly state: string;
  readonly localHost: string;
  readonly remoteHost: string;
  readonly localId: string;
  /** The identity that the far end proved. */
  readonly remoteId: string;
  readonly algorithms: Algorithms;
  /** Seconds since it was established. */
  readonly establishedFor: number | undefined;
  readonly children: readonly ChildAssociation[];
}

export interface Algorithms {
  readonly encryption: string | undefined;
  readonly keyBits: number | undefined;
  /** Absent for authenticated encryption such as AES-GCM. */
  readonly integrity: string | undefined;
  readonly pseudoRandomFunction: string | undefined;
  readonly keyExchange: string | undefined;
}

/** What protects packets: one pair of ESP associations. */
export interface ChildAssociation {
  readonly name: string;
  /** `INSTALLED`, or the state of one that is being replaced. */
  readonly state: string;
  readonly mode: string;
  readonly protocol: string;
  readonly encapsulated: boolean;
  readonly spiIn: string;
  readonly spiOut: string;
  readonly algorithms: Algorithms;
  readonly octetsIn: number;
  readonly octetsOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Seconds until it is replaced, where it will be. */
  readonly rekeyIn: number | undefined;
  /** A selector that could not be read is left out: it protects nothing. */
  readonly localSelectors: readonly TrafficSelector[];
  readonly remoteSelectors: readonly TrafficSelector[];
  /** As the daemon prints them, for people. */
  readonly selectorTexts: { readonly local: readonly string[]; readonly remote: readonly string[] };
}

/** Reads the body of one `list-sa` event. Throws `ipsec.unreadable-association` where a field is missing. */
export function readAssociations(event: ViciMessage): readonly IkeAssociation[] {
  return sectionsOf(event).map(({ name, elements }) => readIke(name, elements));
}

function readIke(connection: string, fields: ViciMessage): IkeAssociation {
  const needed = (name: string) => textAt(fields, name) ?? missing(connection, name);
  return {
    connection,
    uniqueId: needed('uniqueid'),
    version: needed('version'),
    state: needed('state'),
    localHost: needed('local-host'),
    remoteHost: needed('remote-host'),
    localId: textAt(fields, 'local-id') ?? '',
    remoteId: textAt(fields, 'remote-id') ?? '',
    algorithms: readAlgorithms(fields),
    establishedFor: numberAt(fields, 'established'),
    children: sectionsOf(sectionAt(fields, 'child-sas') ?? []).map(({ elements }) => readChild(connection, elements)),
  };
}

function readChild(connection: string, fields: ViciMessage): ChildAssociation {
  const needed = (name: string) => textAt(fields, name) ?? missing(connection, `child-sas.${name}`);
  const local = listAt(fields, 'local-ts');
  const remote = listAt(fields, 'remote-ts');
  return {
    name: needed('name'),
    state: needed('state'),
    mode: textAt(fields, 'mode') ?? '',
    protocol: textAt(fields, 'protocol') ?? '',
    encapsulated: textAt(fields, 'encap') === 'yes',
    spiIn: textAt(fields, 'spi-in') ?? '',
    spiOut: textAt(fields, 'spi-out') ?? '',
    algorithms: readAlgorithms(fields),
    octetsIn: numberAt(fields, 'bytes-in') ?? 0,
    octetsOut: numberAt(fields, 'bytes-out') ?? 0,
    packetsIn: numberAt(fields, 'packets-in') ?? 0,
    packetsOut: numberAt(fields, 'packets-out') ?? 0,
    rekeyIn: numberAt(fields, 'rekey-time'),
    localSelectors: readSelectors(local),
    remoteSelectors: readSelectors(remote),
    selectorTexts: { local, remote },
  };
}

function readAlgorithms(fields: ViciMessage): Algorithms {
  return {
    encryption: textAt(fields, 'encr-alg'),
    keyBits: numberAt(fields, 'encr-keysize'),
    integrity: textAt(fields, 'integ-alg'),
    pseudoRandomFunction: textAt(fields, 'prf-alg'),
    keyExchange: textAt(fields, 'dh-group'),
  };
}

function readSelectors(texts: readonly string[]): readonly TrafficSelector[] {
  return texts.flatMap((text) => readSelector(text) ?? []);
}

function numberAt(fields: ViciMessage, name: string): number | undefined {
  const text = textAt(fields, name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function missing(connection: string, field: string): never {
  throw new IpsecError('ipsec.unreadable-association', `The IKE daemon described ${connection} without ${field}`, {
    nextStep: 'check the version of strongSwan; until this is read the connection counts as unprotected',
  });
}

const authenticatedEncryption = /^(?:AES_GCM|AES_CCM|CHACHA20_POLY1305|CAMELLIA_CCM)/;

/** Whether packets are both encrypted and authenticated: ESP with NULL, or without integrity, is neither. */
export function encryptsAndAuthenticates(child: ChildAssociation): boolean {
  const { encryption, integrity } = child.algorithms;
  if (child.protocol !== 'ESP' || encryption === undefined || encryption.startsWith('NULL')) return false;
  return authenticatedEncryption.test(encryption) || (integrity !== undefined && integrity !== 'NONE');
}

const weakNames = /^(?:3DES|DES|BLOWFISH|CAST|HMAC_MD5|HMAC_SHA1|PRF_HMAC_SHA1|PRF_HMAC_MD5|MODP_(?:768|1024|1536)$)/;

/** The algorithms in it that are weak by RFC 8247 and RFC 8221; empty where none is. */
export function weakAlgorithms(algorithms: Algorithms): readonly string[] {
  const { encryption, integrity, pseudoRandomFunction, keyExchange } = algorithms;
  return [encryption, integrity, pseudoRandomFunction, keyExchange].flatMap((name) =>
    name !== undefined && weakNames.test(name) ? [name] : [],
  );
}
