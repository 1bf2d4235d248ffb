import { type NewXmlElement, Redacted, writeXml, type XmlContent } from '@trustline/base';
import { checkWritable } from './check.ts';
import type {
  CallManagerAddress,
  ConfigurationFile,
  DefaultConfiguration,
  DefaultLoad,
  OtherElement,
  PhoneConfiguration,
  PhoneLine,
  ServerAddress,
  StubConfiguration,
} from './phone-configuration.ts';
import { capfAuthentications, securityModes, transports } from './values.ts';

/**
 * Writes a configuration as SIP desk phones read it: names and order of elements are those of CUCM's files and of the
 * public samples. An absent field has no element.
 *
 * @throws {ConfigurationError} provisioning.configuration-unwritable
 */
export function serializeConfiguration(file: ConfigurationFile): Uint8Array {
  checkWritable(file);
  switch (file.kind) {
    case 'full':
      return writeXml(element('device', fullElements(file)));
    case 'stub':
      return writeXml(element('device', stubElements(file)));
    case 'default':
      return writeXml(element('Default', defaultElements(file)));
  }
}

function element(name: string, content: XmlContent, attributes: Readonly<Record<string, string>> = {}): NewXmlElement {
  return { name, content, attributes };
}

function optional(name: string, value: string | number | undefined): readonly NewXmlElement[] {
  return value === undefined ? [] : [element(name, String(value))];
}

function fullElements(file: PhoneConfiguration): readonly NewXmlElement[] {
  return [
    element('fullConfig', 'true'),
    ...optional('deviceProtocol', file.deviceProtocol),
    ...optional('ipAddressMode', file.ipAddressMode),
    ...devicePool(file),
    ...sipProfile(file),
    ...optional('loadInformation', file.loadInformation),
    ...optional('versionStamp', file.versionStamp),
    ...security(file),
    ...optional('TLSResumptionTimer', file.tlsResumptionTimer),
    ...trustVerification(file.trustVerification),
    ...certificates(file),
    ...file.others.root.map(other),
  ];
}

/** In the order of the stub that Cisco shows, which is complete: an empty `certHash` and `capfList` stay. */
function stubElements(file: StubConfiguration): readonly NewXmlElement[] {
  return [
    element('fullConfig', 'false'),
    ...optional('loadInformation', file.loadInformation),
    ...optional('ipAddressMode', file.ipAddressMode),
    ...certificates(file),
  ];
}

function defaultElements(file: DefaultConfiguration): readonly NewXmlElement[] {
  return [
    element('fullConfig', 'true'),
    ...optional('ipAddressMode', file.ipAddressMode),
    ...devicePool(file),
    ...optional('loadInformation', file.loadInformation),
    ...file.loads.map(defaultLoad),
    ...security(file),
    ...certificates(file),
    ...file.others.root.map(other),
  ];
}

function devicePool(file: PhoneConfiguration | DefaultConfiguration): readonly NewXmlElement[] {
  const managers = file.managers.map((manager, priority) => member(priority, [callManager(manager)]));
  const group = managers.length === 0 ? [] : [element('callManagerGroup', [element('members', managers)])];
  const content = [...file.others.devicePool.map(other), ...group];
  return content.length === 0 ? [] : [element('devicePool', content)];
}

function member(priority: number, content: readonly NewXmlElement[]): NewXmlElement {
  return element('member', content, { priority: String(priority) });
}

function callManager(manager: CallManagerAddress): NewXmlElement {
  const ports = [
    ...optional('ethernetPhonePort', manager.ethernetPhonePort),
    ...optional('securedEthernetPhonePort', manager.securedEthernetPhonePort),
    ...optional('sipPort', manager.sipPort),
    ...optional('securedSipPort', manager.securedSipPort),
  ];
  return element('callManager', [element('ports', ports), element('processNodeName', manager.host)]);
}

function sipProfile(file: PhoneConfiguration): readonly NewXmlElement[] {
  const content = [
    ...file.others.sipProfile.map(other),
    ...optional('phoneLabel', file.phoneLabel),
    ...(file.lines.length === 0 ? [] : [element('sipLines', file.lines.map(line))]),
  ];
  return content.length === 0 ? [] : [element('sipProfile', content)];
}

function line(value: PhoneLine): NewXmlElement {
  const { authentication } = value;
  const content = [
    ...optional('featureLabel', value.label),
    ...optional('proxy', value.proxy),
    ...optional('port', value.port),
    element('name', value.name),
    ...optional('displayName', value.displayName),
    ...optional('authName', authentication?.name),
    ...optional('authPassword', authentication?.password.reveal()),
    ...optional('contact', value.contact),
    ...value.others.map(other),
  ];
  return element('line', content, { button: String(value.button) });
}

function defaultLoad({ deviceType, model, load }: DefaultLoad): NewXmlElement {
  const name = `loadInformation${String(deviceType).padStart(5, '0')}`;
  return element(name, load, model === undefined ? {} : { model });
}

function security(file: PhoneConfiguration | DefaultConfiguration): readonly NewXmlElement[] {
  const { deviceSecurityMode: mode, transport } = file;
  return [
    ...optional('deviceSecurityMode', mode === undefined ? undefined : securityModes[mode]),
    ...optional('transportLayerProtocol', transport === undefined ? undefined : transports[transport]),
  ];
}

function trustVerification(servers: readonly ServerAddress[]): readonly NewXmlElement[] {
  if (servers.length === 0) return [];
  const members = servers.map(({ host, port }, priority) =>
    member(priority, [element('port', String(port)), element('address', host)]),
  );
  return [element('TVS', [element('members', members)])];
}

function certificates(file: ConfigurationFile): readonly NewXmlElement[] {
  const servers = file.capf.servers.map(({ host, port }) =>
    element('capf', [element('phonePort', String(port)), element('processNodeName', host)]),
  );
  return [
    element('capfAuthMode', String(capfAuthentications[file.capf.authentication])),
    element('capfList', servers),
    element('certHash', file.certificateHash ?? ''),
    element('encrConfig', String(file.encrypted)),
  ];
}

function other({ name, attributes, children, text }: OtherElement): NewXmlElement {
  const plain = text instanceof Redacted ? text.reveal() : text;
  return element(name, children.length > 0 ? children.map(other) : plain, attributes);
}
