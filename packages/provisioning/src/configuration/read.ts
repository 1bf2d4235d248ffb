import { Redacted, type XmlElement } from '@trustline/base';
import { Fields, numberOf, Unreadable } from './fields.ts';
import type {
  CallManagerAddress,
  CapfSettings,
  ConfigurationFile,
  DefaultConfiguration,
  DefaultLoad,
  PhoneConfiguration,
  PhoneLine,
  ServerAddress,
  StubConfiguration,
} from './phone-configuration.ts';
import {
  capfAuthentications,
  MAXIMUM_SERVERS,
  PORT_OF_CAPF,
  PORT_OF_TVS,
  securityModes,
  transports,
} from './values.ts';
import { type ConfigurationReject, readXml, reject } from './xml.ts';

export type ConfigurationResult = { readonly ok: true; readonly file: ConfigurationFile } | ConfigurationReject;

/**
 * Reads a phone's configuration file, its stub, or the default file. Never throws.
 *
 * Lenient about elements that it does not know: those of the root, of `devicePool`, `sipProfile` and `line` are kept,
 * deeper ones are passed over. Strict about those it knows: twice, or with a value that has no meaning, they make the
 * file unreadable.
 */
export function parseConfiguration(octets: Uint8Array): ConfigurationResult {
  const document = readXml(octets);
  if (!document.ok) return document;
  try {
    const file = readRoot(document.root);
    return file === undefined
      ? reject('root', document.root.offset, 'Its root is neither <device> nor <Default>')
      : { ok: true, file };
  } catch (error) {
    if (error instanceof Unreadable) return error.reject;
    throw error;
  }
}

function readRoot(root: XmlElement): ConfigurationFile | undefined {
  const fields = new Fields(root);
  const isFull = fields.flag('fullConfig') ?? true;
  if (root.name === 'Default') return readDefault(fields);
  if (root.name !== 'device') return undefined;
  return isFull ? readFull(fields) : readStub(fields);
}

function readStub(fields: Fields): StubConfiguration {
  return { kind: 'stub', ...readCommon(fields) };
}

function readCommon(fields: Fields): Omit<StubConfiguration, 'kind'> {
  const capf = readCapf(fields);
  const encrypted = fields.flag('encrConfig') ?? false;
  return {
    capf,
    encrypted,
    ...present({
      loadInformation: fields.text('loadInformation'),
      ipAddressMode: fields.number('ipAddressMode', 0, 9),
      certificateHash: readHash(fields),
    }),
  };
}

function readHash(fields: Fields): string | undefined {
  const element = fields.take('certHash');
  const hash = element?.text.trim().toLowerCase() ?? '';
  if (element === undefined || hash === '') return undefined;
  if (!/^[0-9a-f]{32}$/.test(hash)) throw new Unreadable('bad-value', element.offset, '<certHash> is no MD5 in hex');
  return hash;
}

/** `capf`, then `capf6`: the same for IPv6. One without a host is a template's empty place. */
function readCapf(fields: Fields): CapfSettings {
  const authentication = fields.word('capfAuthMode', capfAuthentications) ?? 'none-pending';
  const list = fields.within('capfList');
  const elements = [...list.takeAll('capf'), ...list.takeAll('capf6')];
  const servers = elements.map((element) => {
    const server = new Fields(element);
    return readServer(server.text('processNodeName'), server.number('phonePort', 1, 65_535) ?? PORT_OF_CAPF);
  });
  return { authentication, servers: servers.filter((server) => server !== undefined) };
}

function readServer(host: string | undefined, port: number): ServerAddress | undefined {
  const name = host?.trim() ?? '';
  return name === '' ? undefined : { host: name, port };
}

/** `members/member[@priority]`, by priority: the lowest is tried first. */
function readMembers(list: Fields): readonly XmlElement[] {
  const members = list.within('members').takeAll('member');
  if (members.length > MAXIMUM_SERVERS) {
    const offset = members[MAXIMUM_SERVERS]?.offset ?? 0;
    throw new Unreadable('bad-value', offset, `There are more than ${MAXIMUM_SERVERS} members`);
  }
  return members
    .map((member, at) => ({ member, priority: numberOf(member.attributes['priority'] ?? '', member, 0, 99) ?? at }))
    .toSorted((left, right) => left.priority - right.priority)
    .map(({ member }) => member);
}

function readManager(member: XmlElement): CallManagerAddress | undefined {
  const manager = new Fields(member).within('callManager');
  const ports = manager.within('ports');
  const host = manager.text('processNodeName')?.trim() ?? '';
  if (host === '') return undefined;
  return {
    host,
    ...present({
      ethernetPhonePort: ports.number('ethernetPhonePort', 1, 65_535),
      securedEthernetPhonePort: ports.number('securedEthernetPhonePort', 1, 65_535),
      sipPort: ports.number('sipPort', 1, 65_535),
      securedSipPort: ports.number('securedSipPort', 1, 65_535),
    }),
  };
}

function readTelephony(fields: Fields) {
  const pool = fields.within('devicePool');
  const members = readMembers(pool.within('callManagerGroup'));
  return {
    ...readCommon(fields),
    managers: members.map(readManager).filter((manager) => manager !== undefined),
    ...present({
      deviceSecurityMode: fields.word('deviceSecurityMode', securityModes),
      transport: fields.word('transportLayerProtocol', transports),
    }),
    pool,
  };
}

function readFull(fields: Fields): PhoneConfiguration {
  const { pool, ...telephony } = readTelephony(fields);
  const profile = fields.within('sipProfile');
  const trustVerification = readMembers(fields.within('TVS')).map((member) => {
    const server = new Fields(member);
    return readServer(server.text('address'), server.number('port', 1, 65_535) ?? PORT_OF_TVS);
  });
  return {
    kind: 'full',
    ...telephony,
    lines: profile.within('sipLines').takeAll('line').map(readLine),
    trustVerification: trustVerification.filter((server) => server !== undefined),
    ...present({
      deviceProtocol: readProtocol(fields),
      phoneLabel: profile.text('phoneLabel'),
      versionStamp: fields.text('versionStamp'),
      tlsResumptionTimer: fields.number('TLSResumptionTimer', 0, 86_400),
    }),
    others: { root: fields.others(), devicePool: pool.others(), sipProfile: profile.others() },
  };
}

function readProtocol(fields: Fields): 'SIP' | 'SCCP' | undefined {
  const element = fields.take('deviceProtocol');
  const protocol = element?.text.trim() ?? '';
  if (element === undefined || protocol === '') return undefined;
  if (protocol === 'SIP' || protocol === 'SCCP') return protocol;
  throw new Unreadable('bad-value', element.offset, '<deviceProtocol> is neither SIP nor SCCP');
}

function readLine(element: XmlElement): PhoneLine {
  const line = new Fields(element);
  const button = numberOf(element.attributes['button'] ?? '', element, 1, 999);
  if (button === undefined) throw new Unreadable('bad-value', element.offset, 'A <line> has no button');
  const [name, password] = [line.text('authName'), line.text('authPassword')];
  const isAuthenticated = name !== undefined || password !== undefined;
  return {
    button,
    name: line.text('name') ?? '',
    ...present({
      displayName: line.text('displayName'),
      label: line.text('featureLabel'),
      proxy: line.text('proxy'),
      port: line.number('port', 1, 65_535),
      contact: line.text('contact'),
      authentication: isAuthenticated ? { name: name ?? '', password: new Redacted(password ?? '') } : undefined,
    }),
    others: line.others(),
  };
}

function readDefault(fields: Fields): DefaultConfiguration {
  const loads = fields.takeMatching(/^loadInformation\d{1,6}$/).map((element): DefaultLoad => {
    const deviceType = Number(element.name.slice('loadInformation'.length));
    return { deviceType, load: element.text, ...present({ model: element.attributes['model'] }) };
  });
  const { pool, ...telephony } = readTelephony(fields);
  return { kind: 'default', ...telephony, loads, others: { root: fields.others(), devicePool: pool.others() } };
}

/** Without the members that are undefined. */
function present<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof present<Members>
  >;
}
