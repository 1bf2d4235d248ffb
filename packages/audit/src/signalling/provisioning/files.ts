import type { TransportAddress } from '@trustline/capture';
import { describeRole, parseSignedFile, parseTrustList, trustRoles, verifyTrustList } from '@trustline/pki';
import type { Disclosure, DisclosureKind } from '../../model/disclosure.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import type { ReaderContext } from '../reader.ts';
import { findSecrets } from './secrets.ts';

/** Largest file that is put together, in octets: the configurations of phones have some ten thousand. */
export const LONGEST_FILE = 4 << 20;
/** How much of a file of settings is searched for secrets. */
const LONGEST_SETTINGS = 512 << 10;

/** A file that crossed the network. */
export interface SeenFile {
  /** As it was asked for. It is shown, and never a name of a file here. */
  readonly name: string;
  readonly octets: Uint8Array;
  /** Nothing of it is missing. */
  readonly isWhole: boolean;
  readonly protocol: string;
  /** Who gave it, and to whom. */
  readonly from: TransportAddress;
  readonly to: TransportAddress;
  readonly place: PacketPlace;
}

const uninteresting =
  /\.(?:sbn|loads|bin|ld|rom|fw|img|zz|z|tar|tgz|zip|jar|raw|pcm|wav|rwb|mp3|png|jpe?g|gif|bmp|ico|css|js|woff2?|deb|rpm|iso)$/i;
const listsOfRings = /^(?:dist)?ringlist|^g\dring|tones\.xml$|dictionary|\.loc$/i;

/** Whether a file of that name may tell something: firmware, sounds and pictures do not. */
export function isInteresting(name: string): boolean {
  const last = baseName(name);
  return !uninteresting.test(last) && !listsOfRings.test(last);
}

/** The last part of a path or URL, without a query. */
export function baseName(name: string): string {
  const path = name.split(/[?#]/, 1)[0] ?? '';
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** Tells what a file gives away: a trust list, a phone's configuration, and the secrets in it. */
export function readFile(file: SeenFile, context: ReaderContext): void {
  const { octets } = file;
  if (octets.byteLength === 0 || !isInteresting(file.name)) return;
  if (beginsSigned(octets)) {
    readSigned(file, context);
    return;
  }
  const text = settingsText(octets);
  if (text !== undefined) readSettings(file, text, [], context);
}

/** VERSION and HEADERLENGTH, which begin trust lists and signed files. */
function beginsSigned(octets: Uint8Array): boolean {
  return octets[0] === 1 && octets[1] === 0 && octets[2] === 2 && octets[5] === 2 && octets[6] === 0 && octets[7] === 2;
}

function readSigned(file: SeenFile, context: ReaderContext): void {
  const list = parseTrustList(file.octets);
  if (list.ok && (list.list.records.length > 0 || /\.tlv$/i.test(list.list.header.fileName))) {
    readTrustList(file, context);
    return;
  }
  const signed = parseSignedFile(file.octets);
  if (!signed.ok) {
    const kind: DisclosureKind = /tlv/i.test(file.name) ? 'trust-list' : 'phone-configuration';
    const why = file.isWhole ? signed.message : 'the capture has not all of it';
    disclose(kind, file, `it begins as a signed file, and cannot be read: ${why}`, context, { isProtected: true });
    return;
  }
  const { header, payload } = signed.file;
  const by = `signed by ${boundedText(header.signer.name) ?? 'nobody'}`;
  if (header.encryption !== undefined) {
    disclose('phone-configuration', file, `encrypted for the phone, ${by}`, context, { isProtected: true });
    return;
  }
  const text = settingsText(payload);
  if (text !== undefined) readSettings(file, text, [by], context);
}

function readTrustList(file: SeenFile, context: ReaderContext): void {
  const verified = verifyTrustList(file.octets);
  const parsed = parseTrustList(file.octets);
  if (!parsed.ok) return;
  const { records, header } = parsed.list;
  const roles = new Map<number, number>();
  for (const { role } of records) roles.set(role, (roles.get(role) ?? 0) + 1);
  const listed = [...roles].slice(0, 12).map(([role, count]) => `${count} ${describeRole(role)}`);
  const isMixedMode = records.some(
    ({ role, certificate }) =>
      (role === trustRoles.CCM || role === trustRoles['CCM+TFTP']) && certificate !== undefined,
  );
  const signer = boundedText(header.signer.name) ?? 'nobody';
  const words = [
    `${records.length} entries (${listed.join(', ')})`,
    verified.ok ? `signed by ${signer}, who is in it` : `its signature by ${signer} does not hold: ${verified.message}`,
    `${header.digest}`,
    ...(/^ctl/i.test(baseName(file.name)) ? [isMixedMode ? 'mixed mode' : 'no certificate of a call manager'] : []),
    ...(header.signature.every((octet) => octet === 0) ? ['unsigned'] : []),
  ];
  disclose('trust-list', file, words.join('; '), context);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const wideDecoder = new TextDecoder('utf-16le');

/** The text of a file of settings; undefined for what is none. */
function settingsText(octets: Uint8Array): string | undefined {
  const beginning = octets.subarray(0, LONGEST_SETTINGS);
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return wideDecoder.decode(beginning);
  const sample = beginning.subarray(0, 4_096);
  let control = 0;
  for (const octet of sample) if (octet < 0x20 && octet !== 9 && octet !== 10 && octet !== 13) control++;
  return control > sample.byteLength >> 6 ? undefined : decoder.decode(beginning);
}

/** Names and roots of files that configure phones, by what their makers use. */
const configurationName =
  /^(?:sep|ata|vg|vgc|gk|lib|sip|sk|an|spa|cp-?|xmldefault|cfg|y0|snom|polycom|config|phone|device|sys|aastra|mitel|46xxsettings|96x1|j100)[\w.$-]*\.(?:cnf|cfg|xml|txt|conf|ini|dat|htm)|\.cnf(?:\.xml)?|\.tuz$|^[0-9a-f]{12}(?:[\w-]*)\.(?:cfg|xml|conf|txt|ini|dat|boot)$/i;
const configurationRoot =
  /<(?:device|default|phone-settings|settings|gs_provision|flat-profile|router-configuration|polycomconfig|phoneconfig|provisioning|snom|config|APPLICATION|rpsfile)\b|^#!version:|^\[ ?(?:[\w/]+) ?\]|^(?:account|linekey|reg|voIpProt|sip line|SET )/im;

/** Whether a file of that name configures a phone, whatever it is said to be. */
export function isConfigurationName(name: string): boolean {
  return configurationName.test(baseName(name));
}

function readSettings(file: SeenFile, text: string, words: readonly string[], context: ReaderContext): void {
  const secrets = findSecrets(text);
  const isConfiguration =
    (configurationName.test(baseName(file.name)) && (configurationRoot.test(text) || secrets.length > 0)) ||
    (configurationRoot.test(text) && secrets.length > 0);
  if (isConfiguration) {
    const said = [...words, ...settingsOf(text), `${secrets.length} secrets`];
    if (!file.isWhole) said.push('the capture has not all of it');
    disclose('phone-configuration', file, said.join(', '), context);
  }
  if (!isConfiguration && !/\.(?:cfg|conf|ini|xml|txt|json|ya?ml|bak|config)$/i.test(baseName(file.name))) return;
  for (const { name, value, user } of secrets) {
    const whose = user === undefined ? '' : `, user ${boundedText(user)}`;
    disclose('clear-password', file, `${boundedText(name)}${whose}`, context, { secret: value });
  }
}

/** What a configuration says of the phone's security, in words. */
function* settingsOf(text: string): Generator<string> {
  const mode = /<deviceSecurityMode>\s*(\d)/i.exec(text)?.[1];
  if (mode !== undefined) {
    yield `device security mode ${{ 1: 'non-secure', 2: 'authenticated', 3: 'encrypted' }[mode] ?? mode}`;
  }
  const transport = /<transportLayerProtocol>\s*(\d)/i.exec(text)?.[1];
  if (transport !== undefined) {
    yield `SIP by ${{ 1: 'TCP', 2: 'UDP', 3: 'TLS', 4: 'TCP and UDP' }[transport] ?? transport}`;
  }
  // Cisco switches it off with 1.
  const web = /<webAccess>\s*(\d)/i.exec(text)?.[1];
  if (web !== undefined) yield web === '0' ? 'web access on' : 'web access off';
  const ssh = /<sshAccess>\s*(\d)/i.exec(text)?.[1];
  if (ssh !== undefined) yield ssh === '0' ? 'SSH on' : 'SSH off';
  if (/-----BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE KEY-----/.test(text)) yield 'a private key';
}

function disclose(
  kind: DisclosureKind,
  { name, protocol, from, to, place }: SeenFile,
  detail: string,
  { observations, exposure }: ReaderContext,
  more: Pick<Disclosure, 'secret' | 'isProtected'> = {},
): void {
  const subject = boundedText(baseName(name)) ?? 'a file';
  observations.disclose({ kind, place, protocol, from, to, exposure, subject, detail, ...more });
}
