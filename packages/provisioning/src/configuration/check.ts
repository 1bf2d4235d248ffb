import { isXmlName, isXmlText, Redacted } from '@trustline/base';
import { ConfigurationError } from './error.ts';
import type { ConfigurationFile, OtherElement, PhoneConfiguration, PhoneLine } from './phone-configuration.ts';
import { MAXIMUM_SERVERS } from './values.ts';
import { MAXIMUM_DEPTH } from './xml.ts';

/** Names of the root's elements that have a field, so that nothing can be said twice in one file. */
const ownNames = {
  root: [
    'fullConfig',
    'deviceProtocol',
    'ipAddressMode',
    'devicePool',
    'sipProfile',
    'loadInformation',
    'versionStamp',
    'deviceSecurityMode',
    'transportLayerProtocol',
    'TLSResumptionTimer',
    'TVS',
    'capfAuthMode',
    'capfList',
    'certHash',
    'encrConfig',
  ],
  devicePool: ['callManagerGroup'],
  sipProfile: ['phoneLabel', 'sipLines'],
  line: ['featureLabel', 'proxy', 'port', 'name', 'displayName', 'authName', 'authPassword', 'contact'],
} as const;

/** @throws {ConfigurationError} for what a phone could not read, or would read as something else. */
export function checkWritable(file: ConfigurationFile): void {
  for (const { host, port } of file.capf.servers) {
    checkHost(host);
    checkPort(port);
  }
  checkText('the firmware', file.loadInformation ?? '');
  if (!/^([0-9a-f]{32})?$/.test(file.certificateHash ?? '')) refuse('The hash of the certificate is no MD5 in hex');
  if (file.kind === 'stub') return;
  checkCount('call managers', file.managers);
  for (const manager of file.managers) {
    checkHost(manager.host);
    const { ethernetPhonePort, securedEthernetPhonePort, sipPort, securedSipPort } = manager;
    for (const port of [ethernetPhonePort, securedEthernetPhonePort, sipPort, securedSipPort]) checkPort(port ?? 1);
  }
  checkOthers(file.others.root, ownNames.root);
  checkOthers(file.others.devicePool, ownNames.devicePool);
  if (file.kind === 'full') checkFull(file);
  if (file.kind === 'default') {
    for (const load of file.loads) {
      checkText('a firmware', load.load);
      checkText('a model', load.model ?? '');
      if (!isWhole(load.deviceType, 0, 999_999)) refuse('The number of a device type is not from 0 to 999999');
    }
    if (new Set(file.loads.map(({ deviceType }) => deviceType)).size < file.loads.length) {
      refuse('Two firmwares are for the same device type');
    }
  }
}

function checkFull(file: PhoneConfiguration): void {
  checkCount('TVS servers', file.trustVerification);
  for (const { host, port } of file.trustVerification) {
    checkHost(host);
    checkPort(port);
  }
  if (!isWhole(file.tlsResumptionTimer ?? 0, 0, 86_400)) refuse('The TLS resumption timer is not 0 to 86400 seconds');
  checkText('the version stamp', file.versionStamp ?? '');
  checkText('the label of the phone', file.phoneLabel ?? '');
  checkOthers(file.others.sipProfile, ownNames.sipProfile);
  for (const line of file.lines) checkLine(line);
  if (new Set(file.lines.map(({ button }) => button)).size < file.lines.length)
    refuse('Two lines have the same button');
}

function checkLine(line: PhoneLine): void {
  if (!isWhole(line.button, 1, 999)) refuse('The button of a line is not a number from 1 to 999');
  checkPort(line.port ?? 1);
  const texts = [line.name, line.displayName, line.label, line.proxy, line.contact, line.authentication?.name];
  for (const text of texts) checkText('a text of a line', text ?? '');
  checkText('the password of a line', line.authentication?.password.reveal() ?? '');
  checkOthers(line.others, ownNames.line);
}

function checkOthers(others: readonly OtherElement[], owned: readonly string[]): void {
  for (const element of others) {
    if (owned.includes(element.name) || /^loadInformation\d/.test(element.name)) {
      refuse(`<${element.name}> has a field of its own and cannot be among the others`);
    }
    checkOther(element, 4);
  }
}

function checkOther({ name, attributes, children, text }: OtherElement, depth: number): void {
  if (depth > MAXIMUM_DEPTH) refuse(`More than ${MAXIMUM_DEPTH} elements contain each other`);
  const names = [name, ...Object.keys(attributes)];
  if (!names.every(isXmlName)) refuse('The name of an element or attribute is none that phones know');
  const plain = text instanceof Redacted ? text.reveal() : text;
  for (const value of [plain, ...Object.values(attributes)]) {
    if (!isXmlText(value)) refuse(`<${name}> has a character that XML cannot carry`);
  }
  if (children.length > 0 && plain !== '') refuse(`<${name}> has text beside elements`);
  for (const child of children) checkOther(child, depth + 1);
}

function checkCount(what: string, list: readonly unknown[]): void {
  if (list.length > MAXIMUM_SERVERS)
    refuse(`A phone has room for ${MAXIMUM_SERVERS} ${what}, these are ${list.length}`);
}

function checkHost(host: string): void {
  if (!/^[A-Za-z0-9._:%-]{1,255}$/.test(host)) refuse('A server is neither a host name nor an address');
}

function checkPort(port: number): void {
  if (!isWhole(port, 1, 65_535)) refuse('A port is not a number from 1 to 65535');
}

/** No line breaks either: these texts are shown in one line, or end up in a SIP header. */
function checkText(what: string, text: string): void {
  if (!isXmlText(text) || /[\t\n\r]/.test(text)) refuse(`${what} has a character that phones cannot show`);
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function refuse(message: string): never {
  throw new ConfigurationError(
    `${message[0]?.toUpperCase()}${message.slice(1)}.`,
    'Correct the device or the setting it came from.',
  );
}
