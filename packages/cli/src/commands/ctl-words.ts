import type { PublicationAnswer } from '@trustline/manager';
import type { ManagerClient } from '@trustline/manager/node';
import { printable, table } from '../terminal.ts';
import type { CtlCluster } from './ctl-cluster.ts';

/** Devices that a sentence names; the JSON output has them all. */
const namedPhones = 8;

/** Each server's certificate, for comparing. */
export function fingerprints({ answer }: CtlCluster): string {
  const rows = answer.servers.map(({ service, subject, notAfter, fingerprint }) => [
    service,
    subject,
    notAfter.slice(0, 10),
    fingerprint,
  ]);
  const head = `What the servers of ${answer.hostName} show. Compare it with what trustline pki status --json says on the server itself.\n`;
  return `${head}${table(['SERVICE', 'SUBJECT', 'UNTIL', 'SHA-256'], rows)}\n`;
}

export function changesInWords(changes: readonly string[]): string {
  const sentences = changes.length === 0 ? ['nothing but the time of signing'] : changes;
  return `What changes:\n${sentences.map((one) => `  ${printable(one)}\n`).join('')}`;
}

/** What the known phones would make of a list, and why it may not be published, if so. */
export function judgementInWords({ simulation, problems, lab }: PublicationAnswer): string {
  const lines = [
    ...phonesInWords(simulation),
    ...(lab ? ['A token of the list is a LAB SOFTWARE TOKEN: the list is marked so.'] : []),
    ...problems.flatMap(({ message, nextStep }) => [
      `Problem: ${printable(message)}`,
      `  next: ${printable(nextStep)}`,
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function phonesInWords({ accepting, healing, locked }: PublicationAnswer['simulation']): readonly string[] {
  const known = accepting + healing.length + locked.length;
  if (known === 0) return ['No phone is known to hold a list: none can be locked out.'];
  return [
    `Phones that hold lists, or may: ${known}.`,
    `  ${accepting} take it, knowing who signed.`,
    ...(healing.length > 0
      ? [`  ${healing.length} take it because TVS vouches for the signer: ${names(healing)}.`]
      : []),
    ...(locked.length > 0 ? [`  ${locked.length} would REFUSE it and be locked out:`] : ['  None would refuse it.']),
    ...locked.slice(0, namedPhones).map(({ device, words }) => `    ${device}: ${printable(words)}`),
    ...(locked.length > namedPhones ? [`    and ${locked.length - namedPhones} more`] : []),
  ];
}

/** Who could not register once the cluster has left mixed mode. */
export async function leftBehindInWords(client: ManagerClient): Promise<string> {
  const { securityMode, phones } = await client.trust();
  const behind = phones.filter(({ leftBehind }) => leftBehind !== null);
  if (securityMode !== 'mixed' || behind.length === 0) return '';
  const lines = behind
    .slice(0, namedPhones)
    .map(({ device, leftBehind }) => `  ${device}: ${printable(leftBehind?.words ?? '')}`);
  const more = behind.length > namedPhones ? [`  and ${behind.length - namedPhones} more`] : [];
  return `${[`${behind.length} could not register without mixed mode:`, ...lines, ...more].join('\n')}\n`;
}

/** An ISO 8601 time as people read it. */
export function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}

export function names(devices: readonly string[]): string {
  const shown = devices.slice(0, namedPhones).join(', ');
  return devices.length > namedPhones ? `${shown} and ${devices.length - namedPhones} more` : shown;
}
