import type { Disclosure, DisclosureKind } from '../model/disclosure.ts';
import { isOpen } from '../model/exposure.ts';
import type { Finding, ReportSecureConnection } from '../model/report.ts';
import { mask } from '../signal/card-number.ts';
import { boundedText } from '../signalling/bounded-text.ts';
import { findingOf, inOrderOfHarm } from './catalogue.ts';
import { countText } from './verdict.ts';

/** What is wrong with the network as a whole, beside its calls. */
export function networkFindings({
  connections,
  disclosures,
  lostPackets,
  cutPackets,
  recordsBroken,
}: {
  readonly connections: readonly ReportSecureConnection[];
  readonly disclosures: readonly Disclosure[];
  /** Packets of media, and stretches of connections, that the capture lacks. */
  readonly lostPackets: number;
  readonly cutPackets: number;
  readonly recordsBroken: readonly string[];
}): readonly Finding[] {
  return inOrderOfHarm([
    ...recordsBroken.map((sentence) => findingOf('records-not-verified', sentence, [])),
    ...connectionFindings(connections),
    ...disclosureFindings(disclosures),
    ...writtenCards(disclosures),
    ...captureFindings(lostPackets, cutPackets),
  ]);
}

function* connectionFindings(connections: readonly ReportSecureConnection[]): Generator<Finding> {
  const byCode = new Map<string, { readonly words: Set<string>; readonly connections: ReportSecureConnection[] }>();
  const add = (code: string, words: string, connection: ReportSecureConnection) => {
    const entry = byCode.get(code) ?? { words: new Set<string>(), connections: [] };
    byCode.set(code, entry);
    entry.words.add(words);
    if (entry.connections.at(-1) !== connection) entry.connections.push(connection);
  };
  for (const connection of connections) {
    for (const weakness of connection.weaknesses) add(codeOfWeakness(weakness, connection), weakness, connection);
    if (connection.opened === 'given-key') add('tls-opened', suiteOf(connection), connection);
    if (connection.protocol === 'tls' && connection.mutual === false) {
      add('tls-no-client-certificate', suiteOf(connection), connection);
    }
  }
  for (const [code, { words, connections: shown }] of byCode) {
    const [first] = shown;
    const where = first === undefined ? '' : `, first from ${first.client} to ${first.server}`;
    const detail = `${countText(shown.length, 'connection')}${where}: ${[...words].slice(0, 4).join('; ')}.`;
    const packets = shown.map(({ firstPacket }) => firstPacket);
    yield findingOf(code, detail, [{ packets, says: 'first packet of the connection' }]);
  }
}

function suiteOf({ version, suite }: ReportSecureConnection): string {
  return [version, suite].filter((part) => part !== null).join(' ') || 'handshake not in the capture';
}

/** Which entry of the catalogue speaks of a weakness: by the code that its text begins with. */
function codeOfWeakness(weakness: string, { protocol }: ReportSecureConnection): string {
  if (protocol === 'esp') return 'esp-null';
  if (protocol === 'ike') return 'ike-weak';
  return codesOfWeaknesses[weakness.split(':', 1)[0] ?? ''] ?? 'tls-weak';
}

const codesOfWeaknesses: Readonly<Record<string, string>> = {
  'ssl-2': 'tls-old-version',
  'ssl-3': 'tls-old-version',
  'tls-1-0': 'tls-old-version',
  'tls-1-1': 'tls-old-version',
  'dtls-1-0': 'tls-old-version',
  'null-cipher': 'tls-null-suite',
  'export-cipher': 'tls-weak-suite',
  'anonymous-key-exchange': 'tls-anonymous',
  'des-cipher': 'tls-weak-suite',
  'triple-des-cipher': 'tls-weak-suite',
  'rc4-cipher': 'tls-weak-suite',
  'rc2-cipher': 'tls-weak-suite',
  'md5-mac': 'tls-weak-suite',
  'no-forward-secrecy': 'tls-no-forward-secrecy',
  'small-diffie-hellman-group': 'tls-weak-suite',
  'small-curve': 'tls-weak-suite',
  'rsa-key-below-2048': 'tls-weak-certificate',
  'small-certificate-curve': 'tls-weak-certificate',
  'md5-certificate-signature': 'tls-weak-certificate',
  'sha-1-certificate-signature': 'tls-weak-certificate',
  'certificate-expired': 'tls-certificate-expired',
  'certificate-not-yet-valid': 'tls-certificate-expired',
};

const codesOfDisclosures: Readonly<Record<DisclosureKind, string | undefined>> = {
  'clear-password': 'clear-password',
  'crackable-digest': 'crackable-digest',
  'phone-configuration': 'phone-configuration-in-clear',
  'trust-list': undefined,
  'enrolment-secret': 'enrolment-secret-in-clear',
  registration: 'registration-in-clear',
  message: 'message-in-clear',
};

/** Of registrations by other protocols than SIP. */
const registrationOf: Readonly<Record<string, { readonly fix: string; readonly rules: readonly string[] }>> = {
  h323: { fix: 'Put RAS between these gateways and their gatekeeper into IPsec.', rules: ['ITU-T H.235.0'] },
  skinny: {
    fix: 'Give the phones an encrypted security profile, so that their Skinny goes by TLS (port 2443).',
    rules: ['NIST SP 800-58 §5'],
  },
};

function* disclosureFindings(disclosures: readonly Disclosure[]): Generator<Finding> {
  const byCode = new Map<string, Disclosure[]>();
  for (const disclosure of disclosures) {
    if (!isOpen(disclosure.exposure)) continue;
    const code = codeOfDisclosure(disclosure);
    if (code === undefined) continue;
    const list = byCode.get(code);
    if (list === undefined) byCode.set(code, [disclosure]);
    else list.push(disclosure);
  }
  for (const [code, list] of byCode) {
    const subjects = [...new Set(list.map(({ subject }) => boundedText(subject) ?? '?'))];
    const more = subjects.length > 4 ? ` and ${subjects.length - 4} more` : '';
    const [first] = list;
    const detail = `${subjects.slice(0, 4).join(', ')}${more}: ${boundedText(first?.detail) ?? ''}`;
    yield findingOf(code, detail, [{ packets: list.map(({ place }) => place.number), says: first?.protocol ?? '' }], {
      ...(code === 'registration-in-clear' && list.every(({ protocol }) => protocol === first?.protocol)
        ? registrationOf[first?.protocol ?? '']
        : {}),
    });
  }
}

/** Card numbers in what people wrote to each other beside calls. */
function* writtenCards(disclosures: readonly Disclosure[]): Generator<Finding> {
  const open = disclosures.filter(({ exposure, cards = [] }) => isOpen(exposure) && cards.length > 0);
  const [digits] = open.flatMap(({ cards = [] }) => cards);
  if (digits === undefined) return;
  yield findingOf('card-number-heard', `${mask(digits)}, in the body of a message (${open[0]?.protocol}).`, [
    { packets: open.map(({ place }) => place.number), says: 'the number stands in it' },
  ]);
}

/** A trust list is meant to be read by everybody; one without a signature is not to be believed. */
function codeOfDisclosure({ kind, detail, isProtected }: Disclosure): string | undefined {
  if (isProtected === true) return undefined;
  if (kind === 'trust-list')
    return /unsigned|not signed|no signature|without a signature/i.test(detail) ? 'trust-list-unsigned' : undefined;
  return codesOfDisclosures[kind];
}

function* captureFindings(lostPackets: number, cutPackets: number): Generator<Finding> {
  if (lostPackets > 0) {
    yield findingOf(
      'capture-loses-packets',
      `${countText(lostPackets, 'packet')} of media by their sequence numbers.`,
      [],
    );
  }
  if (cutPackets > 0)
    yield findingOf(
      'capture-cut',
      `${countText(cutPackets, 'packet')} of which the capture has less than was sent.`,
      [],
    );
}
